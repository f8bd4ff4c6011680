import { type SafeText, text } from "../text.ts";
import type { Instant } from "../time.ts";
import type { Tone } from "../views/condition.ts";
import type { PoolAds, SlotAd } from "./ads.ts";
import type { Job } from "./queue.ts";
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

/** What slots came, left and changed hands. Nothing before there were two looks. */
export function slotChanges(before: PoolAds | undefined, now: PoolAds, at: Instant): PoolChange[] {
  if (before === undefined) return [];
  const old = new Map(before.slots.map((slot) => [String(slot.name), slot]));
  const kept = new Set(now.slots.map((slot) => String(slot.name)));
  const changed = now.slots.flatMap((slot): PoolChange[] => {
    const last = old.get(slot.name);
    if (last === undefined) return [joined(slot, at)];
    return sameWork(last, slot) ? [] : [{ at, subject: slot.name, ...workWords(slot) }];
  });
  const left = before.slots
    .filter((slot) => !kept.has(slot.name))
    // A dynamic slot is taken away when its job is done: that is no loss.
    .map(
      (slot): PoolChange =>
        slot.kind === "dynamic"
          ? { at, subject: slot.name, words: text`given back`, tone: "busy" }
          : { at, subject: slot.name, words: text`left the pool`, tone: "bad" },
    );
  return [...left, ...changed];
}

function joined(slot: SlotAd, at: Instant): PoolChange {
  if (slot.kind === "dynamic") return { at, subject: slot.name, ...workWords(slot) };
  return { at, subject: slot.name, words: text`joined the pool`, tone: "good" };
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

/** What became of jobs between two looks at the queues. */
export function jobChanges(before: readonly Job[] | undefined, now: readonly Job[], at: Instant): PoolChange[] {
  if (before === undefined) return [];
  const old = new Map(before.map((job) => [String(job.id), job]));
  const kept = new Set(now.map((job) => String(job.id)));
  const gone = before
    .filter((job) => !kept.has(job.id))
    .map((job): PoolChange => ({ at, subject: text`job ${job.id}`, words: text`left the queue`, tone: "busy" }));
  const changed = now.flatMap((job): PoolChange[] => {
    const last = old.get(job.id);
    if (last?.state === job.state) return [];
    return [{ at, subject: text`job ${job.id}`, ...jobWords(job) }];
  });
  return [...gone, ...changed];
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
