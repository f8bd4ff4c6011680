import type { PoolAds } from "../../domain/condor/ads.ts";
import type { PoolChange } from "../../domain/condor/history.ts";
import { type Home, homesIn, type Member, membersOf } from "../../domain/condor/members.ts";
import { isCut, type Queue, sumOf } from "../../domain/condor/queue.ts";
import { type Cores, coresOf, slotsOf } from "../../domain/condor/slots.ts";
import { lastSeen, type Part, troubleOf } from "../../domain/part.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { CondorSpec } from "../../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { PoolState } from "../../services/pool/pool-watch.ts";
import { type Line, span } from "../draw/style.ts";
import { wrap } from "../draw/width.ts";
import { ago, bytes, counted } from "../panes/seen.ts";
import { drawTable } from "../table/draw.ts";
import { type Table, table } from "../table/table.ts";
import {
  type ChangeRow,
  changeColumns,
  type JobRow,
  jobColumns,
  jobRows,
  type SlotRow,
  slotColumns,
  slotRows,
  totalColumns,
  totalRows,
} from "./rows.ts";

/** What the last look at the pool comes to, worked out once a look: keys and the clock change none of it. */
export class PoolContents {
  readonly homes: readonly Home[];
  readonly members: readonly Member[];
  readonly slots: readonly SlotRow[];
  /** Without those that were cut from another one. */
  readonly slotCount: number;
  readonly #cores: Cores;
  readonly jobs: readonly JobRow[];
  /** Those that could be read once, however long ago. */
  readonly #queues: readonly Queue[];
  readonly changes: readonly ChangeRow[];
  readonly #pool: PoolState;

  constructor(pool: PoolState, seen: Snapshot, condor: CondorSpec | undefined, unfolded: ReadonlySet<string>) {
    const ads = lastSeen(pool.ads) ?? noAds;
    this.#pool = pool;
    this.homes = homesIn(seen);
    this.members = membersOf(ads, this.homes, condor);
    const whole = slotsOf(ads, this.homes);
    this.slotCount = whole.length;
    this.#cores = coresOf(whole);
    this.slots = slotRows(whole, seenAt(pool.ads), unfolded);
    this.jobs = jobRows(pool.queues);
    this.#queues = pool.queues.flatMap(({ queue }) => lastSeen(queue) ?? []);
    this.changes = pool.changes.map(changeRow);
  }

  get ads(): PoolAds {
    return lastSeen(this.#pool.ads) ?? noAds;
  }

  slotTable(now: Instant): Table {
    return table(slotColumns, this.slots, () => this.#pool.ads.state === "stale", now);
  }

  jobTable(now: Instant): Table {
    return table(jobColumns, this.jobs, (row) => row.isOld, now);
  }

  changeTable(): Table {
    return table(changeColumns, this.changes);
  }

  /** The totals as `condor_status` has them under its slots, a blank line above. */
  totals(width: number): Line[] {
    if (this.ads.slots.length === 0) return [];
    const shape = table(totalColumns, totalRows(this.ads));
    return [[], ...drawTable(shape, shape.rows, { from: 0, to: shape.rows.length, cursor: undefined }, width)];
  }

  /** Jobs in all queues, read or not. */
  get jobCount(): number {
    return sumOf(this.#queues).total;
  }

  /** Some queue has more jobs than are read at once. */
  get isCut(): boolean {
    return this.#queues.some(isCut);
  }

  /** How much there is of everything, for the header; what comes later gives way. */
  summary(): SafeText[] {
    const { claimed, unclaimed, owner } = this.#cores;
    const { running, idle, held } = sumOf(this.#queues);
    const silent = this.#pool.queues.filter(({ queue }) => troubleOf(queue) !== undefined).length;
    return [
      counted(this.slotCount, "slot", "slots"),
      text`${claimed}/${claimed + unclaimed + owner} cores`,
      text`${held} held, ${running} running, ${idle} idle`,
      ...(silent === 0 ? [] : [text`${counted(silent, "queue", "queues")} silent`]),
    ];
  }
}

const noAds: PoolAds = { slots: [], daemons: [] };

const seenAt = (part: Part<unknown>): Instant => (part.state === "fresh" || part.state === "stale" ? part.at : 0);

/** Changes have no name of their own: each keeps the row that it was given. */
const rows = new WeakMap<PoolChange, ChangeRow>();
let numbered = 0;

function changeRow(change: PoolChange): ChangeRow {
  const known = rows.get(change);
  if (known !== undefined) return known;
  numbered += 1;
  const row = { key: String(numbered), change };
  rows.set(change, row);
  return row;
}

/** One line on a slot: what its row has no room for. */
export function aboutSlot({ ad, home, memoryMb, at }: SlotRow, now: Instant): SafeText {
  const place = home === undefined ? text`in no container of the cluster` : text`in ${home.name} on ${home.node}`;
  const mebibyte = 1024 * 1024;
  return joined([
    text`${ad.name} ${place}`,
    ...(ad.address === undefined ? [] : [ad.address]),
    text`${bytes(memoryMb.used * mebibyte)} of ${bytes(memoryMb.total * mebibyte)}`,
    ...(ad.owner === undefined ? [] : [text`job of ${ad.owner}`]),
    ...(ad.heardMs === undefined ? [] : [text`heard ${ago(0, ad.heardMs + Math.max(0, now - at))} ago`]),
    ...(ad.version === undefined ? [] : [text`HTCondor ${ad.version}`]),
  ]);
}

const jobLines = 4;

/** The job under the cursor in full, a blank line above; always as many lines, so that nothing moves. */
export function aboutJob(row: JobRow | undefined, width: number, now: Instant): Line[] {
  const lines: Line[] = [[]];
  if (row !== undefined) {
    const { job, schedd, at } = row;
    const submitted = job.submittedMs === undefined ? text`` : text`, submitted ${ago(at - job.submittedMs, now)} ago`;
    lines.push([
      span(text` ${job.id} of ${job.owner}, ${clean(job.state)}`, "strong"),
      span(text`${submitted} in ${schedd}: ${job.command}`, "muted"),
    ]);
    if (job.holdReason !== undefined) {
      lines.push(...wrap(job.holdReason, width - 2).map((words): Line => [span(text` ${words}`, "bad")]));
    }
  }
  return Array.from({ length: jobLines }, (_, at) => lines[at] ?? []);
}
