import type { Moment } from "../../domain/condor/history.ts";
import type { Cores } from "../../domain/condor/slots.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { age } from "../../domain/time.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";

/** Eighths of a cell, from the bottom (Unicode, Block Elements). */
const heights = [..." ▁▂▃▄▅▆▇█"];

const rows: readonly { of: keyof Cores; label: SafeText; style: Style }[] = [
  { of: "claimed", label: text`claimed`, style: "good" },
  { of: "unclaimed", label: text`unclaimed`, style: "busy" },
  { of: "owner", label: text`owner`, style: "warn" },
];

const labelWidth = 10;

/** How the cores of the pool were used over time: one line a use, the newest moment at the right, and the figure of now. */
export function stripLines(moments: readonly Moment[], width: number): Line[] {
  const now = moments.at(-1);
  const all = now === undefined ? 0 : now.claimed + now.unclaimed + now.owner;
  const figures = rows.map(({ of }) => (now === undefined ? text`-` : text`${now[of]} of ${all}`));
  const figureWidth = Math.max(...figures.map((one) => one.length)) + 1;
  const room = Math.max(1, width - labelWidth - figureWidth);
  const shown = thinned(moments, room);
  return rows.map(({ of, label, style }, at): Line => {
    const bars = shown.map((moment) => barOf(moment, of)).join("");
    return [
      span(filled(label, labelWidth), "muted"),
      span(filled(clean(bars), room, "right"), style),
      span(filled(figures[at] ?? text``, figureWidth, "right"), now !== undefined && now[of] > 0 ? "strong" : "muted"),
    ];
  });
}

/** Since when the strip tells: "last 4m". */
export function stripSpan(moments: readonly Moment[]): SafeText {
  const [first] = moments;
  const last = moments.at(-1);
  return first === undefined || last === undefined ? text`` : text`last ${age(last.at - first.at)}`;
}

/** All of them in at most `room` columns: neighbours become one, with what was most of the time. */
function thinned(moments: readonly Moment[], room: number): readonly Moment[] {
  const count = moments.length;
  if (count <= room) return moments;
  return Array.from({ length: room }, (_, column) =>
    meanOf(moments.slice(Math.floor((column * count) / room), Math.floor(((column + 1) * count) / room))),
  );
}

function meanOf(some: readonly Moment[]): Moment {
  const mean = (of: keyof Cores): number => some.reduce((sum, one) => sum + one[of], 0) / some.length;
  return { at: some[0]?.at ?? 0, claimed: mean("claimed"), unclaimed: mean("unclaimed"), owner: mean("owner") };
}

/** A share that is not nothing is never drawn as nothing. */
function barOf(moment: Moment, of: keyof Cores): string {
  const all = moment.claimed + moment.unclaimed + moment.owner;
  const share = all === 0 ? 0 : moment[of] / all;
  const eighths = share === 0 ? 0 : Math.max(1, Math.round(share * 8));
  return heights[eighths] ?? " ";
}
