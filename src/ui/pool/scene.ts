import { explain } from "../../domain/explain.ts";
import { lastSeen, troubleOf } from "../../domain/part.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Explained } from "../../domain/trouble.ts";
import type { ScheddQueue } from "../../services/pool/pool-watch.ts";
import { box, type Dialog } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import type { Field } from "../dialogs/text-field.ts";
import { thumbOf } from "../draw/frame.ts";
import { lineWidth } from "../draw/line.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { wrap } from "../draw/width.ts";
import { helpLines } from "../keymap/help.ts";
import { ago } from "../panes/seen.ts";
import type { Size } from "../screen/layout.ts";
import type { Table, TableRow } from "../table/table.ts";
import { aboutJob, aboutSlot, type PoolContents } from "./contents.ts";
import { listRows, type PoolBody, type PoolScene, type PoolTab, stripWidth } from "./draw.ts";
import { findingLines } from "./findings.ts";
import { isListed, type Listed, type PoolLists } from "./lists.ts";
import type { Printed } from "./printed.ts";
import type { PoolServices } from "./services.ts";
import { stripLines, stripSpan } from "./strip.ts";

/** Everything of the view that is not a dialog, as it stands now. */
export interface PoolNow {
  size: Size;
  tab: PoolTab;
  now: Instant;
  services: PoolServices;
  contents: PoolContents;
  lists: PoolLists;
  printed: Printed;
  /** The first line of the findings that is shown. */
  findingsTop: number;
  /** The filter while it is typed. */
  filtering: Field | undefined;
}

/** The table of a tab and how many rows of it are in sight. */
export function listOf(on: PoolNow, tab: Listed): { table: Table; height: number } {
  const { contents, size, now } = on;
  const table = {
    slots: () => contents.slotTable(now),
    queue: () => contents.jobTable(now),
    changes: () => contents.changeTable(),
  }[tab]();
  const others = troubleLines(on).length + below(on, undefined).length;
  return { table, height: listRows(size, tab, others) };
}

/** The scene without its dialog, its message and the keys that are offered. */
export function partsOf(on: PoolNow): Omit<PoolScene, "message" | "offered" | "dialog"> {
  const { size, tab, services, contents } = on;
  const { moments } = services.pool.state.get();
  const body = bodyOf(on);
  const under = body.kind === "list" ? body.rows[body.window.index] : undefined;
  return {
    ...{ size, tab, body },
    header: headerOf(on),
    tabs: [
      { tab: "slots", title: text`Slots ${contents.slotCount}` },
      { tab: "queue", title: text`Queue ${contents.jobCount}` },
      { tab: "changes", title: text`Changes ${contents.changes.length}` },
      { tab: "printed", title: text`condor_status` },
      { tab: "findings", title: text`Findings ${services.checkup.state.get().findings.length}` },
    ],
    title: titleOf(on),
    note: noteOf(on),
    trouble: troubleLines(on),
    band:
      tab === "slots"
        ? {
            strip: stripLines(moments, stripWidth(size) - 4),
            span: stripSpan(moments),
            members: contents.members,
          }
        : undefined,
    about: aboutLine(on, under),
  };
}

/** What is wrong comes before how old it is: the way to why is a key. */
function noteOf({ services, contents, tab, now }: PoolNow): Line {
  const { ads } = services.pool.state.get();
  const wrong = services.checkup.state.get().findings.filter((one) => one.severity === "error").length;
  if (wrong > 0 && tab !== "findings") {
    return [span(text` ${wrong} ${wrong === 1 ? text`finding` : text`findings`}: 5 `, "bad")];
  }
  if (tab === "queue" && contents.isCut) {
    return [span(text` first ${contents.jobs.length} of ${contents.jobCount} `, "warn")];
  }
  return ads.state === "stale" && tab !== "printed" ? [span(text` told ${ago(ads.at, now)} ago `, "warn")] : [];
}

function headerOf({ services, contents, size }: PoolNow): PoolScene["header"] {
  const { seen, manager, demo, readOnly, pool } = services;
  const { ads, asked } = pool.state.get();
  const where = asked === undefined ? manager : text`${manager} on ${asked.node}`;
  const right: Line = [
    ...(demo ? [span(text` DEMO`, "accent")] : []),
    readOnly.get() ? span(text`  RO `, "warn") : span(text`  RW `, "good"),
  ];
  const left: Line[] = [
    [
      span(text` ovl-tui`, "focus"),
      span(text`  ${seen.get().cluster}`, "strong"),
      span(text`  pool of ${where}`, "strong"),
    ],
  ];
  const summary = lastSeen(ads) === undefined ? [] : contents.summary();
  for (const words of summary) {
    const more: Line = [span(text`  ${words}`, "muted")];
    if (lineWidth([...left.flat(), ...more, ...right]) > size.columns) break;
    left.push(more);
  }
  return { left: left.flat(), right };
}

const titles = {
  slots: text`Slots`,
  queue: text`Queue`,
  changes: text`Changes`,
  printed: text`condor_status`,
  findings: text`Findings`,
} as const satisfies Record<PoolTab, SafeText>;

function titleOf({ tab, lists }: PoolNow): Line {
  const filter = lists.filterOf(tab);
  return [
    span(text` ${titles[tab]} `, "focus"),
    ...(tab === "changes" && lists.tails ? [span(text`the newest are followed `, "muted")] : []),
    ...(filter === "" ? [] : [span(text`/${clean(filter)} `, "accent")]),
  ];
}

/** Why the pool, or a part of its queue, cannot be told now, and what to do about it. */
function troubleLines({ services, tab, size, now }: PoolNow): Line[] {
  const { ads, queues, asked } = services.pool.state.get();
  if (!isListed(tab)) return [];
  const trouble = troubleOf(ads);
  const pool = trouble === undefined ? undefined : explain(trouble, asked?.node ?? services.manager);
  // Queues that answer are told, whatever became of the collector.
  const said = tab === "queue" && queues.length > 0 ? queueTrouble(queues, now) : pool;
  if (said === undefined) return [];
  const lines = (words: SafeText, style: Style): Line[] =>
    wrap(words, size.columns - 4)
      .slice(0, 2)
      .map((row) => [span(text` ${row}`, style)]);
  return [...lines(said.what, "bad"), ...lines(said.remedy, "muted"), []];
}

/** What became of the first schedd that does not answer, with the names of the others. */
function queueTrouble(queues: readonly ScheddQueue[], now: Instant): Explained | undefined {
  const [first, ...others] = queues.filter(({ queue }) => troubleOf(queue) !== undefined);
  const trouble = first === undefined ? undefined : troubleOf(first.queue);
  if (first === undefined || trouble === undefined) return undefined;
  const { home, queue } = first;
  const { what, remedy } = explain(trouble, home.node);
  const old = queue.state === "stale" ? text`, its jobs as of ${ago(queue.at, now)} ago` : text``;
  const more =
    others.length === 0 ? text`` : text` Nor does ${joined(others.map((one) => one.home.name))} tell its own.`;
  return { what: text`queue of ${home.name}${old}: ${what}`, remedy: text`${remedy}${more}` };
}

/** Lines under the list of a tab. */
function below({ tab, contents, size, now }: PoolNow, under: TableRow | undefined): Line[] {
  const width = size.columns - 2;
  if (tab === "slots") return contents.totals(width);
  if (tab !== "queue") return [];
  const row = contents.jobs.find((one) => one.key === under?.key);
  return aboutJob(row, width, now);
}

function bodyOf(on: PoolNow): PoolBody {
  const { tab, lists, printed, services, size } = on;
  if (tab === "printed") return { kind: "lines", lines: printed.lines(size.columns - 2), top: printed.top };
  if (tab === "findings") return { kind: "lines", lines: findingsOf(on), top: on.findingsTop };
  const { table, height } = listOf(on, tab);
  const list = lists.shown(tab, table, height);
  const waits = services.pool.state.get().ads.state === "waiting";
  const asking = text`asking ${services.manager} …`;
  const empty = {
    slots: waits ? asking : text`no slots: no startd has joined the pool`,
    queue: waits ? asking : text`no jobs; t submits a test job`,
    changes: text`nothing has changed since this view was opened; what does is kept here`,
  }[tab];
  return { kind: "list", ...list, empty, below: below(on, list.rows[list.window.index]) };
}

export const findingsOf = ({ services, size, now }: PoolNow): Line[] =>
  findingLines(services.checkup.state.get(), size.columns - 2, now);

function aboutLine({ filtering, tab, contents, size, now }: PoolNow, under: TableRow | undefined): Line {
  if (filtering !== undefined) return [span(text` / `, "accent"), ...drawField(filtering, size.columns - 6, false)];
  if (tab === "slots") {
    const slot = contents.slots.find((row) => row.key === under?.key);
    return slot === undefined ? [] : [span(text` ${aboutSlot(slot, now)}`, "muted")];
  }
  const change = tab === "changes" ? contents.changes.find((row) => row.key === under?.key)?.change : undefined;
  return change === undefined ? [] : [span(text` ${change.subject} ${change.words}`, "muted")];
}

/** The keys of the view over it, from line `wanted` on where there is not room for all. */
export function helpDialog(size: Size, wanted: number): { dialog: Dialog; most: number } {
  const lines = helpLines("pool", size.columns - 8);
  const rows = Math.min(lines.length, size.rows - 6);
  const most = lines.length - rows;
  const top = Math.max(0, Math.min(wanted, most));
  const thumb = thumbOf(lines.length, top, rows, rows);
  const foot: Line = thumb === undefined ? [] : [span(text` ${top + 1}-${top + rows} of ${lines.length} `, "muted")];
  const dialog = box(size, text`Keys`, lines.slice(top, top + rows), size.columns - 4, foot, thumb);
  return { dialog, most };
}
