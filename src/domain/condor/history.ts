import { type SafeText, text } from "../text.ts";
import type { Instant } from "../time.ts";
import type { Tone } from "../views/condition.ts";
import { type PoolAds, type SlotAd, slotKey } from "./ads.ts";
import { isCut, type Job, type Queue } from "./queue.ts";
import type { Cores } from "./slots.ts";

/** Something that changed in the pool between two looks at it. */
export interface PoolChange {
  /** When it was noticed. */
  at: Instant;
  /** The slot or the job that it is about. */
  subject: SafeText;
  words: SafeText;
  tone: Tone;
}

/** The newest changes and moments are kept. */
const keptChanges = 1000;
const keptMoments = 2000;

/** A moment of the pool's strip. */
export interface Moment extends Cores {
  at: Instant;
}

export const withChanges = (before: readonly PoolChange[], more: readonly PoolChange[]): readonly PoolChange[] =>
  more.length === 0 ? before : [...before, ...more].slice(-keptChanges);

export const withMoment = (before: readonly Moment[], moment: Moment): readonly Moment[] =>
  [...before, moment].slice(-keptMoments);

/**
 * What slots came, left and changed hands. Nothing before there were two looks. Of two slots of one name each is told with
 * its address.
 */
export function slotChanges(before: PoolAds | undefined, now: PoolAds, at: Instant): PoolChange[] {
  if (before === undefined) return [];
  const old = new Map(before.slots.map((slot) => [slotKey(slot), slot]));
  const kept = new Set(now.slots.map(slotKey));
  const twins = new Set([...twinsIn(before), ...twinsIn(now)]);
  const told = (slot: SlotAd, { words, tone }: Pick<PoolChange, "words" | "tone">): PoolChange => {
    const place = twins.has(slot.name) && slot.address !== undefined ? text` at ${slot.address}` : text``;
    return { at, subject: text`${slot.name}${place}`, words, tone };
  };
  const changed = now.slots.flatMap((slot): PoolChange[] => {
    const last = old.get(slotKey(slot));
    if (last === undefined) return [told(slot, joined(slot))];
    return sameWork(last, slot) ? [] : [told(slot, workWords(slot))];
  });
  const left = before.slots
    .filter((slot) => !kept.has(slotKey(slot)))
    // A dynamic slot is taken away when its job is done: that is no loss.
    .map((slot) =>
      slot.kind === "dynamic"
        ? told(slot, { words: text`given back`, tone: "busy" })
        : told(slot, { words: text`left the pool`, tone: "bad" }),
    );
  return [...left, ...changed];
}

/** Names that more than one slot has. */
function twinsIn({ slots }: PoolAds): Set<string> {
  const counts = Map.groupBy(slots, ({ name }) => String(name));
  return new Set([...counts].flatMap(([name, some]) => (some.length > 1 ? [name] : [])));
}

function joined(slot: SlotAd): Pick<PoolChange, "words" | "tone"> {
  return slot.kind === "dynamic" ? workWords(slot) : { words: text`joined the pool`, tone: "good" };
}

const sameWork = (a: SlotAd, b: SlotAd): boolean => a.state === b.state && a.job === b.job;

function workWords(slot: SlotAd): Pick<PoolChange, "words" | "tone"> {
  const job =
    slot.job === undefined
      ? text``
      : text` by job ${slot.job}${slot.owner === undefined ? text`` : text` of ${slot.owner}`}`;
  switch (slot.state) {
    case "Claimed":
      return { words: text`claimed${job}`, tone: "good" };
    case "Matched":
      return { words: text`matched`, tone: "busy" };
    case "Unclaimed":
      return { words: text`idle: nobody claims it`, tone: "busy" };
    case "Owner":
      return { words: text`kept back by its machine (Owner)`, tone: "warn" };
    case "Drained":
      return { words: text`drained: it takes no more jobs`, tone: "warn" };
    case "Preempting":
      return { words: text`preempting${job}`, tone: "warn" };
    case "Backfill":
      return { words: text`does backfill work`, tone: "busy" };
    case undefined:
      return { words: text`in a state that is not known`, tone: "warn" };
  }
}

/**
 * What became of the jobs of one schedd between two looks at it; `schedd` names it where there are several, for each has a
 * job 1.0. Of a queue that was cut nobody knows which of its jobs came or left.
 */
export function jobChanges(
  before: Queue | undefined,
  now: Queue,
  at: Instant,
  schedd: SafeText | undefined,
): PoolChange[] {
  if (before === undefined) return [];
  const subject = ({ id }: Job) => (schedd === undefined ? text`job ${id}` : text`job ${id} in ${schedd}`);
  const old = new Map(before.jobs.map((job) => [String(job.id), job]));
  const kept = new Set(now.jobs.map((job) => String(job.id)));
  const gone = isCut(now)
    ? []
    : before.jobs
        .filter((job) => !kept.has(job.id))
        .map((job): PoolChange => ({ at, subject: subject(job), words: text`left the queue`, tone: "busy" }));
  const changed = now.jobs.flatMap((job): PoolChange[] => {
    const last = old.get(job.id);
    if (last?.state === job.state || (last === undefined && isCut(before))) return [];
    return [{ at, subject: subject(job), ...jobWords(job) }];
  });
  return [...gone, ...changed];
}

/** A schedd came, or its daemon or container went, and the jobs that it had with it. */
export function scheddChange(name: SafeText, became: "there" | "gone", jobs: number, at: Instant): PoolChange {
  const subject = text`schedd ${name}`;
  if (became === "there") return { at, subject, words: text`joined the pool`, tone: "good" };
  const of = jobs === 0 ? text`` : text`: its jobs (${jobs}) are not seen any more`;
  return { at, subject, words: text`left the pool${of}`, tone: "bad" };
}

function jobWords(job: Job): Pick<PoolChange, "words" | "tone"> {
  switch (job.state) {
    case "idle":
      return { words: text`waits for a slot (${job.owner})`, tone: "busy" };
    case "running":
      return { words: job.slot === undefined ? text`runs` : text`runs on ${job.slot}`, tone: "good" };
    case "held":
      return { words: text`held: ${job.holdReason ?? text`no reason told`}`, tone: "bad" };
    case "completed":
      return { words: text`done`, tone: "good" };
    case "removed":
      return { words: text`removed`, tone: "warn" };
    case "transferring":
      return { words: text`hands its output back`, tone: "busy" };
    case "suspended":
      return { words: text`suspended`, tone: "warn" };
  }
}
