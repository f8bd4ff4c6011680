import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, node1, node2, Program, pings } from "./applied.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

onRealHosts("a plan for bare hosts of 20.10.5 with Consul", () => {
  let lab: Lab;
  let program: Program;
  const on = (node: string, script: string) => lab.node(node).must(script);
  const pidOf = (node: string, container: string) => on(node, `docker inspect -f '{{.State.Pid}}' ${container}`);

  beforeAll(async () => {
    lab = await Lab.up({ name: "apply-classic", flavour: "classic", nodes: 3, joined: false });
    program = new Program(lab);
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  test("goes from bare to containers that ping each other: no engine restarted, no container stopped, nothing of the file lost", async () => {
    await on("node103", "docker run -d --name bystander busybox sleep 100000");
    const before = { dockerd: await on("node103", "pidof dockerd"), bystander: await pidOf("node103", "bystander") };
    const file = await on("node103", "cat /etc/docker/daemon.json");
    program.wants();
    const planned = await program.plan();
    expect(planned).toMatchObject({ code: 3, changes: planned.steps.length });
    expect(planned.steps.every((step) => !step.disruptive && step.result === "pending")).toBe(true);
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
    expect(await pings(lab, "node103", "node2", "node1")).toBe(true);
    expect(await on("node103", "pidof dockerd")).toBe(before.dockerd);
    expect(await pidOf("node103", "bystander")).toBe(before.bystander);
    // The file is what it was, in its own indentation, with two keys more at its end.
    const after = await on("node103", "cat /etc/docker/daemon.json");
    const added = `,\n    "cluster-store": "consul://192.168.44.103:8500",\n    "cluster-advertise": "ens33:2376"\n}`;
    expect(after.trimEnd()).toBe(file.trimEnd().replace(/\n\}$/, added));
  });

  test("leaves no engine listening on TCP but for its gossip, and the store on one address only", async () => {
    const listeners = await on("node103", "ss -Hltnp");
    const of = (name: string) => listeners.split("\n").filter((line) => line.includes(`"${name}"`));
    expect(of("dockerd").map((line) => line.trim().split(/\s+/)[3])).toEqual(["192.168.44.103:7946"]);
    expect(of("consul").length).toBeGreaterThan(0);
    for (const line of of("consul")) expect(line.trim().split(/\s+/)[3]).toMatch(/^192\.168\.44\.103:/);
  });

  test("has nothing left to do when it is made again, and applying it does nothing", async () => {
    expect(await program.plan()).toMatchObject({ code: 0, changes: 0, steps: [] });
    const before = await Promise.all(["node103", "node104"].map((node) => fingerprint(lab, node)));
    expect(await program.apply()).toMatchObject({ code: 0, ok: true, steps: [] });
    expect(await Promise.all(["node103", "node104"].map((node) => fingerprint(lab, node)))).toEqual(before);
  });

  test("adds a third host and disturbs nobody; takes it out again and leaves it as it was, and the others too", async () => {
    /** Every process that runs in the cluster for somebody: engines, and each container by its own. */
    const others = () =>
      Promise.all(
        ["node103", "node104"].map((node) =>
          on(node, "pidof dockerd; docker ps -q | xargs docker inspect -f '{{.Name}} {{.State.Pid}}' | sort"),
        ),
      );
    const prints = () => Promise.all(["node103", "node104"].map((node) => fingerprint(lab, node)));
    const before = { others: await others(), prints: await prints() };
    expect(before.others.join()).toMatch(/bystander[\s\S]*consul[\s\S]*node2[\s\S]*node1/);
    // What stays: backups of daemon.json for whoever wants to look, and the bridge that Docker makes for itself. The
    // engine is restarted, as its plan says, so its process is another one.
    const stays = /daemon\.json\.ovl-tui-|^docker_gwbridge |^\d+$|^guard$/;
    const third = async () => (await fingerprint(lab, "node105")).split("\n").filter((line) => !stays.test(line));
    const original = await third();
    const node3 = { ...node1, name: "node3", hostname: "node3", node: "node105" };
    program.wants({ nodes: ["node103", "node104", "node105"], containers: [node2, node1, node3] });
    const added = await program.apply();
    expect(added, added.said).toMatchObject({ code: 0, ok: true });
    expect(new Set(added.steps.filter((step) => step.result === "done").map((step) => step.node))).toEqual(
      new Set(["node105"]),
    );
    expect(await pings(lab, "node105", "node3", "node1")).toBe(true);
    expect(await others()).toEqual(before.others);
    const removed = await program.apply("--remove", "node105");
    expect(removed, removed.said).toMatchObject({ code: 0, ok: true });
    expect(removed.steps.map((step) => step.title).join("\n")).toMatch(/on node105 and restart it/);
    expect(await others()).toEqual(before.others);
    expect(await prints()).toEqual(before.prints);
    expect(await third()).toEqual(original);
    program.wants();
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });

  test("starts a container that was stopped, and makes one anew that was removed", async () => {
    await on("node103", "docker kill node2 >/dev/null");
    await on("node104", "docker rm -f node1 >/dev/null");
    const { steps } = await program.plan();
    expect(steps.map((step) => step.title)).toEqual([
      expect.stringContaining("start"),
      expect.stringContaining("run node1"),
    ]);
    expect(await program.apply()).toMatchObject({ code: 0, ok: true });
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
  });

  test("survives a restart of the engine that holds the store: data is on a volume", async () => {
    await on("node103", "systemctl restart docker");
    await on(
      "node103",
      "until curl -sf http://192.168.44.103:8500/v1/status/leader | grep -q 8300; do sleep 0.3; done",
    );
    expect(await on("node103", "docker network ls --format '{{.Name}}'")).toContain("ov_net1");
  });
});
