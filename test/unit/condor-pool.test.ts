import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStatus } from "../../src/adapters/condor/parse-status.ts";
import { wordsOf } from "../../src/domain/command-line.ts";
import type { DaemonAd, PoolAds, SlotAd } from "../../src/domain/condor/ads.ts";
import { partitionableOf } from "../../src/domain/condor/ads.ts";
import { jobChanges, slotChanges } from "../../src/domain/condor/history.ts";
import { homesIn, membersOf, missingMembers } from "../../src/domain/condor/members.ts";
import { inOrder, type Job, type Queue, wholeQueue } from "../../src/domain/condor/queue.ts";
import { coresOf, jobsOn, slotsOf } from "../../src/domain/condor/slots.ts";
import { commandProblem, isAccount, reachOf, submitDescription } from "../../src/domain/condor/test-job.ts";
import { totalsOf } from "../../src/domain/condor/totals.ts";
import type { CondorSpec } from "../../src/domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../src/domain/text.ts";
import { condorOutput } from "../condor-output/read.ts";
import { container, containerId, node103, node104 } from "../snapshots.ts";
import { clusterAfter, containersOn, inOverlay, node1, node2 } from "../ui/clusters.ts";

/** The pool whose output was kept. */
function captured(): PoolAds {
  const [now = "", ...printed] = condorOutput("status").split("\n");
  const parsed = parseStatus(printed.join("\n"), Number(now), text`condor_status`);
  if (!parsed.ok) throw new Error("the kept output was not understood");
  return parsed.value;
}

const homes = homesIn(clusterAfter());
const procedure: CondorSpec = {
  manager: text`node2`,
  execute: [text`node1`, text`node2`],
  submit: [],
  security: "password",
  domain: text`bigcomputing`,
};

const slot = (name: string, changes: Partial<SlotAd> = {}): SlotAd => ({
  ...{ name: clean(name), machine: clean(name.slice(name.indexOf("@") + 1)), address: undefined, kind: "static" },
  ...{ state: "Unclaimed", activity: text`Idle`, activityMs: 1000, cpus: 1, memoryMb: 512, totalCpus: 1 },
  ...{ totalMemoryMb: 512, load: 0, owner: undefined, job: undefined, heardMs: 1000, platform: text`X86_64/LINUX` },
  ...{ version: text`23.9.6`, ...changes },
});
const pool = (...slots: SlotAd[]): PoolAds => ({ slots, daemons: [] });
const daemon = (kind: DaemonAd["kind"], machine: string): DaemonAd => ({
  ...{ kind, name: clean(machine), machine: clean(machine), address: undefined },
  ...{ heardMs: 0, version: undefined },
});

describe("slots", () => {
  test("are folded under the one that they were cut from, with what is used of it", () => {
    const [first, second] = slotsOf(captured(), homes);
    expect(first).toMatchObject({
      ad: { name: "slot1@node1" },
      parts: [{ name: "slot1_1@node1" }],
      cpus: { used: 1, total: 2 },
      memoryMb: { used: 128, total: 24_103 },
    });
    expect(first === undefined ? [] : jobsOn(first)).toEqual([{ job: "8.0", owner: "tester@ovlpool" }]);
    expect(second).toMatchObject({ ad: { name: "slot1@node2" }, parts: [], cpus: { used: 0, total: 2 } });
  });

  test("are found in the container that has the address they advertise", () => {
    expect(slotsOf(captured(), homes).map(({ home }) => [home?.name, home?.node])).toEqual([
      ["node1", "node104"],
      ["node2", "node103"],
    ]);
  });

  test("that advertise the bridge's address, alike on every node, are found by their machine's name", () => {
    const gwbridge = { address: text`172.18.0.2` };
    const [found] = slotsOf(pool(slot("slot1@node1.example.org", gwbridge)), homes);
    expect(found?.home).toMatchObject({ name: "node1", node: "node104" });
  });

  test("of machines that are no container of the cluster are shown without one", () => {
    expect(slotsOf(pool(slot("slot1@elsewhere")), homes)[0]?.home).toBeUndefined();
  });

  test("count as claimed by their cores, whatever the partitionable ones say of what is left", () => {
    const whole = slot("slot1@a", { kind: "partitionable", cpus: 0, totalCpus: 4 });
    const parts = [1, 2].map((at) => slot(`slot1_${at}@a`, { kind: "dynamic", state: "Claimed", cpus: 2 }));
    const own = slot("slot1@b", { state: "Owner", cpus: 8 });
    const busy = slot("slot1@c", { state: "Claimed", cpus: 1 });
    expect(coresOf(slotsOf(pool(whole, ...parts, own, busy), []))).toEqual({ claimed: 5, unclaimed: 0, owner: 8 });
  });

  test("whose partitionable one is not told stand by themselves, and none is lost", () => {
    const orphan = slot("slot1_3@gone", { kind: "dynamic", state: "Claimed" });
    expect(slotsOf(pool(orphan, slot("slot2@a")), []).map(({ ad }) => ad.name)).toEqual(["slot2@a", "slot1_3@gone"]);
  });

  test("of one name and two addresses are two: each has its own parts, and no core counts twice", () => {
    const at = (address: string, ...changes: SlotAd[]) => changes.map((one) => ({ ...one, address: clean(address) }));
    const whole = slot("slot1@a", { kind: "partitionable", cpus: 1, totalCpus: 2 });
    const part = slot("slot1_1@a", { kind: "dynamic", state: "Claimed" });
    const found = slotsOf(pool(...at("10.10.10.3", whole, part), ...at("10.10.10.4", whole)), []);
    expect(found.map(({ ad, parts }) => [ad.address, parts.length])).toEqual([
      ["10.10.10.3", 1],
      ["10.10.10.4", 0],
    ]);
    expect(coresOf(found)).toEqual({ claimed: 1, unclaimed: 3, owner: 0 });
  });

  test("with underscores in their machine's name still find the one they were cut from", () => {
    expect(partitionableOf("slot1_12@my_host_1")).toBe("slot1@my_host_1");
    expect(partitionableOf("slot1@my_host")).toBeUndefined();
    expect(partitionableOf("slot1")).toBeUndefined();
  });
});

describe("the totals", () => {
  test("are those that condor_status printed at the same moment", () => {
    const printed = condorOutput("printed").split("\n");
    const figures = (line: string | undefined) => line?.trim().split(/\s+/).slice(1).map(Number) ?? [];
    const [platform, total] = totalsOf(captured().slots).map((row) => [
      ...[row.total, row.owner, row.claimed, row.unclaimed, row.matched, row.preempting, row.drain, row.backfill],
    ]);
    expect(platform).toEqual(figures(printed.find((line) => line.includes("X86_64/LINUX"))).slice(0, 8));
    expect(total).toEqual(figures(printed.findLast((line) => line.trim().startsWith("Total"))).slice(0, 8));
  });

  test("add up over platforms, and leave states out that nobody knows", () => {
    const rows = totalsOf([
      slot("a", { state: "Claimed" }),
      slot("b", { platform: text`aarch64/LINUX`, state: "Drained" }),
      slot("c", { state: undefined }),
    ]);
    expect(rows.map(({ platform, total }) => [platform, total])).toEqual([
      ["aarch64/LINUX", 1],
      ["X86_64/LINUX", 1],
      ["Total", 2],
    ]);
  });
});

describe("the members", () => {
  test("of the procedure's pool have all that they should", () => {
    const members = membersOf(captured(), homes, procedure);
    expect(members.map(({ name, daemons }) => [name, daemons.map((one) => `${one.kind} ${one.state}`)])).toEqual([
      ["node2", ["collector up", "negotiator up", "schedd up", "startd up"]],
      ["node1", ["startd up"]],
    ]);
    expect(missingMembers(members)).toEqual([]);
  });

  test("that run and did not join are missing, and so are those whose container is gone", () => {
    const ads = {
      slots: [slot("slot1@node2")],
      daemons: [daemon("collector", "node2"), daemon("negotiator", "node2")],
    };
    const third = { ...procedure, execute: [...procedure.execute, text`node3`] };
    const members = membersOf(ads, homes, third);
    expect(missingMembers(members)).toEqual(["node2", "node1", "node3"]);
    expect(members.find((one) => one.name === "node2")?.daemons).toMatchObject([
      { kind: "collector", state: "up" },
      { kind: "negotiator", state: "up" },
      { kind: "schedd", state: "missing" },
      { kind: "startd", state: "up" },
    ]);
    expect(members.find((one) => one.name === "node3")?.home).toBeUndefined();
  });

  test("that no file names are shown with what they run", () => {
    const members = membersOf({ slots: [slot("slot1@node1")], daemons: [daemon("schedd", "far")] }, homes, undefined);
    expect(members.map(({ name, home, daemons }) => [name, home?.node, daemons.map((one) => one.kind)])).toEqual([
      ["far", undefined, ["schedd"]],
      ["node1", "node104", ["startd"]],
    ]);
  });

  test("are looked for in running containers only", () => {
    const stopped = container("node1", node104, { state: "exited", exitCode: 0, attachments: inOverlay("10.10.10.3") });
    const seen = homesIn(clusterAfter(containersOn(node103, [node2]), containersOn(node104, [stopped])));
    expect(seen.map((one) => one.name)).toEqual(["node2"]);
    expect(homes.find((one) => one.name === "node1")?.container).toBe(node1.id);
  });
});

describe("what changed", () => {
  const at = 1000;
  const words = (before: PoolAds, now: PoolAds) =>
    slotChanges(before, now, at).map((one) => `${one.subject} ${one.words}`);

  test("is nothing at the first look", () => {
    expect(slotChanges(undefined, pool(slot("a@x")), at)).toEqual([]);
    expect(jobChanges(undefined, wholeQueue([]), at, undefined)).toEqual([]);
  });

  test("tells who joined, left, was claimed and fell idle, each once", () => {
    const idle = slot("slot1@a");
    const busy = slot("slot1@a", { state: "Claimed", job: text`4.0`, owner: text`ana@pool` });
    expect(words(pool(idle), pool(busy))).toEqual(["slot1@a claimed by job 4.0 of ana@pool"]);
    expect(words(pool(busy), pool(busy))).toEqual([]);
    expect(words(pool(busy), pool(idle))).toEqual(["slot1@a idle: nobody claims it"]);
    expect(words(pool(idle), pool(idle, slot("slot1@b")))).toEqual(["slot1@b joined the pool"]);
    expect(words(pool(idle), pool())).toEqual(["slot1@a left the pool"]);
    expect(words(pool(idle), pool(slot("slot1@a", { state: "Owner" })))).toEqual([
      "slot1@a kept back by its machine (Owner)",
    ]);
  });

  test("is nothing while a slot is listed twice, with its old address and its new one, which are told when one goes", () => {
    const old = slot("slot1@a", { state: "Claimed", job: text`4.0`, address: text`10.10.10.3` });
    const fresh = slot("slot1@a", { address: text`10.10.10.4` });
    expect(words(pool(old), pool(old, fresh))).toEqual(["slot1@a at 10.10.10.4 joined the pool"]);
    expect(words(pool(old, fresh), pool(fresh, old))).toEqual([]);
    expect(words(pool(old, fresh), pool(fresh))).toEqual(["slot1@a at 10.10.10.3 left the pool"]);
  });

  test("is no loss when a slot that was cut for a job is given back", () => {
    const part = slot("slot1_1@a", { kind: "dynamic", state: "Claimed", job: text`4.0` });
    expect(words(pool(), pool(part))).toEqual(["slot1_1@a claimed by job 4.0"]);
    expect(slotChanges(pool(part), pool(), at)).toMatchObject([{ words: "given back", tone: "busy" }]);
  });

  test("tells of jobs when they begin, are held, and leave", () => {
    const job = (state: Job["state"], changes: Partial<Job> = {}): Job => ({
      ...{ id: text`4.0`, owner: text`ana`, state, command: text`sleep`, slot: undefined, holdReason: undefined },
      ...{ submittedMs: 0, stateMs: 0, ...changes },
    });
    const held = job("held", { holdReason: text`no such file` });
    const running = job("running", { slot: text`slot1@a` });
    const said = (before: Job[], now: Job[], schedd?: SafeText) =>
      jobChanges(wholeQueue(before), wholeQueue(now), at, schedd).map((one) => `${one.subject} ${one.words}`);
    expect(said([], [job("idle")])).toEqual(["job 4.0 waits for a slot (ana)"]);
    expect(said([job("idle")], [running])).toEqual(["job 4.0 runs on slot1@a"]);
    expect(said([running], [held])).toEqual(["job 4.0 held: no such file"]);
    expect(said([held], [])).toEqual(["job 4.0 left the queue"]);
    expect(said([running], [], text`node3`)).toEqual(["job 4.0 in node3 left the queue"]);
    const order = inOrder(
      [job("idle", { id: text`1.0` }), { ...running, id: text`10.0` }, { ...running, id: text`9.0` }, held],
      (one) => one,
    );
    expect(order.map((one) => `${one.state} ${one.id}`)).toEqual([
      "held 4.0",
      "running 9.0",
      "running 10.0",
      "idle 1.0",
    ]);
  });
});

describe("what a test job proves", () => {
  const [home1, home2] = [homes.find((one) => one.name === "node1"), homes.find((one) => one.name === "node2")];
  if (home1 === undefined || home2 === undefined) throw new Error("both run");
  const node3 = { ...home2, container: containerId("3"), name: text`node3`, addresses: [text`10.10.10.4`] };
  const all = [...homes, node3];
  const ads = pool(slot("slot1@node1"), slot("slot1@node2"), slot("slot1@node3"), slot("slot1@far"));
  const reach = (name: string) => reachOf(clean(name), home2, ads, all);

  test("is told by where the slot lives that ran it, seen from its queue's container", () => {
    expect(reach("slot1_1@node1")).toEqual({ to: "another-node", home: home1 });
    expect(reach("slot1_2@node3")).toEqual({ to: "another-container", home: node3 });
    expect(reach("slot1@node2")).toEqual({ to: "itself" });
    expect(reach("slot1@far")).toEqual({ to: "stranger", machine: "far" });
  });
});

describe("what changed in a queue that is longer than what is read", () => {
  const job = (id: string, state: Job["state"]): Job => ({
    ...{ id: clean(id), owner: text`ana`, state, command: text`sleep`, slot: undefined, holdReason: undefined },
    ...{ submittedMs: 0, stateMs: 0 },
  });
  const cut = (...jobs: Job[]) => ({ ...wholeQueue(jobs), total: 5000 });
  const said = (before: Queue, now: Queue) =>
    jobChanges(before, now, 1000, undefined).map((one) => `${one.subject} ${one.words}`);

  test("are states alone: a job that is not read any more may wait in it still", () => {
    const before = cut(job("1.0", "idle"), job("2.0", "running"));
    expect(said(before, cut(job("2.0", "held"), job("3.0", "idle")))).toEqual(["job 2.0 held: no reason told"]);
    expect(said(before, wholeQueue([job("2.0", "running"), job("3.0", "idle")]))).toEqual(["job 1.0 left the queue"]);
  });
});

describe("a test job's description", () => {
  const describe_ = (
    command: readonly string[],
    where: Parameters<typeof submitDescription>[0]["where"] = { on: "any" },
  ) => submitDescription({ user: "nobody", command, where });

  /** As condor_submit reads the new syntax of arguments (HTCondor manual, condor_submit). */
  function readArguments(description: string): string[] {
    const line = description.split("\n").find((one) => one.startsWith("arguments = ")) ?? "";
    const inner = /^arguments = "(.*)"$/.exec(line)?.[1] ?? "";
    const plain = inner.replaceAll("$(DOLLAR)", "$").replaceAll('""', '"');
    return [...plain.matchAll(/'((?:[^']|'')*)'(?: |$)/g)].map((found) => (found[1] ?? "").replaceAll("''", "'"));
  }

  test("gives back every word as it was, quotes and dollars included", () => {
    const word = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => !/[\r\n\0]/.test(one));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const description = describe_(words);
        expect(readArguments(description)).toEqual(words);
        // No word can begin a macro or a line of its own.
        expect(description.replaceAll("$(DOLLAR)", "")).not.toContain("$");
        expect(description.split("\n")).toHaveLength(describe_(["x"]).split("\n").length);
      }),
    );
  });

  test("keeps it off the queue's own machine, or on the one that was chosen", () => {
    expect(describe_(["true"])).not.toContain("requirements");
    expect(describe_(["true"], { on: "elsewhere", than: [text`node2`, text`node3`] })).toContain(
      `requirements = Machine =!= "node2" && Machine =!= "node3"`,
    );
    expect(describe_(["true"], { on: "machine", machine: clean('a"b\\') })).toContain(
      String.raw`requirements = Machine == "a\"b\\"`,
    );
  });

  test("is refused for commands and accounts that cannot be", () => {
    expect(commandProblem(wordsOf("sleep 5"))).toBeUndefined();
    expect(commandProblem(wordsOf("sleep 'five"))).toBe("a quote is open");
    expect(commandProblem([])).toMatch(/a program/);
    expect(commandProblem(["A=1", "env"])).toMatch(/assignment/);
    expect(commandProblem(["a\nqueue 1000"])).toBe("one line, please");
    expect(["nobody", "user1", "_apt", "svc$"].every(isAccount)).toBe(true);
    expect(["root", "", "a b", "-u", "0:0", "x;y"].some(isAccount)).toBe(false);
  });
});
