import { describe, expect, test } from "vitest";
import { plan } from "../../src/domain/plan/plan.ts";
import type { Plan } from "../../src/domain/plan/step.ts";
import { clean } from "../../src/domain/text.ts";
import { carryOut } from "../carry-out.ts";
import { type BareChanges, type BareCluster, bare, fileFor, specOf } from "../planned.ts";
import { engineInfo, overlay } from "../snapshots.ts";

const rest = `
networks: [{ name: ov_net1, subnet: 10.10.10.0/24 }]
containers: [{ name: node2, node: node103, image: big_computing, network: ov_net1 }]
`;
const specFor = (count: number) => specOf(fileFor(count, rest));
const planned = (count: number, changes: Record<string, BareChanges> = {}): Plan =>
  planOf(count, bare(count, changes, "26.1.5"));
const planOf = (count: number, { seen, survey }: BareCluster): Plan => plan(specFor(count), seen, survey);
const roles = (made: Plan): string[] =>
  made.steps.flatMap(({ node, change }) =>
    change.kind === "init-swarm" ? [`${node} first`] : change.kind === "join-swarm" ? [`${node} ${change.role}`] : [],
  );
const inSwarm = (clusterId: string | undefined): BareChanges => ({
  engine: {
    mode: "swarm",
    swarm: {
      ...engineInfo().swarm,
      ...{ state: "active", nodeId: clean("foreign"), manager: clusterId !== undefined },
      clusterId: clusterId === undefined ? undefined : clean(clusterId),
    },
  },
});

describe("a swarm of bare hosts", () => {
  test("of two has one manager, of three and more has three", () => {
    expect(roles(planned(2))).toEqual(["node103 first", "node104 worker"]);
    expect(roles(planned(3))).toEqual(["node103 first", "node104 manager", "node105 manager"]);
    expect(roles(planned(5)).slice(3)).toEqual(["node106 worker", "node107 worker"]);
  });

  test("takes managers in one by one, and workers side by side", () => {
    const { steps } = planned(5);
    const needs = (node: string) => steps.find((one) => one.id === `${node}/swarm`)?.needs;
    expect(needs("node104")).toEqual(["node103/swarm"]);
    expect(needs("node105")).toEqual(["node104/swarm"]);
    expect(needs("node106")).toEqual(["node103/swarm"]);
    expect(needs("node107")).toEqual(["node103/swarm"]);
  });

  test("has an overlay that containers of their own can join, made by its first manager", () => {
    expect(planned(2).steps.find((one) => one.id === "node103/network/ov_net1")).toMatchObject({
      needs: ["node103/swarm"],
      change: { definition: { attachable: true, subnet: "10.10.10.0/24" }, seenBy: [] },
    });
  });

  test("is asked for by the manager's advertise address", () => {
    expect(planned(2).steps.find((one) => one.id === "node104/swarm")?.change).toMatchObject({
      via: "node103",
      manager: "192.168.44.103:2377",
      advertise: "ens33",
    });
  });
});

describe("a swarm that stands", () => {
  test("takes in a third node without changing the two, as a worker: two managers are worse than one", () => {
    const two = bare(2, {}, "26.1.5");
    const finished = carryOut(two, planOf(2, two).steps);
    const fresh = bare(3, {}, "26.1.5");
    const three = {
      seen: { ...finished.seen, nodes: new Map([...fresh.seen.nodes, ...finished.seen.nodes]) },
      survey: new Map([...fresh.survey, ...finished.survey]),
    };
    expect(planOf(3, three).steps.map((one) => one.id)).toEqual(["node105/swarm"]);
    expect(roles(planOf(3, three))).toEqual(["node105 worker"]);
  });
});

describe("a node that is in another swarm", () => {
  test("is never made to leave it: as a worker of managers that the file does not know", () => {
    const made = planned(2, { node104: inSwarm(undefined) });
    expect(made.obstacles).toMatchObject([{ id: "node-in-another-swarm", severity: "error", node: "node104" }]);
    expect(made.steps.map(({ change }) => change.kind)).not.toContain("leave-swarm");
    expect(roles(made)).toEqual([]);
  });

  test("nor as a manager beside managers of ours", () => {
    const made = planned(2, { node103: inSwarm("one"), node104: inSwarm("two") });
    expect(made.obstacles.map((one) => one.id)).toContain("node-in-another-swarm");
  });
});

describe("what keeps an engine out of a swarm", () => {
  test("is told: live-restore, a swarm that is locked, a network left over from elsewhere", () => {
    expect(planned(2, { node104: { engine: { liveRestore: true } } }).obstacles).toMatchObject([
      { id: "live-restore", node: "node104" },
    ]);
    const locked = { engine: { swarm: { ...engineInfo().swarm, state: "locked" as const } } };
    expect(planned(2, { node104: locked }).obstacles).toMatchObject([{ id: "swarm-state", node: "node104" }]);
    const [left] = [...bare(1).seen.nodes.keys()];
    if (left === undefined) throw new Error("no node");
    const leftOver = { networks: [overlay(left, { scope: clean("local") })] };
    expect(planned(2, { node103: leftOver }).obstacles).toMatchObject([{ id: "network-name-taken", node: "node103" }]);
  });

  test("or a store that it still uses", () => {
    const { seen, survey } = bare(2, { node103: { engine: { store: clean("etcd://x:2379") } } });
    const spec = specOf(fileFor(2, `engine: { mode: swarm }\n${rest}`));
    expect(plan(spec, seen, survey).obstacles).toMatchObject([{ id: "engine-in-store", node: "node103" }]);
  });
});
