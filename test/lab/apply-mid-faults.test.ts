import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { node1, node2, Program, pings } from "./applied.ts";
import { bareAgain } from "./bare-again.ts";
import { begin } from "./interrupted-program.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

const nodes = ["node103", "node104"];
const json = "/etc/docker/daemon.json";

/** Every kind of step of the classic set-up, by the line that begins it, and the node that it works on. */
const kinds = [
  { kind: "copying an image", begun: /begun .*big_computing .*node104|begun .*copy/, node: "node104" },
  { kind: "running the store", begun: /begun .*run consul/, node: "node103" },
  { kind: "waiting for the store", begun: /begun .*wait for a leader/, node: "node103" },
  { kind: "configuring an engine", begun: /begun .*daemon\.json on node104/, node: "node104" },
  { kind: "making a network", begun: /begun .*create the overlay/, node: "node103" },
  { kind: "running a container", begun: /begun .*run node2/, node: "node103" },
] as const;

onRealHosts("what goes wrong in the midst of a step", () => {
  let lab: Lab;
  let program: Program;
  let daemonJson: string;
  const on = (node: string, script: string, ...args: string[]) => lab.node(node).must(script, ...args);

  beforeAll(async () => {
    lab = await Lab.up({ name: "apply-mid-faults", flavour: "classic", nodes: 2, joined: false });
    program = new Program(lab);
    daemonJson = await on("node103", `cat ${json}`);
  });
  afterEach(() => bareAgain(lab, nodes, daemonJson));
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  async function enginesRun(): Promise<void> {
    for (const node of nodes) expect((await on(node, "systemctl is-active docker")).trim()).toBe("active");
  }

  /**
   * The rest is done by running it again. What a dying store kept of a container's place is taken away as the program says,
   * which it finds out one at a time.
   */
  async function finishes(): Promise<void> {
    let again = await program.apply();
    for (let attempt = 0; attempt < 3 && again.code !== 0; attempt++) {
      const advice = again.said + again.obstacles.map((one) => one.remedy).join();
      const commands = [...advice.matchAll(/"(docker network disconnect -f \S+ \S+)" on/g)].map(([, one = ""]) => one);
      if (commands.length === 0) break;
      for (const command of new Set(commands)) await on("node103", command);
      again = await program.apply();
    }
    expect(again, `${again.said}${again.error} ${JSON.stringify(again.obstacles)}`).toMatchObject({
      code: 0,
      ok: true,
    });
    expect(await pings(lab, "node103", "node2", "node1")).toBe(true);
  }

  test.each(kinds)(
    "a connection that breaks while $kind: the step ends well or says so, and the rest is done then",
    async ({ kind, begun, node }) => {
      if (kind === "copying an image") await on(node, "docker rmi -f big_computing >/dev/null");
      program.wants();
      const run = begin(program.argv("apply", "--yes"));
      await run.says(begun);
      await lab.node(node).killSshd();
      await on(node, "systemctl restart ssh");
      const { code, stderr } = await run.ended;
      if (code !== 0) expect(stderr).toContain(node);
      await enginesRun();
      await finishes();
    },
  );

  test.each([
    [
      "read-only",
      "mount --bind /etc/docker /etc/docker; mount -o remount,ro,bind /etc/docker",
      /Read-only file system/,
    ],
    [
      "full",
      `cp ${json} /tmp/kept; mount -t tmpfs -o size=16k none /etc/docker; cp /tmp/kept ${json}; yes >/etc/docker/fill 2>/dev/null || true`,
      /No space left/,
    ],
  ])(
    "a disk that becomes %s between plan and step: the engine is as before, and the message says why",
    async (_what, script, says) => {
      program.wants({ containers: [node2, node1] });
      const run = begin(program.argv("apply", "--yes"));
      await run.says(/begun .*wait for a leader/);
      await on("node104", script);
      const { code, stderr } = await run.ended;
      await on("node104", "umount /etc/docker");
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/undone .*node104/);
      expect(stderr).toMatch(says);
      expect(await on("node104", `cat ${json}`)).toBe(daemonJson);
      await enginesRun();
      await finishes();
    },
  );
});
