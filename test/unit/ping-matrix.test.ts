import { afterEach, describe, expect, test } from "vitest";
import { createDemo, type Demo } from "../../src/demo/demo.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import { diagnosis } from "../../src/domain/ping/diagnosis.ts";
import { allReach, verdictOf } from "../../src/domain/ping/matrix.ts";
import { placesOn } from "../../src/domain/ping/place.ts";
import { text } from "../../src/domain/text.ts";
import type { ProbesAsked } from "../../src/ports/probes.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { pingMatrix } from "../../src/services/ping/ping-matrix.ts";
import { isProven, pingSpec } from "../../src/services/ping/ping-proof.ts";
import { roundMs } from "../../src/services/ping/ping-rounds.ts";
import { refuseAll } from "../../src/services/prompts.ts";
import { ClusterWatch } from "../../src/services/watch/cluster-watch.ts";
import { ManualClock } from "../manual-clock.ts";

const network = text`ov_net1`;
const within = { ms: 60_000 };

/** A demo cluster that is watched, with what each node was asked. */
class Watched {
  readonly demo: Demo;
  readonly watch: ClusterWatch;
  readonly clock: ManualClock;
  readonly asked: { node: NodeName; asked: ProbesAsked; ms: number }[] = [];

  static async begin(nodes = 3, containersPerNode = 2): Promise<Watched> {
    const watched = new Watched(nodes, containersPerNode);
    await watched.clock.advance(5000);
    return watched;
  }

  private constructor(nodes: number, containersPerNode: number) {
    this.clock = new ManualClock();
    this.demo = createDemo({ nodes, containersPerNode, seed: 5, clock: this.clock });
    this.watch = new ClusterWatch(this.demo.spec, this.demo, refuseAll);
  }

  /** The demo's nodes, each question written down. */
  get access(): ReadonlyMap<NodeName, NodeAccess> {
    return new Map(
      [...this.watch.access].map(([node, access]) => {
        const { probes } = access;
        if (probes === undefined) return [node, access];
        const probe = (asked: ProbesAsked, deadline: typeof within) => {
          this.asked.push({ node, asked, ms: deadline.ms });
          return probes.probe(asked, deadline);
        };
        return [node, { ...access, probes: { ...probes, probe, echoesReceived: probes.echoesReceived.bind(probes) } }];
      }),
    );
  }

  async matrix() {
    this.asked.length = 0;
    const parts: NodeName[] = [];
    const pending = pingMatrix({ network }, this.watch.state.get(), this.access, within, ({ node }) =>
      parts.push(node),
    );
    await this.clock.advance(120_000);
    return { ...(await pending), parts };
  }
}

describe("a ping matrix", () => {
  let cluster: Watched;
  afterEach(() => cluster.watch.stop());

  test("asks each node once, for all of its ways and for every other node", async () => {
    cluster = await Watched.begin();
    const matrix = await cluster.matrix();
    expect(allReach(matrix.pairs)).toBe(true);
    expect(matrix.pairs).toHaveLength(6 * 5);
    expect(matrix.underlay).toHaveLength(3 * 2);
    expect(matrix.oneWays).toEqual([]);
    expect(cluster.asked.map(({ node, asked }) => `${node} ${asked.ways.length} ${asked.nodes.length}`).sort()).toEqual(
      ["node103 10 2", "node104 10 2", "node105 10 2"],
    );
    expect([...matrix.parts].sort()).toEqual(["node103", "node104", "node105"]);
  });

  test("tells the way that is lost between each two nodes, and of the others that they are well", async () => {
    cluster = await Watched.begin();
    cluster.demo.hinder("node104", "vxlan-blocked");
    const { pairs, oneWays, underlay } = await cluster.matrix();
    expect(oneWays.map((one) => `${one.from} ${one.to} ${one.arrives}`).sort()).toEqual([
      "node103 node104 false",
      "node104 node103 true",
      "node104 node105 true",
      "node105 node104 false",
    ]);
    const told = diagnosis({ pairs, oneWays, underlay });
    expect(told.join("\n")).toMatch(/node103 → node104 never arrives[\s\S]*node105 → node104 never arrives/);
    expect(told).toHaveLength(2);
    const well = pairs.filter((pair) => verdictOf(pair).state === "ok");
    expect(well.every((pair) => (pair.from.node === "node104") === (pair.to.node === "node104"))).toBe(true);
  });

  test("knows from a container's own node that it is paused, for the ways to it as well", async () => {
    cluster = await Watched.begin();
    const place = (await cluster.matrix()).pairs[0]?.from;
    const control = cluster.watch.access.get("node103" as NodeName)?.control;
    if (place === undefined || control === undefined) throw new Error("nothing to pause");
    const seen = cluster.watch.state.get();
    const paused = control.engine.pauseContainer(place.container, within);
    await cluster.clock.advance(1000);
    expect((await paused).ok).toBe(true);
    // Pinged by what was known before: the state comes with the answers.
    const pending = pingMatrix({ network }, seen, cluster.access, within);
    await cluster.clock.advance(10_000);
    const { pairs } = await pending;
    const its = pairs.filter((pair) => [pair.from.container, pair.to.container].includes(place.container));
    expect(its.length).toBe(10);
    expect(its.every((pair) => verdictOf(pair).state === "paused")).toBe(true);
    expect(pairs.filter((pair) => verdictOf(pair).state === "ok")).toHaveLength(20);
  });

  test("does not wait for a node that is away, and says that it is the wire for the ways to it", async () => {
    cluster = await Watched.begin();
    cluster.demo.breakNode("node105", "link-down");
    await cluster.clock.advance(120_000);
    const { pairs, oneWays, underlay } = await cluster.matrix();
    expect(cluster.asked.map(({ node }) => node).sort()).toEqual(["node103", "node104"]);
    expect(pairs.filter((pair) => pair.from.node === "node105").map((pair) => pair.small.state)).toEqual(
      Array.from({ length: 10 }, () => "not tried"),
    );
    expect(oneWays).toEqual([]);
    expect(diagnosis({ pairs, oneWays, underlay }).join("\n")).toMatch(/it is the wire: node103 .* node105/);
  });

  test("ends when it is cancelled", async () => {
    cluster = await Watched.begin(2);
    const controller = new AbortController();
    const pending = pingMatrix({ network }, cluster.watch.state.get(), cluster.access, {
      ms: 60_000,
      signal: controller.signal,
    });
    controller.abort();
    const { pairs } = await pending;
    expect(pairs.every((pair) => pair.small.state === "not tried")).toBe(true);
  });
});

describe("the proof of a cluster", () => {
  let cluster: Watched;
  afterEach(() => cluster.watch.stop());

  async function proof(nodes: number, containersPerNode: number) {
    cluster = await Watched.begin(nodes, containersPerNode);
    const { watch, access, clock, demo } = cluster;
    const [like] = demo.spec.containers;
    if (like === undefined) throw new Error("the demo's file names no container");
    const containers = placesOn(network, watch.state.get()).map(({ name, node }) => ({ ...like, name, node, network }));
    const pending = pingSpec({ ...demo.spec, containers }, { state: watch.state, access }, clock);
    await clock.advance(300_000);
    return pending;
  }

  test("is every way between few containers", async () => {
    const proven = await proof(3, 2);
    expect(isProven(proven)).toBe(true);
    expect(proven).toMatchObject({ missing: [], leftOut: 0 });
    expect(proven.pairs).toHaveLength(6 * 5);
  });

  test("is a sample between many, and gets the time that so many ways take", async () => {
    const proven = await proof(3, 24);
    expect(isProven(proven)).toBe(true);
    const all = 72 * 71;
    expect(proven.pairs.length).toBeLessThan(all / 4);
    expect(proven.leftOut).toBe(all - proven.pairs.length);
    expect(new Set(proven.pairs.map(({ from }) => from.container)).size).toBe(72);
    for (const { ms } of cluster.asked) expect(ms).toBe(roundMs(proven.pairs.length));
  });
});
