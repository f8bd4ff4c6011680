import { describe, expect, test } from "vitest";
import { lastSeen } from "../../src/domain/part.ts";
import { type Observation, reduce } from "../../src/domain/reduce.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";
import { condition, isLive } from "../../src/domain/views/condition.ts";
import { container, engineInfo, node103, node104, nodeNamed, start, twoNodes } from "../snapshots.ts";

const at = start + 1000;
const live: Observation = { of: "link", node: node103, link: { state: "live", since: at, roundTripMs: 1 }, at };
const lost: Observation = {
  of: "link",
  node: node103,
  link: {
    state: "lost",
    since: at + 5000,
    trouble: { kind: "connection-lost", detail: clean("reset") },
    retryAt: at + 6000,
  },
  at: at + 5000,
};
const web = container("web", node103);
const seen: Observation[] = [
  live,
  { of: "engine", node: node103, outcome: good(engineInfo()), at },
  { of: "containers", node: node103, outcome: good([web]), at },
];

const having = (observations: readonly Observation[], from: Snapshot = twoNodes()): Snapshot =>
  observations.reduce(reduce, from);
const of103 = (snapshot: Snapshot) => {
  const node = snapshot.nodes.get(node103);
  if (node === undefined) throw new Error("node103 is gone from the snapshot");
  return node;
};

describe("a node that answers", () => {
  test("is live once its engine was heard, and not before", () => {
    expect(condition(of103(having([live]))).word).toBe("asking");
    expect(isLive(of103(having([live])))).toBe(false);
    expect(condition(of103(having(seen))).word).toBe("live");
    expect(isLive(of103(having(seen)))).toBe(true);
  });

  test("does not touch the other node's part of the snapshot", () => {
    const before = twoNodes();
    expect(having(seen, before).nodes.get(node104)).toBe(before.nodes.get(node104));
  });

  test("gains and loses single containers", () => {
    const db = container("db", node103);
    const grown = having([...seen, { of: "container", node: node103, id: db.id, container: db, at: at + 1 }]);
    expect([...(lastSeen(of103(grown).containers)?.keys() ?? [])]).toEqual([web.id, db.id]);
    const shrunk = having([{ of: "container", node: node103, id: web.id, container: undefined, at: at + 2 }], grown);
    expect([...(lastSeen(of103(shrunk).containers)?.keys() ?? [])]).toEqual([db.id]);
  });
});

describe("a node that loses its link", () => {
  test("keeps what was seen, marked old, and says that it is down and when it is tried again", () => {
    const node = of103(having([...seen, lost]));
    expect(node.containers).toMatchObject({ state: "stale", at, since: at + 5000 });
    expect(lastSeen(node.containers)?.get(web.id)).toBe(web);
    expect(condition(node)).toMatchObject({ word: "down", tone: "bad", retryAt: at + 6000 });
  });

  test("is asked again when the link is back, and live with the first answer", () => {
    const back: Observation = { ...live, link: { state: "live", since: at + 9000, roundTripMs: 1 }, at: at + 9000 };
    const asking = having([...seen, lost, back]);
    expect(condition(of103(asking)).word).toBe("asking");
    const again = having([{ of: "engine", node: node103, outcome: good(engineInfo()), at: at + 9100 }], asking);
    expect(condition(of103(again)).word).toBe("live");
  });

  test("that never answered is missing, not empty", () => {
    const node = of103(having([lost]));
    expect(node.containers.state).toBe("missing");
  });
});

test("an engine that stops is named so while its link stays up, and keeps the time the trouble began", () => {
  const stopped = bad({ kind: "docker-stopped", detail: clean("inactive (dead)") });
  const snapshot = having([
    ...seen,
    { of: "engine", node: node103, outcome: stopped, at: at + 10 },
    { of: "engine", node: node103, outcome: stopped, at: at + 900 },
  ]);
  expect(condition(of103(snapshot))).toMatchObject({ word: "engine stopped", since: at + 10 });
});

test("an observation of a node that is not in the file changes nothing", () => {
  const before = twoNodes();
  expect(reduce(before, { ...live, node: nodeNamed("node999") })).toBe(before);
});
