import { describe, expect, test } from "vitest";
import type { ContainerSpec } from "../../src/domain/spec/spec.ts";
import { clean, text } from "../../src/domain/text.ts";
import type { JournalEntry } from "../../src/ports/journal.ts";
import { Audit } from "../../src/services/audit.ts";
import { type Launch, startLaunch } from "../../src/services/launch/launch.ts";
import { LaunchLook } from "../../src/services/launch/launch-look.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { Holder } from "../../src/services/state.ts";
import { ended, FakeCluster } from "../fake-hosts.ts";
import { classicSpec } from "../launching.ts";
import { consulImage } from "../planned.ts";
import { container, nodeNamed, overlay } from "../snapshots.ts";
import { clusterAfter, containersOn } from "../ui/clusters.ts";

const wanted = (name: string, node: string, changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  ...{ name: clean(name), node: nodeNamed(node), image: "big_computing", network: clean("ov_net1"), hostname: name },
  ...{ address: undefined, privileged: false, remove: false, command: [], environment: {}, mounts: [] },
  restart: undefined,
  ...changes,
});

/** Two hosts in memory with ov_net1 on both, and an operator who launches there. */
class Site {
  readonly cluster = new FakeCluster();
  readonly journal: JournalEntry[] = [];
  readonly readOnly = new ReadOnly(false);

  constructor() {
    for (const name of ["node103", "node104"]) this.cluster.networks.push(overlay(nodeNamed(name)));
  }

  launch(...containers: readonly ContainerSpec[]): Launch {
    const { cluster, readOnly } = this;
    const { clock, access } = cluster;
    const append = async (entry: JournalEntry) => void this.journal.push(entry);
    const audit = new Audit({ append, path: "" }, clock, { operator: text`o`, cluster: text`c`, run: "r" });
    const seen = clusterAfter(
      ...[...cluster.hosts.values()].map((host) => containersOn(host.name, [...host.containers.values()])),
    );
    const holder = { run: "1-r", operator: text`o`, machine: "m", pid: 1, doing: text`launch` };
    const lock = { holder, isOver: () => false, breakLocks: false };
    const watch = { state: new Holder(seen) };
    return startLaunch(containers, { ...{ spec: classicSpec, access, watch, clock, audit, readOnly, lock } });
  }

  async launched(...containers: readonly ContainerSpec[]): Promise<{ launch: Launch; states: string[] }> {
    const launch = this.launch(...containers);
    await ended(this.cluster.clock, launch.ended);
    return { launch, states: launch.state.get().containers.map((one) => one.now.state) };
  }

  get lines(): string[] {
    return this.journal.map((one) => `${one.event} ${one.step}`);
  }
}

function refusalOf(launch: Launch): string {
  const state = launch.state.get();
  return state.phase === "refused" ? state.refusal.why.join("; ") : state.phase;
}

describe("a launch", () => {
  test("makes and starts each container on its node, and writes a line before and after each", async () => {
    const site = new Site();
    const { states } = await site.launched(wanted("web-1", "node103"), wanted("web-2", "node104"));
    expect(states).toEqual(["up", "up"]);
    expect(site.cluster.host("node103").runs("web-1")).toBe(true);
    expect(site.cluster.host("node104").runs("web-2")).toBe(true);
    expect(site.lines.toSorted()).toEqual([
      "begun node103/container/web-1",
      "begun node104/container/web-2",
      "done node103/container/web-1",
      "done node104/container/web-2",
    ]);
    expect(site.cluster.host("node103").lock).toBeUndefined();
  });

  test("copies an image once to a node that lacks it, however many containers wait for it", async () => {
    const site = new Site();
    const far = site.cluster.host("node104");
    far.images.splice(far.images.indexOf(consulImage), 1);
    const image = "consul:1.8.7";
    const { states } = await site.launched(wanted("a", "node104", { image }), wanted("b", "node104", { image }));
    expect(states).toEqual(["up", "up"]);
    expect(site.cluster.changes.filter((one) => one.includes("importImage"))).toEqual(["node104 importImage"]);
    expect(site.lines.slice(0, 2)).toEqual(["begun node104/image/consul:1.8.7", "done node104/image/consul:1.8.7"]);
  });

  test("pulls an image that only its registry has", async () => {
    const site = new Site();
    site.cluster.host("node104").registry.add("nginx");
    const { states } = await site.launched(wanted("web-1", "node104", { image: "nginx" }));
    expect(states).toEqual(["up"]);
    expect(site.cluster.changes).toEqual(["node104 pullImage", "node104 createContainer", "node104 startContainer"]);
  });

  test("tells how far an image is while it comes", async () => {
    const site = new Site();
    const far = site.cluster.host("node104");
    far.registry.add("nginx");
    far.takes("pulling", 2000);
    const launch = site.launch(wanted("web-1", "node104", { image: "nginx" }));
    await site.cluster.clock.advance(1000);
    const [one] = launch.state.get().containers;
    expect(one?.now).toMatchObject({
      state: "running",
      says: "pulling its image",
      transfer: { bytes: 10, total: 100 },
    });
    await ended(site.cluster.clock, launch.ended);
  });
});

describe("a launch is refused before anything is touched", () => {
  test("when changes are refused", async () => {
    const site = new Site();
    site.readOnly.toggle();
    const { launch } = await site.launched(wanted("web-1", "node103"));
    expect(refusalOf(launch)).toContain("read-only");
    expect(site.cluster.changes).toEqual([]);
    expect(site.journal).toEqual([]);
  });

  test("when one of the names was taken since the form showed it as free, on whichever node", async () => {
    const site = new Site();
    const launch = site.launch(wanted("web-1", "node103"), wanted("web-2", "node104"));
    // Not in the snapshot that the launch began with.
    site.cluster.host("node103").adds(container("web-2", nodeNamed("node103"), { state: "exited" }));
    await ended(site.cluster.clock, launch.ended);
    expect(refusalOf(launch)).toBe("web-2 is taken: exited on node103");
    expect(site.cluster.changes).toEqual([]);
    expect(site.journal).toEqual([]);
  });

  test("when an engine knows that the address is taken", async () => {
    const site = new Site();
    site.cluster.host("node103").held.push({ address: clean("10.10.10.9"), holder: clean("the load balancer") });
    const { launch } = await site.launched(wanted("web-1", "node104", { address: clean("10.10.10.9") }));
    expect(refusalOf(launch)).toBe("10.10.10.9 is taken: the load balancer");
    expect(site.cluster.changes).toEqual([]);
  });

  test("when no node and no registry has the image", async () => {
    const site = new Site();
    const { launch } = await site.launched(wanted("web-1", "node104", { image: "nosuch" }));
    expect(refusalOf(launch)).toContain("the image nosuch is on no node, and docker.io does not give it");
    expect(site.cluster.changes).toEqual([]);
  });

  test("when its node cannot be asked", async () => {
    const site = new Site();
    site.cluster.host("node104").isUp = false;
    const { launch } = await site.launched(wanted("web-1", "node104"));
    expect(refusalOf(launch)).toContain("node104 cannot be asked");
    expect(site.cluster.changes).toEqual([]);
  });

  test("while another operator works on the cluster", async () => {
    const site = new Site();
    const by = { run: "2-r", operator: text`eve@desk`, machine: "x", pid: 2, doing: text`apply` };
    site.cluster.host("node104").lock = { ...by, renewedAt: site.cluster.clock.now() };
    const { launch } = await site.launched(wanted("web-1", "node103"));
    expect(refusalOf(launch)).toContain("eve@desk works on node104 (apply)");
    expect(site.cluster.changes).toEqual([]);
    expect(site.cluster.host("node103").lock).toBeUndefined();
  });
});

describe("what becomes of one container", () => {
  test("of which another operator has taken the lock meanwhile is that it is not made, and the first stays", async () => {
    const site = new Site();
    site.cluster.host("node104").takes("createContainer", 15_000);
    const all = ["a", "b", "c", "d", "e"].map((name) => wanted(name, "node104"));
    const launch = site.launch(...all);
    await site.cluster.clock.advance(5000);
    const by = { run: "2-r", operator: text`eve@desk`, machine: "x", pid: 2, doing: text`apply` };
    site.cluster.host("node103").lock = { ...by, renewedAt: site.cluster.clock.now() };
    await ended(site.cluster.clock, launch.ended);
    const ends = launch.state.get().containers.map((one) => one.now);
    expect(ends.map((one) => one.state)).toEqual(["up", "up", "up", "up", "not-made"]);
    expect(ends.at(-1)).toMatchObject({ error: "eve@desk has taken the lock of node103 (apply)" });
  });

  test("never hides what becomes of the others", async () => {
    const site = new Site();
    site.cluster.host("node103").crashing.set("consul:1.8.7", "bind: address in use");
    const { launch, states } = await site.launched(
      wanted("a", "node103", { image: "consul:1.8.7" }),
      wanted("b", "node103"),
      wanted("c", "node104"),
    );
    expect(states).toEqual(["not-made", "up", "up"]);
    expect(launch.state.get().containers[0]?.now).toMatchObject({
      error: expect.stringContaining("bind: address in use"),
    });
    // Nothing of it is left there.
    expect(site.cluster.host("node103").named("a")).toBeUndefined();
    expect(site.journal.find((one) => one.event === "undone")?.error).toContain("did not stay up");
  });

  test("is found out when the connection broke after it was sent and comes back", async () => {
    const site = new Site();
    site.cluster.host("node104").breaks("createContainer", "after", 5000);
    const { states } = await site.launched(wanted("web-1", "node104"));
    expect(states).toEqual(["up"]);
    expect(site.cluster.changes.filter((one) => one.includes("createContainer"))).toHaveLength(1);
  });

  test("is unknown when the node does not come back to tell", async () => {
    const site = new Site();
    site.cluster.host("node104").breaks("createContainer", "after", 3_600_000);
    const { launch, states } = await site.launched(wanted("web-1", "node104"), wanted("web-2", "node103"));
    expect(states).toEqual(["unknown", "up"]);
    expect(launch.state.get().containers[0]?.now).toMatchObject({ stands: "nobody knows whether web-1 was made" });
  });

  test("is that nothing is begun when the operator wants no more; what is on its way is broken off", async () => {
    const site = new Site();
    const far = site.cluster.host("node104");
    far.registry.add("nginx");
    far.takes("pulling", 60_000);
    const launch = site.launch(wanted("web-1", "node104", { image: "nginx" }), wanted("web-2", "node103"));
    await site.cluster.clock.advance(2000);
    launch.cancel();
    await ended(site.cluster.clock, launch.ended);
    expect(launch.state.get().containers.map((one) => one.now.state)).toEqual(["skipped", "up"]);
    expect(site.lines).toContain("cancelled node104/image/nginx");
  });

  test("without its image is told, and no container is made", async () => {
    const site = new Site();
    const far = site.cluster.host("node104");
    far.registry.add("nginx");
    far.fails("pullImage", { kind: "engine-refused", status: 500, detail: clean("no space left on device") });
    const { launch, states } = await site.launched(wanted("web-1", "node104", { image: "nginx" }));
    expect(states).toEqual(["not-made"]);
    expect(launch.state.get().containers[0]?.now).toMatchObject({
      error: expect.stringContaining("no space left on device"),
    });
    expect(site.cluster.changes).not.toContain("node104 createContainer");
  });
});

describe("what a form is told", () => {
  test("comes node by node: one that does not answer keeps nothing of the others back", async () => {
    const { cluster } = new Site();
    cluster.host("node103").takes("images", 3_600_000);
    const look = new LaunchLook(cluster.access, new Holder(clusterAfter()));
    const stop = look.start();
    look.follow("ov_net1");
    await cluster.clock.advance(100);
    expect([...look.state.get().images.keys()]).toEqual(["node104"]);
    stop();
  });
});
