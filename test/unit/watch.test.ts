import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createDemo, type Demo } from "../../src/demo/demo.ts";
import type { Container } from "../../src/domain/engine.ts";
import { lastSeen } from "../../src/domain/part.ts";
import { good, type Outcome } from "../../src/domain/trouble.ts";
import { condition } from "../../src/domain/views/condition.ts";
import { containerRows } from "../../src/domain/views/containers.ts";
import { memberRows, storeStatus } from "../../src/domain/views/membership.ts";
import type { NodeAccess, World } from "../../src/ports/world.ts";
import { refuseAll } from "../../src/services/prompts.ts";
import { settled } from "../../src/services/settle.ts";
import { ClusterWatch } from "../../src/services/watch/cluster-watch.ts";
import { ManualClock } from "../manual-clock.ts";
import { nodeNamed } from "../snapshots.ts";

/** A demo of two nodes, watched until everything was seen. */
async function watched(flavour: "classic" | "swarm" = "classic") {
  const clock = new ManualClock();
  const demo: Demo = createDemo({ nodes: 2, containersPerNode: 3, seed: 1, clock, flavour });
  const watch = new ClusterWatch(demo.spec, demo, refuseAll);
  onTestFinished(() => watch.stop());
  await clock.advance(5000);
  return {
    clock,
    demo,
    watch,
    names: (node: string) =>
      containerRows(watch.state.get())
        .filter((row) => row.node === node)
        .map((row) => row.name),
    word: (node: string) => condition(nodeOf(watch, node)).word,
  };
}

function nodeOf(watch: ClusterWatch, name: string) {
  const node = watch.state.get().nodes.get(nodeNamed(name));
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

describe("a cluster that is watched", () => {
  test("is live, with containers, networks, facts, flags and members", async () => {
    const { watch, word, names } = await watched();
    expect([word("node103"), word("node104")]).toEqual(["live", "live"]);
    expect(names("node103")).toContain("node2");
    expect(names("node104")).toContain("node1");
    const node = nodeOf(watch, "node103");
    expect(lastSeen(node.facts)?.hostname).toBe("node103");
    expect(lastSeen(node.daemon)?.flags.map((flag) => flag.name)).toContain("cluster-store");
    expect(
      memberRows(watch.state.get())
        .filter((row) => row.kind === "engine")
        .map((row) => row.state),
    ).toEqual(["alive", "alive"]);
  });

  test("shows a container that was started behind its back, and loses one that was removed", async () => {
    const { clock, demo, names } = await watched();
    demo.startContainer("node104", "surprise");
    await clock.advance(250);
    expect(names("node104")).toContain("surprise");
    demo.removeContainer("node104", "surprise");
    await clock.advance(250);
    expect(names("node104")).not.toContain("surprise");
  });

  describe("asks the other engines for their networks", () => {
    /** A watched demo whose node103 makes networks, and how often node104 was asked for its own since. */
    async function asked() {
      const clock = new ManualClock();
      const demo = createDemo({ nodes: 2, containersPerNode: 1, seed: 1, clock, flavour: "classic" });
      const watch = new ClusterWatch(demo.spec, demo, refuseAll);
      onTestFinished(() => watch.stop());
      await clock.advance(5000);
      const access = (name: string) => watch.access.get(nodeNamed(name)) ?? expect.fail(`no ${name}`);
      const networks = vi.spyOn(access("node104").engine, "networks");
      const make = (name: string, driver: "overlay" | "macvlan", subnet: string) =>
        access("node103").control.engine.createNetwork(
          {
            ...{ name, driver, subnet, gateway: undefined, range: undefined, mtu: undefined, attachable: false },
            parent: driver === "macvlan" ? "ens33" : undefined,
          },
          { ms: 10_000 },
        );
      return { clock, make, times: () => networks.mock.calls.length };
    }

    test("once for several overlays that are made within a second", async () => {
      const { clock, make, times } = await asked();
      for (const index of [1, 2, 3]) {
        const made = make(`more${index}`, "overlay", `10.20.${index}.0/24`);
        await clock.advance(250);
        expect(await made).toMatchObject({ ok: true });
      }
      await clock.advance(3000);
      expect(times()).toBe(1);
    });

    test("for none that is of one machine alone", async () => {
      const { clock, make, times } = await asked();
      const made = make("flat", "macvlan", "192.168.44.0/24");
      await clock.advance(3000);
      expect(await made).toMatchObject({ ok: true });
      expect(times()).toBe(0);
    });
  });

  test("repairs by itself what the event stream missed", async () => {
    const { clock, demo, names } = await watched();
    demo.dropEvents("node104", 100);
    demo.startContainer("node104", "unheard");
    await clock.advance(1000);
    expect(names("node104")).not.toContain("unheard");
    await clock.advance(150_000);
    expect(names("node104")).toContain("unheard");
  });

  test("opens a broken event stream again and misses nothing that happened meanwhile", async () => {
    const { clock, demo, names, word } = await watched();
    demo.cutEventStream("node104");
    demo.startContainer("node104", "meanwhile");
    await clock.advance(3000);
    expect(names("node104")).toContain("meanwhile");
    expect(word("node104")).toBe("live");
  });

  test("names an engine that stopped, keeps its rows marked old, and finds it again when it runs", async () => {
    const { clock, demo, names, word, watch } = await watched();
    demo.stopEngine("node104");
    await clock.advance(1000);
    expect(word("node104")).toBe("engine stopped");
    expect(word("node103")).toBe("live");
    expect(nodeOf(watch, "node104").containers.state).toBe("stale");
    expect(names("node104")).toContain("web-3");
    demo.startEngine("node104");
    await clock.advance(8000);
    expect(word("node104")).toBe("live");
    expect(nodeOf(watch, "node104").containers.state).toBe("fresh");
  });

  test("says that a node is down, and sees it live again when its link is back, the other node untouched", async () => {
    const { clock, demo, word, watch } = await watched();
    demo.breakNode("node104", "link-down");
    await clock.advance(70_000);
    expect(word("node104")).toBe("down");
    expect(word("node103")).toBe("live");
    expect(nodeOf(watch, "node103").containers.state).toBe("fresh");
    demo.mendNode("node104");
    await clock.advance(70_000);
    expect(word("node104")).toBe("live");
  });

  test("says that the store does not answer, keeps what it said, and hears it again", async () => {
    const { clock, demo, watch } = await watched();
    demo.stopStore();
    await clock.advance(40_000);
    const seen = watch.state.get();
    expect(storeStatus(seen, undefined, clock.now()).state).toBe("not-answering");
    expect(memberRows(seen).length).toBeGreaterThan(0);
    demo.startStore();
    await clock.advance(40_000);
    expect(storeStatus(watch.state.get(), undefined, clock.now()).state).toBe("ok");
  });

  test("shows a swarm's nodes as a manager tells them", async () => {
    const { watch } = await watched("swarm");
    const rows = memberRows(watch.state.get());
    expect(rows.map((row) => row.kind)).toContain("manager");
    expect(rows.some((row) => row.state.includes("leader"))).toBe(true);
  });

  test("measures only the containers on the screen", async () => {
    const { clock, watch } = await watched();
    const [first, second] = containerRows(watch.state.get());
    if (first === undefined || second === undefined) throw new Error("no containers");
    watch.show([first.container.id]);
    await clock.advance(5000);
    const rows = containerRows(watch.state.get());
    expect(rows.find((row) => row.key === first.key)?.usage?.cpuPercent).toBeGreaterThanOrEqual(0);
    expect(rows.find((row) => row.key === second.key)?.usage).toBeUndefined();
    watch.show([]);
    await clock.advance(1000);
    expect(containerRows(watch.state.get()).some((row) => row.usage !== undefined)).toBe(false);
  });
});

describe("one snapshot", () => {
  test("is complete when every node answered", async () => {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 3, seed: 1, clock });
    const watch = new ClusterWatch(demo.spec, demo, refuseAll);
    onTestFinished(() => watch.stop());
    const snapshot = settled(watch, clock, 15_000);
    await clock.advance(15_000);
    const seen = await snapshot;
    expect([...seen.nodes.values()].map((node) => node.containers.state)).toEqual(["fresh", "fresh"]);
    expect(seen.membership?.state).toBe("fresh");
  });

  test("does not wait for a node that is down, and has the other one whole", async () => {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 3, seed: 1, clock });
    demo.breakNode("node104", "auth");
    const watch = new ClusterWatch(demo.spec, demo, refuseAll);
    onTestFinished(() => watch.stop());
    const snapshot = settled(watch, clock, 600_000);
    await clock.advance(60_000);
    const seen = await snapshot;
    expect(seen.nodes.get(nodeNamed("node103"))?.containers.state).toBe("fresh");
    expect(seen.nodes.get(nodeNamed("node104"))?.containers.state).toBe("missing");
  });
});

describe("an engine whose list learns of a change a moment after its event", () => {
  test("is asked once more: the row does not stay as it was", async () => {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 3, seed: 1, clock });
    let listed: Outcome<Container | undefined> | undefined;
    const nodes = new Map<string, NodeAccess>();
    const lagging: World = {
      clock,
      store: demo.store,
      node(node, spec, prompter) {
        const access = demo.node(node, spec, prompter);
        nodes.set(node.name, access);
        const container = access.engine.container.bind(access.engine);
        access.engine.container = (id, within) =>
          listed === undefined ? container(id, within) : Promise.resolve(listed);
        return access;
      },
    };
    const watch = new ClusterWatch(demo.spec, lagging, refuseAll);
    onTestFinished(() => watch.stop());
    await clock.advance(5000);
    const row = () => containerRows(watch.state.get()).find((one) => one.name === "node1");
    const before = row()?.container ?? expect.fail("no node1");
    listed = good(before);
    clock.after(200, () => {
      listed = undefined;
    });
    const paused = nodes.get("node104")?.control.engine.pauseContainer(before.id, { ms: 5000 });
    await clock.advance(1000);
    expect(await paused).toEqual(good(undefined));
    expect(row()?.container.state).toBe("paused");
  });
});
