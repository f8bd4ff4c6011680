import { type PoolAds, quietMs, type SlotAd, slotKey } from "../../domain/condor/ads.ts";
import type { PoolChange } from "../../domain/condor/history.ts";
import type { Home } from "../../domain/condor/members.ts";
import { inOrder, type Job, type JobState } from "../../domain/condor/queue.ts";
import { isTaken, jobsOn, type Slot, type Used } from "../../domain/condor/slots.ts";
import { type TotalRow, totalsOf } from "../../domain/condor/totals.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { ScheddQueue } from "../../services/pool/pool-watch.ts";
import type { Style } from "../draw/style.ts";
import { ago, bytes } from "../panes/seen.ts";
import type { Cell, Column } from "../table/table.ts";

/** A line of the slots: a slot, or one that was cut from it. */
export interface SlotRow {
  key: string;
  ad: SlotAd;
  home: Home | undefined;
  /** When the collector told it. */
  at: Instant;
  label: SafeText;
  /** Whose state and activity it shows: its own, or those of a part that works. */
  shown: SlotAd;
  state: Cell;
  cpus: Used;
  memoryMb: Used;
  jobs: readonly { job: SafeText; owner: SafeText | undefined }[];
}

/** The slots as lines; those cut from one are folded under it until it is `unfolded`. */
export function slotRows(slots: readonly Slot[], at: Instant, unfolded: ReadonlySet<string>): SlotRow[] {
  return slots.flatMap((slot) => {
    const open = unfolded.has(slotKey(slot.ad));
    const whole = wholeRow(slot, at, open);
    return open ? [whole, ...slot.parts.map((ad) => partRow(ad, slot, at))] : [whole];
  });
}

function wholeRow(slot: Slot, at: Instant, open: boolean): SlotRow {
  const { ad, home, parts, cpus, memoryMb } = slot;
  const shown = open ? ad : shownFor(ad, parts);
  const mark = parts.length === 0 ? text`  ` : open ? text`▾ ` : text`▸ `;
  return {
    ...{ key: slotKey(ad), ad, home, at, cpus, memoryMb },
    label: text`${mark}${ad.name}`,
    ...{ shown, state: stateCell(shown) },
    jobs: open ? (ad.job === undefined ? [] : [{ job: ad.job, owner: ad.owner }]) : jobsOn(slot),
  };
}

/** Folded, a slot whose parts work is at work: its own ad says "Unclaimed" of what is left of it. */
const shownFor = (ad: SlotAd, parts: readonly SlotAd[]): SlotAd => parts.find(isTaken) ?? ad;

const partRow = (ad: SlotAd, { home }: Slot, at: Instant): SlotRow => ({
  ...{ key: slotKey(ad), ad, home, at, label: text`    ${ad.name}`, shown: ad, state: stateCell(ad) },
  cpus: { used: isTaken(ad) ? ad.cpus : 0, total: ad.cpus },
  memoryMb: { used: isTaken(ad) ? ad.memoryMb : 0, total: ad.memoryMb },
  jobs: ad.job === undefined ? [] : [{ job: ad.job, owner: ad.owner }],
});

function stateCell({ state }: SlotAd): Cell {
  switch (state) {
    case "Claimed":
      return { text: clean(state), style: "good" };
    case "Unclaimed":
      return { text: clean(state), style: "plain" };
    case undefined:
      return { text: text`?`, style: "warn" };
    default:
      return { text: clean(state), style: state === "Matched" ? "busy" : "warn" };
  }
}

const mebibyte = 1024 * 1024;

const heard = ({ ad, at }: SlotRow, now: Instant): Cell | undefined => {
  if (ad.heardMs === undefined) return undefined;
  const ms = ad.heardMs + Math.max(0, now - at);
  return { text: ago(0, ms), style: ms > quietMs ? "bad" : "plain" };
};

const one = (jobs: SlotRow["jobs"], word: (job: SlotRow["jobs"][number]) => SafeText | undefined) =>
  jobs.length > 1 ? text`${jobs.length} jobs` : jobs[0] === undefined ? undefined : word(jobs[0]);

export const slotColumns: readonly Column<SlotRow>[] = [
  { title: text`  SLOT`, value: (row) => row.label, width: "grow", keep: "always" },
  { title: text`CONTAINER`, value: (row) => row.home?.name, width: "grow", keep: "always" },
  { title: text`NODE`, value: (row) => row.home?.node, width: "fit", keep: "always" },
  { title: text`ADDRESS`, value: (row) => row.ad.address, width: "fit", keep: "wide" },
  { title: text`STATE`, value: (row) => row.state, width: "fit", keep: "always", least: 9 },
  {
    title: text`ACTIVITY`,
    value: ({ shown: { activity, activityMs }, at }, now) =>
      activityMs === undefined ? activity : text`${activity ?? text`?`} ${ago(at - activityMs, now)}`,
    timed: true,
    width: "fit",
    keep: "always",
    least: 8,
  },
  { title: text`CORES`, value: ({ cpus }) => text`${cpus.used}/${cpus.total}`, width: "number", keep: "always" },
  {
    title: text`MEMORY`,
    value: ({ memoryMb }) => text`${bytes(memoryMb.used * mebibyte)} of ${bytes(memoryMb.total * mebibyte)}`,
    width: "number",
    keep: "wide",
  },
  {
    title: text`LOAD`,
    value: ({ ad }) => (ad.load === undefined ? undefined : clean(ad.load.toFixed(2))),
    width: "number",
    keep: "always",
  },
  { title: text`JOB`, value: ({ jobs }) => one(jobs, ({ job }) => job), width: "fit", keep: "always" },
  { title: text`OWNER`, value: ({ jobs }) => one(jobs, ({ owner }) => owner), width: "grow", keep: "wide" },
  { title: text`HEARD`, value: heard, timed: true, width: "number", keep: "always" },
];

/** A job of a queue as a line. */
export interface JobRow {
  key: string;
  job: Job;
  /** The container whose schedd has it. */
  schedd: SafeText;
  /** When that told it. */
  at: Instant;
  /** Its schedd does not answer any more. */
  isOld: boolean;
}

/** The jobs of all queues, what needs somebody first. */
export function jobRows(queues: readonly ScheddQueue[]): JobRow[] {
  const rows = queues.flatMap(({ home, queue }): JobRow[] => {
    if (queue.state !== "fresh" && queue.state !== "stale") return [];
    const shared = { schedd: home.name, at: queue.at, isOld: queue.state === "stale" };
    return queue.value.jobs.map((job) => ({ key: `${home.container} ${job.id}`, job, ...shared }));
  });
  return inOrder(rows, (row) => row.job);
}

const jobStyles: Record<JobState, Style> = {
  ...{ held: "bad", running: "good", idle: "plain", completed: "good" },
  ...{ removed: "muted", transferring: "busy", suspended: "warn" },
};

export const jobColumns: readonly Column<JobRow>[] = [
  { title: text`JOB`, value: ({ job }) => job.id, width: "fit", keep: "always" },
  { title: text`OWNER`, value: ({ job }) => job.owner, width: "fit", keep: "always" },
  {
    title: text`STATE`,
    value: ({ job }) => ({ text: clean(job.state), style: jobStyles[job.state] }),
    width: "fit",
    keep: "always",
  },
  {
    title: text`FOR`,
    value: ({ job, at }, now) => (job.stateMs === undefined ? undefined : ago(at - job.stateMs, now)),
    timed: true,
    width: "number",
    keep: "always",
  },
  { title: text`RUNS ON`, value: ({ job }) => job.slot, width: "fit", keep: "always" },
  { title: text`SUBMITTED IN`, value: ({ schedd }) => schedd, width: "fit", keep: "wide" },
  { title: text`COMMAND`, value: ({ job }) => job.command, width: "grow", keep: "always" },
  {
    title: text`HELD BECAUSE`,
    value: ({ job }) => (job.holdReason === undefined ? undefined : { text: job.holdReason, style: "bad" }),
    width: "grow",
    keep: "always",
  },
];

/** A change of the pool as a line. */
export interface ChangeRow {
  key: string;
  change: PoolChange;
}

export const changeColumns: readonly Column<ChangeRow>[] = [
  {
    title: text`AT`,
    value: ({ change }) => ({ text: timeOfDay(change.at), style: "muted" }),
    width: "fit",
    keep: "always",
  },
  { title: text`WHAT`, value: ({ change }) => change.subject, width: "fit", keep: "always" },
  {
    title: text`CHANGE`,
    value: ({ change }) => ({ text: change.words, style: change.tone }),
    width: "grow",
    keep: "always",
  },
];

/** The operator's own time of day. */
function timeOfDay(at: Instant): SafeText {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return clean(`${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`);
}

type TotalLine = TotalRow & { key: string };

export const totalRows = (ads: PoolAds): TotalLine[] => {
  const rows = totalsOf(ads.slots).map((row) => ({ ...row, key: row.platform }));
  // With one platform the sum says nothing new.
  return rows.length === 2 ? rows.slice(0, 1) : rows;
};

const figure = (title: SafeText, value: (row: TotalLine) => number, keep: "always" | "wide" = "always") =>
  ({ title, value: (row) => text`${value(row)}`, width: "number", keep }) satisfies Column<TotalLine>;

/** The heads that `condor_status` has over its totals. */
export const totalColumns: readonly Column<TotalLine>[] = [
  { title: text``, value: (row) => row.platform, width: "fit", keep: "always" },
  figure(text`Total`, (row) => row.total),
  figure(text`Owner`, (row) => row.owner),
  figure(text`Claimed`, (row) => row.claimed),
  figure(text`Unclaimed`, (row) => row.unclaimed),
  figure(text`Matched`, (row) => row.matched),
  figure(text`Preempting`, (row) => row.preempting),
  figure(text`Drain`, (row) => row.drain, "wide"),
  figure(text`Backfill`, (row) => row.backfill, "wide"),
];
