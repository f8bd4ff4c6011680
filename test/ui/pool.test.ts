import { describe, expect, test } from "vitest";
import { parseQueue } from "../../src/adapters/condor/parse-queue.ts";
import { parseStatus } from "../../src/adapters/condor/parse-status.ts";
import type { PoolAds, SlotAd } from "../../src/domain/condor/ads.ts";
import { type Home, homesIn } from "../../src/domain/condor/members.ts";
import { type Job, wholeQueue } from "../../src/domain/condor/queue.ts";
import type { TestJob } from "../../src/domain/condor/test-job.ts";
import type { CondorSpec } from "../../src/domain/spec/spec.ts";
import { clean, cleanLines, type SafeText, text } from "../../src/domain/text.ts";
import { bad, good, type Outcome } from "../../src/domain/trouble.ts";
import type { Checkup } from "../../src/services/pool/pool-checkup.ts";
import type { PoolState, ScheddQueue } from "../../src/services/pool/pool-watch.ts";
import type { Removal, TestJobState } from "../../src/services/pool/test-job.ts";
import { PromptQueue } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { Holder } from "../../src/services/state.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { PoolStage } from "../../src/ui/pool/pool.ts";
import { condorOutput } from "../condor-output/read.ts";
import { ManualClock } from "../manual-clock.ts";
import { node104, start } from "../snapshots.ts";
import { clusterAfter, hostile, node1 } from "./clusters.ts";
import { StageDriver } from "./stage-driver.ts";

const small = { columns: 80, rows: 24 };
const large = { columns: 200, rows: 50 };

function understood<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error("the kept output was not understood");
  return outcome.value;
}

function kept(name: "status" | "queue"): { now: number; printed: string } {
  const [now = "", ...printed] = condorOutput(name).split("\n");
  return { now: Number(now), printed: printed.join("\n") };
}

/** The pool whose output was kept. */
const ads: PoolAds = understood(parseStatus(kept("status").printed, kept("status").now, text`condor_status`));
const jobs = understood(parseQueue(kept("queue").printed, kept("queue").now, text`condor_q`));
/** The queue of node2 as it was just told. */
const queueOf = (some: readonly Job[], changes: Partial<ScheddQueue> = {}): ScheddQueue => {
  const home = homesIn(clusterAfter()).find((one) => one.name === "node2");
  if (home === undefined) throw new Error("node2 does not run");
  return { home, queue: { state: "fresh", at: start, value: wholeQueue(some) }, ...changes };
};
const procedure: CondorSpec = {
  ...{ manager: text`node2`, execute: [text`node1`, text`node2`], submit: [], security: "password" },
  domain: text`bigcomputing`,
};

/** Somebody who looks at a pool that is in the hands of the test. */
class Operator {
  readonly clock = new ManualClock();
  readonly state: Holder<PoolState>;
  readonly readOnly = new ReadOnly(false);
  readonly asked: string[] = [];
  readonly told: SafeText[] = [];
  readonly test = new Holder<TestJobState>({ state: "submitting", since: start });
  readonly checkup = new Holder<Checkup>({ findings: [], at: undefined, isLooking: false });
  readonly unseen = new Holder<SafeText | undefined>(undefined);
  readonly removal = new Holder<Removal>({ state: "none" });
  readonly #ended = Promise.withResolvers<void>();
  submitted: { test: TestJob; home: Home } | undefined;
  removed = 0;
  left = 0;
  quits = 0;
  printed: Outcome<readonly SafeText[]> = good(cleanLines(condorOutput("printed").split("\n").slice(1).join("\n")));
  readonly stage: PoolStage;
  readonly screen: StageDriver;
  readonly stop: () => void;

  constructor(size = small, changes: Partial<PoolState> = {}, condor: CondorSpec | undefined = procedure) {
    const seen = clusterAfter();
    this.state = new Holder<PoolState>({
      asked: undefined,
      ads: { state: "fresh", at: start, value: ads },
      queues: [queueOf(jobs)],
      changes: [],
      moments: [],
      ...changes,
    });
    this.stage = new PoolStage(
      {
        ...{ clock: this.clock, prompts: new PromptQueue(), readOnly: this.readOnly.state, demo: false, condor },
        ...{ seen: new Holder(seen), manager: text`node2`, toggleReadOnly: () => this.readOnly.toggle() },
        pool: {
          state: this.state,
          start: () => {
            this.asked.push("start");
            return () => this.asked.push("stop");
          },
          refresh: () => this.asked.push("refresh"),
          pace: (change) => {
            this.asked.push(change);
            return 10_000;
          },
          printed: () => {
            this.asked.push("condor_status");
            return Promise.resolve(this.printed);
          },
        },
        checkup: { state: this.checkup, start: () => () => undefined, refresh: () => this.asked.push("checkup") },
        setUp: () => this.asked.push("set-up"),
        submit: (test, home) => {
          this.submitted = { test, home };
          return {
            ...{ test, home, state: this.test, unseen: this.unseen, removal: this.removal, ended: this.#ended.promise },
            remove: async () => void this.removed++,
            leave: () => undefined,
          };
        },
        back: () => this.left++,
        tell: (words) => this.told.push(words),
        running: () => () => undefined,
      },
      painter(false),
      size,
      () => this.quits++,
    );
    this.screen = new StageDriver(() => this.stage, size);
    this.stop = this.stage.start();
  }

  async becomes(state: TestJobState): Promise<void> {
    this.test.set(state);
    if (["done", "held", "removed", "left"].includes(state.state)) this.#ended.resolve();
    await this.clock.advance(0);
  }

  press = (...keys: string[]): Promise<void> => this.screen.press(...keys);
  text = (): Promise<string> => this.screen.text();
}

describe.each([
  ["80x24", small],
  ["200x50", large],
])("the pool in %s", (_, size) => {
  test("shows each slot in its container and node, what works on it, and the totals of condor_status", async () => {
    const text = await new Operator(size).text();
    expect(text).toMatch(/pool of node2 {2}2 slots {2}1\/4 cores/);
    expect(text).toMatch(/▸ slot1@node1 +node1 +node104 .*Claimed +Busy 5s +1\/2 .* 8\.0/);
    expect(text).toMatch(/ {2}slot1@node2 +node2 +node103 .*Unclaimed +Idle 1m +0\/2 .* - /);
    expect(text).toMatch(/Total +Owner +Claimed +Unclaimed +Matched +Preempting/);
    expect(text).toMatch(/X86_64\/LINUX +3 +0 +1 +2 +0 +0/);
    expect(text).toMatch(/node2 +collector negotiator schedd startd/);
    expect(text).not.toContain("lack something");
  });

  test("fits, and its footer names only keys that do something there", async () => {
    const operator = new Operator(size);
    for (const tab of ["1", "2", "3", "4"]) {
      await operator.press(tab);
      const rows = await operator.screen.rows();
      expect(rows).toHaveLength(size.rows);
      expect(rows.at(-1)).toContain("t test job");
      expect(rows.at(-1)?.includes("enter unfold")).toBe(tab === "1");
      expect(rows[2]?.length).toBe(size.columns);
    }
  });

  test("keeps hostile names in their place, whatever they hold", async () => {
    const slots: SlotAd[] = hostile.flatMap((raw): SlotAd[] => {
      const [first] = ads.slots;
      const name = clean(raw);
      return first === undefined
        ? []
        : [
            {
              ...first,
              kind: "static",
              name,
              machine: name,
              address: undefined,
              job: name,
              owner: name,
              activity: name,
            },
          ];
    });
    const held = hostile.map((raw, at): Job => {
      const words = clean(raw);
      return {
        ...{ id: text`${at}.0`, owner: words, state: "held", command: words, slot: undefined, holdReason: words },
        ...{ submittedMs: 0, stateMs: 0 },
      };
    });
    const changes = hostile.map((raw) => ({ at: start, subject: clean(raw), words: clean(raw), tone: "bad" as const }));
    const operator = new Operator(size, {
      ads: { state: "fresh", at: start, value: { slots, daemons: [] } },
      queues: [queueOf(held, { home: { ...queueOf([]).home, name: clean(hostile[0] ?? "") } })],
      changes,
    });
    for (const tab of ["1", "2", "3"]) {
      await operator.press(tab);
      const rows = await operator.screen.rows();
      const framed = rows.slice(2, -2).filter((row) => row.startsWith("│"));
      expect(framed.length).toBeGreaterThan(5);
      for (const row of framed) expect(row).toMatch(/[│┃]$/);
    }
  });
});

describe("the pool", () => {
  test("unfolds a slot into those that were cut from it, and folds it again", async () => {
    const operator = new Operator();
    await operator.press("enter");
    expect(await operator.text()).toMatch(/▾ slot1@node1 .*Unclaimed[^\n]*\n[^\n]* {4}slot1_1@node1 .*Claimed .*1\/1/);
    await operator.press("enter");
    expect(await operator.text()).not.toContain("slot1_1@node1 ");
  });

  test("shows why a job is held, in full, and those that are held first", async () => {
    const operator = new Operator();
    await operator.press("2", "down");
    const text = await operator.text();
    expect(text).toMatch(/2\.0 +tester +held .*\n.*3\.0 +tester +held .*\n.*8\.0 +tester +running .*slot1_1@node1/);
    expect(text.replace(/[\s│]+/g, " ")).toContain(
      "Error from slot1_2@node1: Failed to execute '/nonexistent/prog': (errno=2: 'No such file or directory')",
    );
  });

  test("keeps the jobs of a schedd that does not answer, with their age and why, beside those of the others", async () => {
    const [first] = jobs;
    if (first === undefined) throw new Error("no jobs");
    const trouble = { kind: "timed-out", what: text`condor_q`, afterMs: 15_000 } as const;
    const silent = queueOf(jobs, {
      queue: { state: "stale", at: start - 20_000, since: start - 15_000, value: wholeQueue(jobs), trouble },
    });
    const other = { ...queueOf([]).home, container: node1.id, name: text`node1`, node: node104 };
    const operator = new Operator(large, { queues: [queueOf([first], { home: other }), silent] });
    expect(await operator.text()).toContain("3 held, 1 running, 0 idle  1 queue silent");
    await operator.press("2");
    const shown = await operator.text();
    expect(shown).toContain("queue of node2, its jobs as of 20s ago: condor_q");
    expect(shown).toMatch(/2 Queue 4/);
    expect(shown).toMatch(/2\.0 +tester +held .* node1 /);
    expect(shown).toMatch(/3\.0 +tester +held .* node2 /);
  });

  test("says how many jobs of a long queue it shows, and counts all of them", async () => {
    const value = { jobs, counts: { held: 2, running: 40, idle: 9958 }, total: 10_000 };
    const operator = new Operator(large, { queues: [queueOf([], { queue: { state: "fresh", at: start, value } })] });
    expect(await operator.text()).toContain("2 held, 40 running, 9958 idle");
    await operator.press("2");
    expect(await operator.text()).toMatch(/2 Queue 10000/);
    expect(await operator.text()).toContain("first 3 of 10000");
  });

  test("names what a member lacks, without colours", async () => {
    const without = { ...ads, daemons: ads.daemons.filter((one) => one.kind !== "negotiator") };
    const operator = new Operator(small, { ads: { state: "fresh", at: start, value: without } });
    expect(await operator.text()).toMatch(/1 lack something/);
    expect(await operator.text()).toMatch(/node2 +collector ✗negotiator schedd startd/);
  });

  test("that cannot be asked any more keeps its last picture, with why and what to do", async () => {
    const trouble = { kind: "program-failed", program: text`condor_status`, detail: text`Failed to connect` } as const;
    const operator = new Operator(small, {
      ads: { state: "stale", at: start - 20_000, since: start, value: ads, trouble },
    });
    const shown = await operator.text();
    expect(shown).toContain("told 20s ago");
    expect(shown).toContain("condor_status failed: Failed to connect");
    expect(shown).toContain("Run condor_status by hand");
    expect(shown).toContain("slot1@node1");
  });

  test("follows its changes at their end until somebody looks at an older one", async () => {
    const change = (at: number) => ({
      at: start + at,
      subject: text`slot${at}`,
      words: text`left`,
      tone: "bad" as const,
    });
    const operator = new Operator(small, { changes: Array.from({ length: 40 }, (_, at) => change(at)) });
    const newest = (count: number) =>
      operator.state.set({
        ...operator.state.get(),
        changes: [...operator.state.get().changes, ...Array.from({ length: count }, (_, at) => change(100 + at))],
      });
    await operator.press("3");
    expect(await operator.text()).toMatch(/slot39 .*left/);
    newest(3);
    expect(await operator.text()).toMatch(/slot102 .*left/);
    await operator.press("k", "k");
    newest(30);
    expect(await operator.text()).not.toContain("the newest are followed");
    expect(await operator.text()).toMatch(/slot100 .*left/);
    expect(await operator.text()).not.toContain("slot129");
    await operator.press("G");
    expect(await operator.text()).toMatch(/slot129 .*left/);
  });

  test("prints what condor_status does, asked only while somebody reads it", async () => {
    const operator = new Operator();
    expect(operator.asked).toEqual(["start"]);
    await operator.press("4");
    const shown = await operator.text();
    expect(shown).toContain("slot1_1@node1      LINUX      X86_64 Claimed   Busy      0.000   128  0+00:00…");
    expect(shown).not.toContain("BkIdle");
    await operator.press("right", "right");
    expect(await operator.text()).toContain("BkIdle");
    expect(operator.asked).toEqual(["start", "condor_status"]);
    operator.state.set({ ...operator.state.get() });
    await operator.press("1");
    operator.state.set({ ...operator.state.get() });
    expect(operator.asked).toEqual(["start", "condor_status", "condor_status"]);
    operator.printed = bad({ kind: "program-failed", program: text`condor_status`, detail: text`no collector` });
    await operator.press("4");
    expect(await operator.text()).toContain("condor_status failed: no collector");
  });

  test("draws how its cores were used over time, a share that is small never as nothing", async () => {
    const moments = [
      { at: start - 20_000, claimed: 0, unclaimed: 100, owner: 0 },
      { at: start - 10_000, claimed: 1, unclaimed: 99, owner: 0 },
      { at: start, claimed: 100, unclaimed: 0, owner: 0 },
    ];
    const shown = await new Operator(small, { moments }).text();
    expect(shown).toMatch(/Cores last 20s/);
    expect(shown).toMatch(/claimed +▁█ +100 of 100/);
    expect(shown).toMatch(/unclaimed +██ +0 of 100/);
  });

  test("filters its lists, and takes the filter back before it goes", async () => {
    const operator = new Operator();
    await operator.press("2", "/", "held", "enter");
    expect(await operator.text()).toMatch(/Queue \/held/);
    expect(await operator.text()).not.toContain("running");
    await operator.press("esc");
    expect(await operator.text()).toContain("running");
    expect(operator.left).toBe(0);
    await operator.press("esc");
    expect(operator.left).toBe(1);
    operator.stop();
    expect(operator.asked.at(-1)).toBe("stop");
  });

  test("is asked less often, or more, when somebody says so", async () => {
    const operator = new Operator();
    await operator.press("-");
    expect(await operator.text()).toContain("the pool is asked every 10s");
    await operator.press("+");
    expect(operator.asked).toEqual(["start", "slower", "faster"]);
  });

  test("has its keys explained, and says so where the terminal is too small", async () => {
    const operator = new Operator();
    await operator.press("?");
    expect(await operator.text()).toMatch(/Pool/);
    await operator.press("esc");
    expect(operator.left).toBe(0);
    operator.stage.resize({ columns: 60, rows: 10 });
    expect(JSON.stringify(operator.stage.view().top)).toContain("ovl-tui needs 80x24");
  });
});

describe("a test job from the pool", () => {
  test("is asked for, previewed, confirmed and followed until it ran on the other machine", async () => {
    const operator = new Operator();
    await operator.press("t");
    expect(await operator.text()).toMatch(/Test job from node2 on node103/);
    expect(await operator.text()).toMatch(/runs on +‹ another node than node103 ›/);
    await operator.press("enter");
    const question = await operator.text();
    expect(question).toContain("Submits one job in node2 on node103, as nobody:");
    expect(question).toContain("docker exec -i -u nobody node2 condor_submit -terse");
    expect(question).toContain(`requirements = Machine =!= "node2"`);
    expect(operator.submitted).toBeUndefined();
    await operator.press("y");
    expect(operator.submitted).toMatchObject({
      test: { user: "nobody", command: ["sleep", "5"], where: { on: "elsewhere", than: ["node2"] } },
      home: { name: "node2", node: "node103" },
    });
    await operator.becomes({ state: "waiting", job: text`9.0`, since: start });
    expect(await operator.text()).toContain("job 9.0 waits for a slot");
    await operator.becomes({ state: "running", job: text`9.0`, slot: text`slot1_1@node1`, since: start });
    expect(await operator.text()).toContain("job 9.0 runs on slot1_1@node1");
    const done = { state: "done", job: text`9.0`, slot: text`slot1_1@node1`, exitCode: 0, ms: 6000 } as const;
    await operator.becomes(done);
    expect(await operator.text()).toContain("job 9.0 ran on slot1_1@node1 and came back, 6s after it was submitted");
    expect(await operator.text()).toContain("The pool works: queue, negotiator and slot, from node2 on node103 to");
    expect(operator.told).toEqual(["test job 9.0 ran on slot1_1@node1"]);
    expect(operator.asked).toContain("refresh");
  });

  test("is not submitted by enter: no is the answer of who says nothing", async () => {
    const operator = new Operator();
    await operator.press("t", "enter", "enter");
    expect(await operator.text()).toMatch(/Test job from node2/);
    expect(operator.submitted).toBeUndefined();
  });

  test("takes the operator's own command and account, and refuses root", async () => {
    const operator = new Operator();
    const clear = (count: number) => Array.from({ length: count }, () => "backspace");
    await operator.press("t", ...clear(7), "uname -a", "down", ...clear(6), "root", "enter");
    expect(await operator.text()).toContain("HTCondor takes no jobs of root");
    await operator.press("1", "enter", "y");
    expect(operator.submitted?.test).toMatchObject({ user: "root1", command: ["uname", "-a"] });
  });

  test("that is held says why, and is taken out only after a question that names it", async () => {
    const operator = new Operator();
    await operator.press("t", "enter", "y");
    await operator.becomes({ state: "held", job: text`9.0`, reason: text`no such directory` });
    expect(await operator.text()).toMatch(/job 9\.0 is held:.*\n.*no such directory/);
    await operator.press("x");
    expect(await operator.text()).toContain("Removes job 9.0 from the queue in node2 on node103:");
    expect(await operator.text()).toContain("docker exec -u nobody node2 condor_rm 9.0");
    await operator.press("enter");
    expect(operator.removed).toBe(0);
    await operator.press("x", "y");
    expect(operator.removed).toBe(1);
  });

  test("that never left its machine proves no more than that", async () => {
    const operator = new Operator(large);
    await operator.press("t", "enter", "y");
    const done = { state: "done", job: text`9.0`, slot: text`slot1@node2`, exitCode: 0, ms: 6000 } as const;
    await operator.becomes(done);
    expect(await operator.text()).toContain("The pool works inside node2, where its queue is; that it works between");
    operator.test.set({ ...done, slot: undefined });
    expect(await operator.text()).toContain("which machine ran it is not known");
  });

  test("can be submitted in any container that has a queue, and is sent away from that one's node", async () => {
    const both = ads.daemons.flatMap((one) =>
      one.kind === "schedd"
        ? [one, { ...one, name: text`node1`, machine: text`node1`, address: text`10.10.10.3` }]
        : one,
    );
    const operator = new Operator(large, { ads: { state: "fresh", at: start, value: { ...ads, daemons: both } } });
    await operator.press("t");
    expect(await operator.text()).toMatch(/from +‹ node1 on node104 ›/);
    expect(await operator.text()).toMatch(/runs on +‹ another node than node104 ›/);
    await operator.press("down", "down", "right");
    expect(await operator.text()).toMatch(/Test job from node2 on node103/);
    expect(await operator.text()).toMatch(/from +‹ node2 on node103 ›/);
    expect(await operator.text()).toMatch(/runs on +‹ another node than node103 ›/);
    await operator.press("enter", "y");
    expect(operator.submitted).toMatchObject({ home: { name: "node2" }, test: { where: { than: ["node2"] } } });
  });

  test("that could not be taken out says so for as long as it is looked at, and can be tried again", async () => {
    const operator = new Operator();
    await operator.press("t", "enter", "y");
    await operator.becomes({ state: "running", job: text`9.0`, slot: text`slot1_1@node1`, since: start });
    operator.removal.set({ state: "asking" });
    expect(await operator.text()).toContain("taking it out of the queue");
    expect(await operator.text()).not.toContain("x take it out");
    operator.removal.set({ state: "failed", error: text`Permission denied`, remedy: text`Ask its owner.` });
    operator.unseen.set(undefined);
    const shown = await operator.text();
    expect(shown).toContain("it could not be taken out: Permission denied");
    expect(shown).toContain("Ask its owner.");
    expect(shown).not.toContain("not seen just now");
    expect(shown).toContain("x take it out");
    operator.removal.set({ state: "asked" });
    expect(await operator.text()).toContain("condor_rm has marked it");
    await operator.becomes({ state: "removed", job: text`9.0`, reason: text`via condor_rm` });
    expect(await operator.text()).not.toContain("condor_rm has marked it");
  });

  test("that left without a history is no proof, and no failure either", async () => {
    const operator = new Operator();
    await operator.press("t", "enter", "y");
    await operator.becomes({ state: "left", job: text`9.0`, slot: text`slot1_1@node1` });
    const shown = await operator.text();
    expect(shown).toContain("job 9.0 left the queue after it was seen to run on slot1_1@node1");
    expect(shown).toContain("node2 keeps no history (HISTORY)");
    expect(shown).not.toContain("The pool works");
  });

  test("is refused while changes are", async () => {
    const operator = new Operator();
    await operator.press("ctrl-r", "t");
    expect(await operator.text()).toContain("read-only: every change is refused");
    expect(await operator.text()).not.toContain("Test job from");
  });
});

describe("what is wrong with the pool", () => {
  const finding = (id: string): Checkup["findings"][number] => ({
    ...{ id, severity: "error", title: text`node1 on node104 is not in the pool: ${text`node2`} does not believe it` },
    ...{
      node: node104,
      evidence: [text`condor_ping: AUTHENTICATE:1003`],
      remedy: text`"ovl-tui apply" gives it the secret.`,
    },
  });

  test("is counted over the slots with the key that leads to it, and told there with what was seen and what to do", async () => {
    const operator = new Operator();
    expect(await operator.text()).toMatch(/5 Findings 0/);
    operator.checkup.set({ findings: [finding("condor-authentication")], at: start, isLooking: false });
    expect(await operator.text()).toMatch(/1 finding: 5 /);
    await operator.press("5");
    const told = await operator.text();
    expect(told).toMatch(/5 Findings 1/);
    expect(told).toMatch(/error +node1 on node104 is not in the pool: node2 does not believe it/);
    expect(told).toMatch(/condor_ping: AUTHENTICATE:1003[\s\S]*gives it the secret/);
    expect(told).toMatch(/s opens the set-up, whose plan shows the steps, looked at 0s ago/);
    await operator.press("s");
    expect(operator.asked).toContain("set-up");
  });

  test("can be read to its end where there is more than fits", async () => {
    const operator = new Operator();
    const findings = Array.from({ length: 9 }, (_, index) => finding(`fault-${index}`));
    operator.checkup.set({ findings, at: start, isLooking: false });
    await operator.press("5");
    expect(await operator.text()).not.toContain("s opens the set-up");
    await operator.press("G");
    expect(await operator.text()).toContain("s opens the set-up");
  });

  test("is looked for in every member when somebody asks anew, and said to be nothing", async () => {
    const operator = new Operator();
    await operator.press("5", "R");
    expect(operator.asked).toContain("checkup");
    expect(await operator.text()).toContain("nothing is wrong; R looks at every member");
  });
});
