import { describe, expect, test } from "vitest";
import type { EngineSwarm } from "../../src/domain/engine.ts";
import type { Finding } from "../../src/domain/finding.ts";
import { findings } from "../../src/domain/findings/index.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import { fresh, now, swarm, swarmNode } from "../healthy-clusters.ts";

const of = (id: string, seen: Snapshot): Finding[] => findings(seen, now).filter((one) => one.id === id);
const engineSwarm = (changes: Partial<EngineSwarm>): { engine: { swarm: EngineSwarm } } => ({
  engine: {
    swarm: {
      state: "active",
      nodeId: clean("swarmnode0002"),
      nodeAddress: clean("192.168.44.105"),
      clusterId: undefined,
      manager: false,
      error: undefined,
      ...changes,
    },
  },
});

describe("swarm-node-down", () => {
  test("names the node that the managers do not hear, with the manager that says so", () => {
    const told = fresh([
      swarmNode(0),
      swarmNode(1),
      swarmNode(2, { state: "down", role: "worker", manager: undefined }),
    ]);
    expect(of("swarm-node-down", swarm({}, told))).toMatchObject([
      {
        severity: "error",
        title: "node105 is down in the swarm",
        evidence: ["worker at 192.168.44.105, as node103 sees it"],
      },
    ]);
  });

  test("a manager that others cannot reach is told although the node is ready", () => {
    const manager = { leader: false, reachability: "unreachable", address: clean("192.168.44.105:2377") } as const;
    expect(
      of("swarm-node-down", swarm({}, fresh([swarmNode(0), swarmNode(1), swarmNode(2, { manager })]))),
    ).toMatchObject([{ title: "node105 is unreachable as manager in the swarm" }]);
  });

  test("a drained or paused node is somebody's wish", () => {
    const told = fresh([
      swarmNode(0),
      swarmNode(1, { availability: "drain" }),
      swarmNode(2, { availability: "pause" }),
    ]);
    expect(findings(swarm({}, told), now)).toEqual([]);
  });
});

describe("swarm-no-quorum", () => {
  const managers = (...reachable: boolean[]) =>
    fresh(
      reachable.map((yes, index) =>
        swarmNode(index, {
          manager: { leader: false, reachability: yes ? "reachable" : "unreachable", address: clean(`m${index}:2377`) },
        }),
      ),
    );

  test("needs more than half of the managers", () => {
    expect(of("swarm-no-quorum", swarm({}, managers(true, false, false)))).toMatchObject([
      {
        severity: "error",
        title: "The swarm has no majority of managers",
        evidence: ["1 of 3 managers reachable", "node103 reachable, node104 unreachable, node105 unreachable"],
      },
    ]);
    expect(of("swarm-no-quorum", swarm({}, managers(true, false)))).toHaveLength(1);
    expect(of("swarm-no-quorum", swarm({}, managers(true, true, false)))).toEqual([]);
  });

  test("is read from the manager's own refusal when it lists nobody any more", () => {
    const detail = clean("rpc error: code = Unknown desc = The swarm does not have a leader.");
    const told = { state: "missing", since: now, trouble: { kind: "engine-refused", status: 500, detail } } as const;
    expect(of("swarm-no-quorum", swarm({}, told))).toMatchObject([{ evidence: [`node103: ${detail}`] }]);
  });

  test("is read from what a manager says of itself, though it stays active", () => {
    const error = clean("rpc error: code = Unknown desc = The swarm does not have a leader.");
    const timedOut = { kind: "timed-out", what: clean("the swarm's nodes"), afterMs: 8000 } as const;
    const told = { state: "missing", since: now, trouble: timedOut } as const;
    expect(of("swarm-no-quorum", swarm({ node105: engineSwarm({ error, manager: true }) }, told))).toMatchObject([
      { title: "The swarm has no majority of managers", evidence: [`node105: ${error}`] },
    ]);
  });

  test("a locked manager is told how to be unlocked", () => {
    expect(of("swarm-no-quorum", swarm({ node105: engineSwarm({ state: "locked" }) }))).toMatchObject([
      {
        node: "node105",
        title: "The swarm on node105 is in state locked",
        remedy: expect.stringContaining("docker swarm unlock"),
      },
    ]);
  });

  test("a swarm error of the engine is shown in its own words", () => {
    const error = clean("node is not part of a swarm any more");
    expect(of("swarm-no-quorum", swarm({ node105: engineSwarm({ state: "error", error }) }))).toMatchObject([
      { node: "node105", evidence: [error] },
    ]);
  });
});

describe("node-in-another-swarm", () => {
  const stranger = { node105: engineSwarm({ nodeId: clean("elsewhere") }) };

  test("names the node whose id the manager does not list", () => {
    expect(of("node-in-another-swarm", swarm(stranger))).toMatchObject([
      {
        severity: "error",
        node: "node105",
        title: "node105 is in another swarm than node103",
        evidence: ["its swarm node id elsewhere is not among the 3 that node103 lists"],
      },
    ]);
  });

  test("a list older than the node's own word may not know it yet", () => {
    const older = fresh(
      [0, 1].map((index) => swarmNode(index)),
      now - 60_000,
    );
    expect(of("node-in-another-swarm", swarm(stranger, older))).toEqual([]);
  });
});
