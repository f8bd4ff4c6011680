import { clean, text } from "../../domain/text.ts";
import { dialogOf } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import { fitLine, inStyle, spread } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { spaces } from "../draw/width.ts";
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
  bands: readonly (readonly (readonly string[])[])[];
  /** Rows over the whole width, below the panes. */
  bottom: readonly string[];
  dialog: { x: number; y: number; lines: readonly string[] } | undefined;
}

/** The frame of a scene. */
export function viewOf(scene: Scene, paint: Painter): View {
  const { size, contents, layout } = scene;
  if (size.columns < leastSize.columns || size.rows < leastSize.rows) return tooSmall(size, paint);
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
    bands: bands.map((band) => band.map((lines) => lines.map(paint))),
    bottom: [fitLine(aboutLine(scene), columns), footer(scene)].map(paint),
    dialog: dialog === undefined ? undefined : { ...dialog, lines: dialog.lines.map(paint) },
  };
}

/** One sentence instead of a broken frame; the last key that still has to work is named. */
function tooSmall(size: Size, paint: Painter): View {
  const words = text`ovl-tui needs ${leastSize.columns}x${leastSize.rows}, this is ${size.columns}x${size.rows}; q quits`;
  return { size, top: [paint(fitLine([span(words)], size.columns))], bands: [], bottom: [], dialog: undefined };
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
  if (row === undefined) return [];
  if (scene.detail === undefined) {
    const pane = scene.panes.find((one) => one.focused);
    return [span(spaces(1)), ...(pane?.content.about(row.key) ?? [])];
  }
  const cells = row.cells.map((cell) => cell.text).join("  ");
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
    top: sameLines(before.top, next.top),
    bands: sameItems(
      before.bands,
      next.bands.map((band, row) =>
        sameItems(
          before.bands[row] ?? [],
          band.map((lines, column) => sameLines(before.bands[row]?.[column] ?? [], lines)),
        ),
      ),
    ),
    bottom: sameLines(before.bottom, next.bottom),
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

const sameLines = (a: readonly string[], b: readonly string[]): readonly string[] => sameItems(a, b);

function sameItems<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length === b.length && a.every((one, index) => one === b[index]) ? a : b;
}

function sameDialog(a: View["dialog"], b: View["dialog"]): View["dialog"] {
  if (a === undefined || b === undefined) return b;
  const lines = sameLines(a.lines, b.lines);
  return a.x === b.x && a.y === b.y && lines === a.lines ? a : { ...b, lines };
}
