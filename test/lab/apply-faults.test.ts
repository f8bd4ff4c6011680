import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Answer, fingerprint, node1, node2, Program, pings, type Wanted } from "./applied.ts";
import { bareAgain } from "./bare-again.ts";
import { begin } from "./interrupted-program.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { addressOf } from "./places.ts";

const nodes = ["node103", "node104"];
const json = "/etc/docker/daemon.json";

onRealHosts("what goes wrong on real hosts", () => {
  let lab: Lab;
  let program: Program;
  let daemonJson: string;
  const on = (node: string, script: string, ...args: string[]) => lab.node(node).must(script, ...args);
  const prints = () => Promise.all(nodes.map((node) => fingerprint(lab, node)));
  const enginesRun = async () => {
    for (const node of nodes) expect((await on(node, "systemctl is-active docker")).trim()).toBe("active");
  };

  beforeAll(async () => {
    lab = await Lab.up({ name: "apply-faults", flavour: "classic", nodes: 2, joined: false });
    program = new Program(lab);
    daemonJson = await on("node103", `cat ${json}`);
  });
  afterEach(() => bareAgain(lab, nodes, daemonJson));
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  /** Finds out before anything is touched: an obstacle that names what and where, and hosts as they were. */
  async function refused(id: string, says: RegExp): Promise<Answer> {
    const before = await prints();
    const answer = await program.apply();
    const obstacle = answer.obstacles.find((one) => one.id === id);
    expect(obstacle, JSON.stringify(answer.obstacles)).toMatchObject({ severity: "error" });
    expect(`${obstacle?.title} — ${obstacle?.remedy}`).toMatch(says);
    expect(answer).toMatchObject({ code: 1, ok: false });
    expect(await prints()).toEqual(before);
    return answer;
  }

  /** Whatever was wrong is mended: the same apply finishes. */
  async function finishes(wanted?: Wanted): Promise<void> {
    program.wants(wanted);
    const answer = await program.apply();
    expect(answer, answer.said).toMatchObject({ code: 0, ok: true });
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
  }

  test("a wrong interface, a subnet that is routed, and a name that is taken are found before anything is touched", async () => {
    program.wants({ advertise: { node104: "ens99" } });
    await refused("advertise-missing", /node104 .*ens99.* — Correct advertise of node104/);
    program.wants({ networks: [{ name: "ov_net1", driver: "overlay", subnet: "192.168.44.0/25" }] });
    const { said } = await refused("subnet-overlaps", /192\.168\.44\.0\/25 of ov_net1 .* — Choose a subnet/);
    for (const node of nodes) expect(said).toContain(`${node} routes 192.168.44.0/24 through ens33`);
    await on("node103", "docker create --name node2 busybox true");
    program.wants();
    await refused("container-name-taken", /node2 on node103 .*docker rename node2/);
  });

  test("a daemon.json that is not JSON is told with its place and never written over", async () => {
    await on("node104", `printf '{ "debug": true,\\n' >${json}`);
    program.wants();
    const { said } = await refused("daemon-json-broken", /node104 .* — Mend it on node104/);
    expect(said).toContain("/etc/docker/daemon.json line 2 column 1");
    expect(await on("node104", `cat ${json}`)).toBe('{ "debug": true,\n');
    await on("node104", `printf %s "$1" >${json}`, daemonJson);
    await finishes();
  });

  test("a full disk and a read-only /etc are found before anything is touched", async () => {
    program.wants();
    await on(
      "node104",
      `cp ${json} /tmp/kept; mount -t tmpfs -o size=16k none /etc/docker; cp /tmp/kept ${json}; yes >/etc/docker/fill 2>/dev/null || true`,
    );
    await refused("docker-folder-not-writable", /node104 .* — On node104: make room there: "df -h/);
    await on(
      "node104",
      "umount /etc/docker; mount --bind /etc/docker /etc/docker; mount -o remount,ro,bind /etc/docker",
    );
    await refused("docker-folder-not-writable", /node104 .* — On node104: .* mounted read-only: "findmnt/);
    await on("node104", "umount /etc/docker");
    await finishes();
  });

  test("a user without sudo is told, and so is one whose password nobody can type", async () => {
    for (const user of ["dockeruser", "operator"]) {
      program.wants({ ssh: { node104: `${user}@${addressOf("node104")}` } });
      const before = await prints();
      const answer = await program.apply();
      expect(answer.code).toBe(1);
      expect(JSON.stringify(answer.obstacles)).toMatch(/node104[\s\S]*(?:sudo|usermod)/);
      expect(await prints()).toEqual(before);
    }
  });

  test("an image that no host and no registry has fails at its step; what was done stands, and the rest is done later", async () => {
    program.wants({ containers: [node2, { ...node1, image: "nowhere.invalid/no/such:1" }] });
    const answer = await program.apply();
    expect(answer.code).toBe(1);
    const failed = answer.steps.find((step) => step.result === "undone" || step.result === "failed");
    expect(failed).toMatchObject({ node: "node104", error: expect.stringContaining("nowhere.invalid/no/such:1") });
    expect(answer.said).toMatch(/Is the name .* right, and does node104 reach its registry\?/);
    await enginesRun();
    await finishes();
  });

  test("a file that somebody changes between plan and step is left alone, and a new plan starts from it", async () => {
    program.wants();
    const run = begin(program.argv("apply", "--yes"));
    await run.says(/begun .*wait for a leader/);
    await on("node104", `sed -i 's/^{/{ "debug": false,/' ${json}`);
    const { code, stderr } = await run.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/node104[\s\S]*changed by somebody else[\s\S]*[Pp]lan again/);
    expect(await on("node104", `cat ${json}`)).toMatch(/^\{ "debug": false,/);
    await enginesRun();
    await finishes();
    expect(JSON.parse(await on("node104", `cat ${json}`))).toMatchObject({ debug: false });
  });

  test("a store that dies half way leaves engines up and files as they were, or the rest to a second apply", async () => {
    program.wants();
    // The engine is told of its new file once the store is down, however long that takes.
    const systemctl = "/usr/local/sbin/systemctl";
    const slow = `case "$1" in reload) while [ -e /run/store-lives ]; do sleep 0.1; done ;; esac`;
    await on(
      "node104",
      `touch /run/store-lives; printf '%s\\n' '#!/bin/sh' "$2" 'exec /usr/bin/systemctl "$@"' >"$1"; chmod 755 "$1"`,
      ...[systemctl, slow],
    );
    const run = begin(program.argv("apply", "--yes"));
    try {
      await run.says(/begun .*daemon\.json on node104/);
      await on("node103", "docker stop -t 0 consul");
    } finally {
      await on("node104", `rm ${systemctl} /run/store-lives`);
    }
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/failed .*daemon\.json on node104[\s\S]* the store \S+ does not answer/);
    expect(stderr).toMatch(/what stands: [\s\S]*Bring the store back first .* then apply again/);
    expect(await on("node104", `cat ${json}`)).toBe(daemonJson);
    await enginesRun();
    await on("node103", "docker start consul >/dev/null");
    await finishes();
  });

  test("an engine that does not come up after a restart gets its files back and runs again", async () => {
    await finishes();
    program.wants({ engine: { listen: "tls" } });
    const before = await on("node104", "find /etc/systemd/system/docker.service.d -type f 2>/dev/null | xargs -r cat");
    const run = begin(program.argv("apply", "--yes"));
    await run.says(/begun .*on node103 and restart/);
    // Somebody else takes the port just then.
    await on(
      "node104",
      `systemd-run --unit=squatter /usr/sbin/sshd -D -p 2376 -o ListenAddress=${addressOf("node104")}`,
    );
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(
      /undone .*node104[\s\S]*node104: dockerd did not come up .*runs as before again: .*already in use/,
    );
    expect(stderr).toMatch(/Mend on node104 what dockerd says/);
    expect(
      await on(
        "node104",
        "find /etc/systemd/system/docker.service.d -type f -name '*.conf' 2>/dev/null | xargs -r cat",
      ),
    ).toBe(before);
    await enginesRun();
    await on("node104", "systemctl stop squatter");
  });

  test("a second operator touches nothing and is told who is at work", async () => {
    program.wants();
    const first = begin(program.argv("apply", "--yes"));
    await first.says(/begun .*wait for a leader/);
    const second = await program.apply();
    expect(second.code, second.said).toBe(1);
    expect(`${second.error}`).toMatch(/@.* (?:works on|at work on)? ?node10[34]|node10[34].*@/);
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(0);
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
  });

  test("an interrupt ends a run after its running step, and the next one does the rest", async () => {
    program.wants();
    const run = begin(program.argv("apply", "--yes"));
    await run.says(/begun .*daemon\.json on node103/);
    run.interrupt();
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/done .*daemon\.json on node103/);
    expect(stderr).not.toMatch(/begun .*daemon\.json on node104/);
    await finishes();
  });

  test("a cable that is out in the midst of copying an image is told; once it is in, the rest is done", async () => {
    await on("node104", "docker rmi -f big_computing >/dev/null");
    program.wants();
    const run = begin(program.argv("apply", "--yes"));
    await run.says(/begun .*big_computing/);
    await lab.node("node104").link("down");
    const { code, stderr } = await run.ended;
    await lab.node("node104").link("up");
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/undone .*copy big_computing.*\n +node104: .*\n +node104 is tried again by itself/);
    await on("node104", "until docker info >/dev/null 2>&1; do sleep 0.5; done");
    await enginesRun();
    await finishes();
  });
});
