import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDemo, type Demo } from "../../src/demo/demo.ts";
import { homesIn } from "../../src/domain/condor/members.ts";
import type { TestJob } from "../../src/domain/condor/test-job.ts";
import { lastSeen } from "../../src/domain/part.ts";
import { text } from "../../src/domain/text.ts";
import type { JournalEntry } from "../../src/ports/journal.ts";
import { Audit } from "../../src/services/audit.ts";
import { PoolWatch } from "../../src/services/pool/pool-watch.ts";
import { startTestJob, type TestJobRun } from "../../src/services/pool/test-job.ts";
import { refuseAll } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { ClusterWatch } from "../../src/services/watch/cluster-watch.ts";
import { ManualClock } from "../manual-clock.ts";

const sleeps: TestJob = {
  user: "nobody",
  command: ["sleep", "5"],
  where: { on: "elsewhere", than: [text`node2`] },
};

/** A pool that works by itself on two nodes, and an operator who looks at it. */
let clock: ManualClock;
let demo: Demo;
let watch: ClusterWatch;
let pool: PoolWatch;
let lines: JournalEntry[];
const readOnly = new ReadOnly(false);

beforeEach(async () => {
  clock = new ManualClock();
  demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 3, clock });
  watch = new ClusterWatch(demo.spec, demo, refuseAll);
  pool = new PoolWatch({ watch, clock, subject: { name: text`node2`, node: undefined } });
  lines = [];
  await clock.advance(3000);
});

afterEach(async () => {
  if (readOnly.state.get()) readOnly.toggle();
  await watch.stop();
});

const slots = () => lastSeen(pool.state.get().ads)?.slots ?? [];
const changes = () => pool.state.get().changes.map((one) => `${one.subject} ${one.words}`);

function submitted(test: TestJob): TestJobRun {
  const home = homesIn(watch.state.get()).find((one) => one.name === "node2");
  if (home === undefined) throw new Error("node2 does not run");
  const journal = { append: async (entry: JournalEntry) => void lines.push(entry), path: "" };
  const audit = new Audit(journal, clock, { operator: text`operator`, cluster: text`demo`, run: "run" });
  return startTestJob(test, home, { access: watch.access, readOnly, audit, clock });
}

describe("a pool that is looked at", () => {
  test("is asked every five seconds while somebody looks, and not once more after", async () => {
    const stop = pool.start();
    await clock.advance(16_000);
    const { ads, moments } = pool.state.get();
    expect(ads.state).toBe("fresh");
    expect(moments.length).toBeGreaterThanOrEqual(3);
    expect(moments.length).toBeLessThanOrEqual(4);
    stop();
    await clock.advance(60_000);
    expect(pool.state.get().moments).toHaveLength(moments.length);
  });

  test("is asked as often as the operator likes, from the next look on", async () => {
    const stop = pool.start();
    await clock.advance(1000);
    expect([1, 2, 3, 4].map(() => pool.pace("slower"))).toEqual([10_000, 30_000, 60_000, 60_000]);
    await clock.advance(58_000);
    expect(pool.state.get().moments).toHaveLength(1);
    await clock.advance(3000);
    expect(pool.state.get().moments).toHaveLength(2);
    expect([1, 2, 3, 4, 5].map(() => pool.pace("faster"))).toEqual([30_000, 10_000, 5000, 2000, 2000]);
    await clock.advance(10_000);
    expect(pool.state.get().moments.length).toBeGreaterThanOrEqual(6);
    stop();
    const { moments } = pool.state.get();
    pool.pace("slower");
    await clock.advance(60_000);
    expect(pool.state.get().moments).toBe(moments);
  });

  test("keeps what it knew for who comes back, and goes on from there", async () => {
    pool.start()();
    const stop = pool.start();
    await clock.advance(1000);
    stop();
    const { moments } = pool.state.get();
    const again = pool.start();
    await clock.advance(1000);
    again();
    expect(pool.state.get().moments.length).toBe(moments.length + 1);
  });

  test("tells of slots that are claimed, and of a member that left and came back", async () => {
    const stop = pool.start();
    await clock.advance(60_000);
    expect(changes()).toContainEqual(expect.stringMatching(/^slot1_\d@node[12] claimed by job \d+\.0 of \w+@ovlpool$/));
    demo.removeContainer("node104", "node1");
    await clock.advance(10_000);
    expect(changes()).toContain("slot1@node1 left the pool");
    expect(slots().every((slot) => slot.machine === "node2")).toBe(true);
    stop();
  });

  test("whose manager stops is told as that, with its last picture kept", async () => {
    const stop = pool.start();
    await clock.advance(6000);
    const before = slots().length;
    demo.removeContainer("node103", "node2");
    await clock.advance(10_000);
    const { ads, asked } = pool.state.get();
    expect(asked).toBeUndefined();
    expect(ads).toMatchObject({ state: "stale", trouble: { detail: "no running container is called node2" } });
    expect(slots()).toHaveLength(before);
    stop();
  });

  test("goes on with a member whose node is cut off, its last message growing older", async () => {
    const stop = pool.start();
    await clock.advance(6000);
    demo.breakNode("node104", "link-down");
    await clock.advance(420_000);
    const cut = slots().find((slot) => slot.name === "slot1@node1");
    expect(cut?.heardMs).toBeGreaterThan(300_000);
    await clock.advance(600_000);
    expect(slots().some((slot) => slot.machine === "node1")).toBe(false);
    stop();
  });
});

describe("a test job", () => {
  test("is followed until it ran on another machine, with a line in the record before and after it was sent", async () => {
    const run = submitted(sleeps);
    expect(run.state.get().state).toBe("submitting");
    await clock.advance(2000);
    expect(run.state.get()).toMatchObject({ state: "waiting" });
    await clock.advance(60_000);
    expect(run.state.get()).toMatchObject({ state: "done", exitCode: 0, slot: expect.stringMatching(/@node1$/) });
    const title = "condor_submit in node2 as nobody: sleep 5";
    expect(lines).toMatchObject([
      { event: "begun", node: "node103", step: "test-job", title },
      { event: "done", node: "node103", title },
    ]);
  });

  test("is refused while changes are, and nothing is sent or recorded", async () => {
    readOnly.toggle();
    const run = submitted(sleeps);
    await clock.advance(5000);
    expect(run.state.get()).toEqual({ state: "refused", error: "read-only refuses every change" });
    expect(lines).toEqual([]);
  });

  test("of an account that the container does not have is not submitted, in the engine's words", async () => {
    const run = submitted({ ...sleeps, user: "ana" });
    await clock.advance(5000);
    expect(run.state.get()).toMatchObject({
      state: "not-submitted",
      error: expect.stringContaining("unable to find user ana"),
    });
    expect(lines.map((one) => one.event)).toEqual(["begun", "failed"]);
  });

  test("whose command is not there ran all the same: the pool works", async () => {
    const run = submitted({ ...sleeps, command: ["no-such-program"] });
    await clock.advance(60_000);
    expect(run.state.get()).toMatchObject({ state: "done", exitCode: 127 });
  });

  test("is taken out of the queue when asked, and then followed to its end", async () => {
    const run = submitted({ ...sleeps, command: ["sleep", "900"] });
    await clock.advance(30_000);
    expect(run.state.get()).toMatchObject({ state: "running" });
    const removing = run.remove();
    await clock.advance(5000);
    await removing;
    expect(run.state.get()).toMatchObject({ state: "removed", reason: "via condor_rm (by user nobody)" });
    expect(lines.at(-1)).toMatchObject({ event: "done", title: expect.stringMatching(/^condor_rm \d+\.0 in node2$/) });
  });

  test("that condor_rm refuses to take out goes on, and what it said stays said", async () => {
    const run = submitted({ ...sleeps, command: ["sleep", "900"] });
    await clock.advance(30_000);
    readOnly.toggle();
    await run.remove();
    await clock.advance(5000);
    expect(run.removal.get()).toMatchObject({ state: "failed", error: "read-only refuses every change" });
    expect(run.unseen.get()).toBeUndefined();
    expect(run.state.get()).toMatchObject({ state: "running" });
    readOnly.toggle();
    const again = run.remove();
    expect(run.removal.get()).toEqual({ state: "asking" });
    await clock.advance(5000);
    await again;
    expect(run.removal.get()).toEqual({ state: "asked" });
    expect(run.state.get()).toMatchObject({ state: "removed" });
  });

  test("that nobody takes goes on waiting, and is not followed any more once it is left", async () => {
    const run = submitted({ ...sleeps, where: { on: "machine", machine: text`nowhere` } });
    await clock.advance(90_000);
    expect(run.state.get()).toMatchObject({ state: "waiting" });
    run.leave();
    await clock.advance(5000);
    await run.ended;
    expect(run.state.get()).toMatchObject({ state: "waiting" });
  });
});
