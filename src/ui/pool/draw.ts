import { type Member, missingMembers } from "../../domain/condor/members.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { type Frame, frame, thumbOf } from "../draw/frame.ts";
import { fitLine, spread } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { filled, spaces, widthOf } from "../draw/width.ts";
import { footerLine } from "../keymap/footer.ts";
import type { Binding } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import { painted, type View } from "../screen/view.ts";
import { drawTable } from "../table/draw.ts";
import type { Window } from "../table/list.ts";
import type { Table, TableRow } from "../table/table.ts";

export const poolTabs = ["slots", "queue", "changes", "printed", "findings"] as const;
export type PoolTab = (typeof poolTabs)[number];

/** What fills the frame of a tab: a list with lines above and under it, or lines that are scrolled. */
export type PoolBody =
  | {
      kind: "list";
      table: Table;
      rows: readonly TableRow[];
      window: Window;
      filter: string;
      /** Where there is nothing to list. */
      empty: SafeText;
      below: readonly Line[];
    }
  | { kind: "lines"; lines: readonly Line[]; top: number };

/** Everything that a frame of the pool is drawn from. */
export interface PoolScene {
  size: Size;
  header: { left: Line; right: Line };
  tab: PoolTab;
  tabs: readonly { tab: PoolTab; title: SafeText }[];
  title: Line;
  note: Line;
  trouble: readonly Line[];
  body: PoolBody;
  /** The strip of the pool and its daemons; undefined where the tab has the whole height. */
  band: { strip: readonly Line[]; span: SafeText; members: readonly Member[] } | undefined;
  about: Line;
  message: Line;
  offered: readonly Binding[];
  dialog: Dialog | undefined;
}

/** Rows of the lower band's frames: three lines of the strip, and a frame. */
const bandRows = 5;
/** On a tall screen there is room for more members. */
const tallBandRows = 10;
const tall = 40;
/** Header and tabs above, the line about a row and the footer below. */
const around = 4;

const bandHeight = (size: Size): number => (size.rows >= tall ? tallBandRows : bandRows);

/** Rows inside the frame of a tab. */
export const innerRows = (size: Size, tab: PoolTab): number =>
  Math.max(1, size.rows - around - 2 - (tab === "slots" ? bandHeight(size) : 0));

/** Rows of a list with `others` lines above and below it; its head takes one. */
export const listRows = (size: Size, tab: PoolTab, others: number): number =>
  Math.max(1, innerRows(size, tab) - others - 1);

/** The frame of a scene of the pool. */
export function poolView(scene: PoolScene, paint: Painter): View {
  const { size, header, dialog, band } = scene;
  const bands: Frame[][] = [[mainFrame(scene)]];
  if (band !== undefined) bands.push(lowerBand(band, size));
  return {
    size,
    top: [spread(header.left, header.right, size.columns), tabLine(scene)].map(paint),
    bands: bands.map((frames) => frames.map((one) => painted(one, paint, "cut"))),
    bottom: [fitLine(scene.about, size.columns), footerLine(scene.offered, scene.message, size.columns)].map(paint),
    dialog: dialog === undefined ? undefined : { ...dialog, frame: painted(dialog.frame, paint, "kept") },
  };
}

const tabLine = ({ tabs, tab: on, size }: PoolScene): Line =>
  fitLine(
    tabs.flatMap(({ tab, title }, index): Line => {
      const words = text` ${index + 1} ${title} `;
      return [span(text` `), span(words, tab === on ? "cursor" : "muted")];
    }),
    size.columns,
  );

function mainFrame(scene: PoolScene): Frame {
  const { size, tab, trouble, body, title, note } = scene;
  const inner = innerRows(size, tab);
  const width = size.columns - 2;
  const height = inner + 2;
  if (body.kind === "lines") {
    const rows = Math.max(1, inner - trouble.length);
    const top = Math.max(0, Math.min(body.top, body.lines.length - rows));
    const thumb = thumbOf(body.lines.length, top, rows, rows);
    return frame([...trouble, ...body.lines.slice(top, top + rows)], size.columns, height, {
      ...{ title, note, focused: true },
      foot: thumb === undefined ? [] : position(top, rows, body.lines.length),
      thumb: thumb === undefined ? undefined : { from: thumb.from + trouble.length, to: thumb.to + trouble.length },
    });
  }
  const { table, rows, window, below, empty, filter } = body;
  const shown = listRows(size, tab, trouble.length + below.length);
  const cursor = window.index < 0 ? undefined : window.index;
  const nothing = filter === "" ? empty : text`nothing matches; esc takes the filter away`;
  const list =
    rows.length === 0
      ? [[], [span(text` ${nothing}`, "muted")]]
      : drawTable(table, rows, { from: window.top, to: window.top + shown, cursor }, width);
  const filling = Array.from({ length: Math.max(0, shown + 1 - list.length) }, (): Line => []);
  const above = trouble.length;
  const thumb = thumbOf(rows.length, window.top, shown, shown);
  return frame([...trouble, ...list, ...filling, ...below], size.columns, height, {
    ...{ title, note, focused: true },
    foot: thumb === undefined ? [] : position(window.top, shown, rows.length),
    thumb: thumb === undefined ? undefined : { from: thumb.from + above + 1, to: thumb.to + above + 1 },
  });
}

const position = (top: number, rows: number, count: number): Line => [
  span(text` ${top + 1}-${Math.min(count, top + rows)} of ${count} `, "muted"),
];

function lowerBand({ strip, span: time, members }: NonNullable<PoolScene["band"]>, size: Size): Frame[] {
  const left = stripWidth(size);
  const right = size.columns - left;
  const height = bandHeight(size);
  const rows = height - 2;
  const missing = missingMembers(members).length;
  // Who lacks something comes first: there may be room for few.
  const order = [...members].sort((a, b) => Number(lacks(b)) - Number(lacks(a)));
  const hidden = order.length - rows;
  const shown = hidden > 0 ? order.slice(0, rows - 1) : order;
  const nameWidth = Math.min(20, Math.max(0, ...shown.map((one) => widthOf(one.name))));
  const lines = shown.map((one) => memberLine(one, nameWidth));
  const more: Line[] = hidden > 0 ? [[span(text` and ${hidden + 1} more`, "muted")]] : [];
  return [
    frame(
      strip.map((line): Line => [span(spaces(1)), ...line]),
      left,
      height,
      { title: [span(text` Cores `, "strong"), span(time === "" ? time : text`${time} `, "muted")], focused: false },
    ),
    frame([...lines, ...more], right, height, {
      title: [span(text` Daemons `, "strong")],
      note: missing === 0 ? [] : [span(text` ${missing} lack something `, "bad")],
      focused: false,
    }),
  ];
}

/** Columns of the strip's frame; what is in it keeps a blank at either side. */
export const stripWidth = (size: Size): number => Math.max(32, Math.floor(size.columns * 0.4));

const lacks = (member: Member): boolean => member.daemons.some((one) => one.state === "missing");

/** "node2  collector negotiator schedd startd"; what is missing has a mark, since colours may be off. */
const memberLine = ({ name, daemons }: Member, nameWidth: number): Line => [
  span(text` ${filled(name, nameWidth)} `),
  ...daemons.flatMap(
    ({ kind, state }): Line => [
      span(text` `),
      state === "up" ? span(clean(kind), "good") : span(text`✗${clean(kind)}`, "bad"),
    ],
  ),
];
