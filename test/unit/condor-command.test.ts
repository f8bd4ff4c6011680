import { describe, expect, test } from "vitest";
import { notLooked, poolText, verdictOn } from "../../src/cli/condor.ts";
import { condorDocument, type PoolSeen } from "../../src/cli/condor-document.ts";
import { type Job, wholeQueue } from "../../src/domain/condor/queue.ts";
import type { Part } from "../../src/domain/part.ts";
import { clean, text } from "../../src/domain/text.ts";
import { fresh } from "../healthy-clusters.ts";
import { heard } from "../pools.ts";
import { node103, node104, start } from "../snapshots.ts";
import { node1, node2 } from "../ui/clusters.ts";

const job = (id: string, state: Job["state"]): Job => ({
  ...{ id: clean(id), owner: text`ana`, state, command: text`sleep`, slot: undefined, submittedMs: 0, stateMs: 0 },
  holdReason: state === "held" ? text`no such file` : undefined,
});
const home2 = { container: node2.id, name: text`node2`, node: node103, addresses: [], subnets: [] };
const home1 = { container: node1.id, name: text`node1`, node: node104, addresses: [], subnets: [] };
const missing: Part<never> = {
  ...{ state: "missing", since: start },
  trouble: { kind: "timed-out", what: text`condor_q`, afterMs: 15_000 },
};

const seenWith = (queues: PoolSeen["queues"]): PoolSeen => ({
  ...{ manager: text`node2`, at: start, ads: { slots: [], daemons: [] }, queues, homes: [home2, home1] },
  ...{ condor: undefined, findings: [], error: undefined },
});

describe("the document of a pool", () => {
  test("has the jobs of the schedds that answer, and of every other why it does not", () => {
    const queue = fresh(wholeQueue([job("1.0", "held"), job("2.0", "running")]));
    const { jobs, queues } = condorDocument(
      seenWith([
        { home: home2, queue },
        { home: home1, queue: missing },
      ]),
    );
    expect(jobs).toEqual({
      ...{ running: 1, idle: 0, total: 2 },
      held: [{ id: "1.0", schedd: "node2", owner: "ana", reason: "no such file" }],
    });
    expect(queues).toMatchObject([
      { container: "node2", node: "node103", running: 1, held: 1, total: 2, read: 2, error: null },
      { container: "node1", node: "node104", running: null, total: null, read: null },
    ]);
    expect(queues[1]?.error?.what).toContain("condor_q");
  });

  test("is told to people with the names of the schedds, where there are several", () => {
    const queue = fresh(wholeQueue([job("1.0", "held")]));
    const seen = seenWith([
      { home: home2, queue },
      { home: home1, queue: missing },
    ]);
    const told = poolText(seen).join("\n");
    expect(told).toContain("jobs: 0 running, 0 idle, 1 held");
    expect(told).toContain("held: 1.0 in node2 of ana: no such file");
    expect(told).toContain("queue of node1: ");
  });

  test("counts a long queue as a whole, and says how much of it was read", () => {
    const value = { jobs: [job("1.0", "held")], counts: { running: 40, idle: 9000, held: 1 }, total: 9041 };
    const { jobs, queues } = condorDocument(seenWith([{ home: home2, queue: fresh(value) }]));
    expect(jobs).toMatchObject({ running: 40, idle: 9000, total: 9041 });
    expect(queues).toMatchObject([{ total: 9041, read: 1, error: null }]);
  });

  test("has no jobs where no queue could be read", () => {
    expect(condorDocument(seenWith([{ home: home2, queue: missing }]))).toMatchObject({ jobs: null });
  });
});

describe("what a script is told by the exit code", () => {
  const ads = heard();
  const whole = { ...seenWith([]), ads };

  test("is that all is well where nobody is missing and nothing is wrong", () => {
    expect(verdictOn(whole)).toBe(0);
    expect(verdictOn({ ...whole, ads: { ...ads, slots: [] } })).toBe(1);
  });

  test("is never that all is well where the members were not all looked at, and the document says so", () => {
    const error = notLooked(20_000);
    expect(verdictOn({ ...whole, error })).toBe(1);
    expect(condorDocument({ ...whole, error }).error).toEqual({
      what: "not every member was looked at within 20 s: what is wrong in them is not known",
      remedy: "Give it more time with --timeout.",
    });
    expect(poolText({ ...whole, error }).join("\n")).toContain("not every member was looked at");
  });
});
