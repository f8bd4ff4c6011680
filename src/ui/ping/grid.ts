import type { SafeText } from "../../domain/text.ts";
import { clean, text } from "../../domain/text.ts";
import { type Line, span } from "../draw/style.ts";
import { cut, filled, spaces, steady, widthOf } from "../draw/width.ts";
import { type Cell, cellWidth } from "./cell.ts";

/** Rows that send and columns that are sent to: the same ones, in the same order. */
export interface Grid {
  heads: readonly { key: string; name: SafeText; note: SafeText }[];
  cell(from: number, to: number): Cell;
}

/** Where the keys are in a grid. */
export interface GridCursor {
  row: number;
  column: number;
}

const mostLabel = 20;
const between = 1;

/** The part of a grid around the cursor, `rows` rows with the heading, `width` columns. */
export function gridLines(grid: Grid, cursor: GridCursor, rows: number, width: number): Line[] {
  const { heads } = grid;
  const label = Math.min(mostLabel, Math.max(6, ...heads.map((head) => widthOf(steady(head.name)))));
  const shownColumns = Math.max(1, Math.floor((width - label) / (cellWidth + between)));
  const shownRows = Math.max(1, rows - 1);
  const columns = windowOf(cursor.column, heads.length, shownColumns);
  const lines = windowOf(cursor.row, heads.length, shownRows);
  const more = lines.to < heads.length || columns.to < heads.length || lines.from > 0 || columns.from > 0;
  const corner = more ? text`${heads.length}x${heads.length}` : text`from`;
  const heading: Line = [
    span(filled(corner, label), "muted"),
    ...heads
      .slice(columns.from, columns.to)
      .flatMap((head, at) => [
        span(spaces(between)),
        span(filled(ending(head.name), cellWidth, "right"), at + columns.from === cursor.column ? "focus" : "heading"),
      ]),
  ];
  const body = heads.slice(lines.from, lines.to).map((head, at): Line => {
    const row = at + lines.from;
    return [
      span(filled(head.name, label), row === cursor.row ? "focus" : "plain"),
      ...heads.slice(columns.from, columns.to).flatMap((_, index) => {
        const column = index + columns.from;
        const { words, style } = grid.cell(row, column);
        const isUnder = row === cursor.row && column === cursor.column;
        return [span(spaces(between)), span(filled(words, cellWidth, "right"), isUnder ? "cursor" : style)];
      }),
    ];
  });
  return [heading, ...body];
}

/** As many as fit, with the cursor among them. */
function windowOf(at: number, count: number, shown: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(count - shown, at - Math.floor(shown / 2)));
  return { from, to: Math.min(count, from + shown) };
}

/** A name's end tells it from its neighbours better than its beginning: "…uting12". */
function ending(name: SafeText): SafeText {
  const whole = steady(name);
  if (widthOf(whole) <= cellWidth) return whole;
  const end = clean(whole.slice(-(cellWidth - 1)));
  return widthOf(end) === cellWidth - 1 ? text`…${end}` : cut(whole, cellWidth);
}
