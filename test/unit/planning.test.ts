import { describe, expect, test } from "vitest";
import type { NodeSurvey, Reach, ReachAsked } from "../../src/domain/plan/survey.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import { bad, type Outcome, type Trouble } from "../../src/domain/trouble.ts";
import { makePlan, type Wanted } from "../../src/services/planning.ts";
import { Holder } from "../../src/services/state.ts";
import { takeSurvey } from "../../src/services/survey.ts";
import { classicSpec } from "../apply-run.ts";
import { ended, FakeCluster } from "../fake-hosts.ts";
import { type BareCluster, bare } from "../planned.ts";
import { node103, node104 } from "../snapshots.ts";

const within = { ms: 15_000 };
const lost: Trouble = { kind: "connection-lost", detail: clean("gone") };

type Survey = Omit<NodeSurvey, "images">;

/** Two hosts whose surveys are those of `cluster`, each after `ms`; what was asked of them is kept. */
function surveyed(cluster: BareCluster, changes: { trouble?: Trouble; ms?: number; again?: Reach["result"] } = {}) {
  const hosts = new FakeCluster();
  const asked: { node: string; what: "survey" | "again"; reach: readonly ReachAsked[] }[] = [];
  const access = new Map(
    [...hosts.access].map(([name, one]) => {
      const is104 = name === node104;
      const survey = async (reach: readonly ReachAsked[]): Promise<Outcome<Survey>> => {
        asked.push({ node: name, what: "survey", reach });
        if (is104 && changes.ms !== undefined)
          await new Promise<void>((done) => hosts.clock.after(changes.ms ?? 0, done));
        if (is104 && changes.trouble !== undefined) return bad(changes.trouble);
        return cluster.survey.get(name) ?? bad(lost);
      };
      const reaches = async (reach: readonly ReachAsked[]): Promise<Reach[]> => {
        asked.push({ node: name, what: "again", reach });
        return reach.map((port) => ({ ...port, result: changes.again ?? "answered", detail: clean("") }));
      };
      return [name, { ...one, control: { ...one.control, survey, reaches } }];
    }),
  );
  return { hosts, access, asked };
}

describe("a survey", () => {
  test("asks every node for its ports and images, and has an entry for each", async () => {
    const cluster = bare(2);
    const { access, asked } = surveyed(cluster);
    const survey = await takeSurvey(classicSpec, cluster.seen, access, within);
    expect([...survey.keys()]).toEqual([node103, node104]);
    expect(asked.map((one) => one.node)).toEqual([node103, node104]);
    expect(asked[1]?.reach).toContainEqual({ node: node103, address: "192.168.44.103", protocol: "tcp", port: 8500 });
    expect(survey.get(node104)).toMatchObject({
      ok: true,
      value: { images: [{ tags: ["big_computing:latest"] }, {}] },
    });
  });

  test("keeps one node's trouble to itself", async () => {
    const cluster = bare(2);
    const { access } = surveyed(cluster, { trouble: lost });
    const survey = await takeSurvey(classicSpec, cluster.seen, access, within);
    expect(survey.get(node103)?.ok).toBe(true);
    expect(survey.get(node104)).toEqual(bad(lost));
  });

  test("says of a node that is not connected to that it cannot be asked", async () => {
    const cluster = bare(2);
    const { access } = surveyed(cluster);
    const without = new Map([...access].filter(([name]) => name !== node104));
    const survey = await takeSurvey(classicSpec, cluster.seen, without, within);
    expect(survey.get(node104)).toMatchObject({ ok: false, trouble: { kind: "misconfigured" } });
  });

  const vxlan = { node: node104, address: "192.168.44.104", protocol: "udp", port: 4789 } as const;
  const silent = (listening: NodeSurvey["listening"]) =>
    bare(2, {
      node103: { survey: { reach: [{ ...vxlan, result: "silent", detail: clean("") }] } },
      node104: { survey: { listening } },
    });

  test("looks once more at a silent UDP port that nobody listens on", async () => {
    const cluster = silent([]);
    const { access, asked } = surveyed(cluster);
    const survey = await takeSurvey(classicSpec, cluster.seen, access, within);
    expect(asked.filter((one) => one.what === "again")).toMatchObject([{ node: node103, reach: [vxlan] }]);
    expect(survey.get(node103)).toMatchObject({ value: { reach: [{ ...vxlan, result: "answered" }] } });
  });

  test("takes the silence of one that listens for what it is: such ports do not answer strangers", async () => {
    const cluster = silent([{ protocol: "udp", address: "0.0.0.0", port: 4789, process: undefined }]);
    const { access, asked } = surveyed(cluster);
    await takeSurvey(classicSpec, cluster.seen, access, within);
    expect(asked.filter((one) => one.what === "again")).toEqual([]);
  });

  test("keeps what it knew when the second look could not be made", async () => {
    const cluster = silent([]);
    const { access } = surveyed(cluster, { again: "unknown" });
    const survey = await takeSurvey(classicSpec, cluster.seen, access, within);
    expect(survey.get(node103)).toMatchObject({ value: { reach: [{ result: "silent" }] } });
  });
});

describe("a plan made of what is seen now", () => {
  function planned(cluster: BareCluster, wanted?: Wanted) {
    const { hosts, access } = surveyed(cluster);
    // Some time after all of it was seen.
    hosts.clock.sleep(7_200_000);
    const state = new Holder<Snapshot>(cluster.seen);
    const refreshed: number[] = [];
    const watch = { state, access, refresh: () => refreshed.push(hosts.clock.now()) };
    return { hosts, state, refreshed, plan: makePlan(classicSpec, watch, hosts.clock, within, wanted) };
  }

  test("has the steps of the whole procedure for bare hosts", async () => {
    const { hosts, plan, refreshed } = planned(bare(2));
    const { steps, obstacles } = await ended(hosts.clock, plan);
    expect(obstacles.filter((one) => one.severity === "error")).toEqual([]);
    expect(steps.map((step) => step.id)).toContain("node104/engine");
    expect(refreshed).toEqual([]);
  });

  test("has no step for a node that is down, and says so within its time", async () => {
    const link = { state: "lost", since: 0, trouble: lost, retryAt: 1 } as const;
    const cluster = bare(2, { node104: { node: { link } } });
    const { hosts, plan } = planned(cluster);
    const { steps, obstacles } = await ended(hosts.clock, plan);
    expect(steps).toEqual([]);
    expect(obstacles).toMatchObject([{ node: "node104", severity: "error" }]);
  });

  test("of a removal is about that node alone", async () => {
    const { hosts, plan } = planned(bare(2), { kind: "removal", node: node104 });
    const { steps } = await ended(hosts.clock, plan);
    expect(steps.every((step) => step.node === node104)).toBe(true);
  });

  test("made anew asks everything again, and takes no answer from before for one", async () => {
    const cluster = bare(2);
    const { hosts, plan, state, refreshed } = planned(cluster, { kind: "spec", anew: true });
    let isMade = false;
    void plan.then(() => {
      isMade = true;
    });
    await hosts.clock.advance(3000);
    expect({ isMade, refreshed: refreshed.length }).toEqual({ isMade: false, refreshed: 1 });
    const at = hosts.clock.now();
    const nodes = [...cluster.seen.nodes].map(([name, node]) => {
      const again = <T extends { state: string }>(part: T): T => ({ ...part, at });
      const { engine, containers, networks, facts, daemon } = node;
      const parts = { engine: again(engine), containers: again(containers), networks: again(networks) };
      return [name, { ...node, ...parts, facts: again(facts), daemon: again(daemon) }] as const;
    });
    state.set({ ...cluster.seen, nodes: new Map(nodes) });
    await ended(hosts.clock, plan);
    expect(hosts.clock.now()).toBeLessThan(at + 1000);
  });
});
