import { clean, text } from "../../domain/text.ts";
import { dialogOf } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import type { Frame } from "../draw/frame.ts";
import { fitLine, inStyle, spread } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { spaces, wrap } from "../draw/width.ts";
import { footerLine } from "../keymap/footer.ts";
import { drawDetail, drawPane } from "./draw-panes.ts";
import { headerLine, stripLine } from "./header.ts";
import { leastSize, type Size } from "./layout.ts";
import { activeList, offered, type Scene } from "./scene.ts";

/** A frame as painted text. Equal parts of two frames are one object, so that nothing is drawn twice. */
export interface View {
  size: Size;
  /** Rows over the whole width, above the panes. */
  top: readonly string[];
  /** Rows of panes, each pane its own lines. */
  bands: readonly (readonly PaintedFrame[])[];
  /** Rows over the whole width, below the panes. */
  bottom: readonly string[];
  dialog: { x: number; y: number; frame: PaintedFrame } | undefined;
}

/** A frame's parts as text; the edges of all rows in one, with a line end between them. */
export interface PaintedFrame {
  width: number;
  top: string;
  bottom: string;
  left: string;
  right: string;
  body: readonly string[];
}

/** The frame of a scene. */
export function viewOf(scene: Scene, paint: Painter): View {
  const { size, contents, layout } = scene;
  if (scene.place === "too-small") {
    return tooSmallView(scene.size, { isBusy: scene.running.length > 0, isDemo: contents.seen.demo }, paint);
  }
  const { columns } = size;
  const header = headerLine(contents, columns);
  const top = layout.strip && scene.detail === undefined ? [header, stripLine(scene)] : [header];
  const bands =
    scene.detail === undefined
      ? layout.bands.map((band) => scene.panes.filter((pane) => band.includes(pane.place)).map(drawPane))
      : [[drawDetail(scene.detail, layout.body)]];
  const dialog = dialogOf(scene);
  return {
    size,
    top: top.map(paint),
    bands: bands.map((band) => band.map((one) => painted(one, paint, "cut"))),
    bottom: [fitLine(aboutLine(scene), columns), footer(scene)].map(paint),
    dialog: dialog === undefined ? undefined : { ...dialog, frame: painted(dialog.frame, paint, "kept") },
  };
}

/** A dialog keeps the blanks at the ends of its rows: they cover what lies under it. */
export const painted = (frame: Frame, paint: Painter, blanks: "cut" | "kept"): PaintedFrame => ({
  width: frame.width,
  top: paint(frame.top),
  bottom: paint(frame.bottom),
  left: frame.left.map(paint).join("\n"),
  right: frame.right.map(paint).join("\n"),
  body: blanks === "cut" ? withoutEmpty(frame.body.map(withoutBlanks)).map(paint) : frame.body.map(paint),
});

const withoutEmpty = (lines: readonly Line[]): readonly Line[] =>
  lines.slice(0, lines.findLastIndex((line) => line.length > 0) + 1);

/** The line without blanks at its end: Ink takes every cell of a text apart, and most of a screen is empty. */
function withoutBlanks(line: Line): Line {
  const end = line.findLastIndex((one) => one.style === "cursor" || one.text.trim() !== "");
  return line.slice(0, end + 1);
}

/** One sentence instead of a broken frame. */
export function tooSmallView(
  size: Size,
  { isBusy, isDemo }: { isBusy: boolean; isDemo: boolean },
  paint: Painter,
): View {
  const { columns, rows } = size;
  const sign = isDemo ? text`DEMO  ` : text``;
  const leave = isBusy ? text`make it larger: something still runs` : text`q quits`;
  const words = text`${sign}ovl-tui needs ${leastSize.columns}x${leastSize.rows}, this is ${columns}x${rows}; ${leave}`;
  const lines = wrap(words, columns).slice(0, rows);
  return {
    size,
    top: lines.map((row) => paint(fitLine([span(row)], columns))),
    bands: [],
    bottom: [],
    dialog: undefined,
  };
}

/** On the row under the cursor, in full; or the filter while it is typed. */
function aboutLine(scene: Scene): Line {
  const { state, size } = scene;
  const list = activeList(scene);
  if (state.overlay?.kind === "filter" && list !== undefined) {
    const count: Line = [span(text`${list.rows.length} of ${list.table.rows.length} `, "muted")];
    return spread(
      [span(text` / `, "accent"), ...drawField(state.overlay.field, size.columns - 24, false)],
      count,
      size.columns,
    );
  }
  const row = list?.rows[list.window.index];
  if (list === undefined || row === undefined) return [];
  if (scene.detail === undefined) {
    const pane = scene.panes.find((one) => one.focused);
    return [span(spaces(1)), ...(pane?.content.about(row.key) ?? [])];
  }
  const cells = list.table
    .cells(row)
    .map((cell) => cell.text)
    .join("  ");
  return [span(spaces(1)), span(clean(cells), "muted")];
}

function footer(scene: Scene): Line {
  const { state, contents } = scene;
  const { message } = state;
  const shown: Line =
    message === undefined || contents.seen.now >= message.until ? [] : [span(message.text, message.style)];
  return footerLine(offered(scene, scene.place), inStyle(shown, message?.style ?? "plain"), scene.size.columns);
}

/** `next`, with every part of it that equals one of `before` replaced by that. */
export function shared(before: View | undefined, next: View): View {
  if (before === undefined) return next;
  const view: View = {
    size: sameSize(before.size, next.size) ? before.size : next.size,
    top: sameItems(before.top, next.top),
    bands: sameItems(
      before.bands,
      next.bands.map((band, row) =>
        sameItems(
          before.bands[row] ?? [],
          band.map((one, column) => sameFrame(before.bands[row]?.[column], one)),
        ),
      ),
    ),
    bottom: sameItems(before.bottom, next.bottom),
    dialog: sameDialog(before.dialog, next.dialog),
  };
  const same =
    view.size === before.size &&
    view.top === before.top &&
    view.bands === before.bands &&
    view.bottom === before.bottom &&
    view.dialog === before.dialog;
  return same ? before : view;
}

const sameSize = (a: Size, b: Size): boolean => a.columns === b.columns && a.rows === b.rows;

function sameItems<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length === b.length && a.every((one, index) => one === b[index]) ? a : b;
}

function sameFrame(a: PaintedFrame | undefined, b: PaintedFrame): PaintedFrame {
  if (a === undefined) return b;
  const body = sameItems(a.body, b.body);
  const edges =
    a.width === b.width && a.top === b.top && a.bottom === b.bottom && a.left === b.left && a.right === b.right;
  return edges && body === a.body ? a : { ...b, body };
}

function sameDialog(a: View["dialog"], b: View["dialog"]): View["dialog"] {
  if (a === undefined || b === undefined) return b;
  const frame = sameFrame(a.frame, b.frame);
  return a.x === b.x && a.y === b.y && frame === a.frame ? a : { ...b, frame };
}
