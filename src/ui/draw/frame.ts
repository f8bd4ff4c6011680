import { clean, type SafeText, text } from "../../domain/text.ts";
import { fitLine, lineWidth } from "./line.ts";
import { type Line, type Style, span } from "./style.ts";

export interface FrameOptions {
  title: Line;
  /** At the right end of the title's row. */
  note?: Line | undefined;
  /** At the right end of the bottom row. */
  foot?: Line | undefined;
  focused: boolean;
  /** Which rows of the body the scroll bar's thumb covers; undefined when everything is on the screen. */
  thumb?: { from: number; to: number } | undefined;
}

const rule = (count: number): SafeText => clean("─".repeat(Math.max(0, count)));

/**
 * A frame in the parts that it is drawn from. The edges are apart from the body: a row of plain ASCII is measured many
 * times faster than one with a border in it, and most rows are.
 */
export interface Frame {
  width: number;
  top: Line;
  bottom: Line;
  /** One column, as many rows as the body. */
  left: readonly Line[];
  right: readonly Line[];
  body: readonly Line[];
}

/** A frame of `width` columns around `body`, `height` rows altogether; the body is cut or filled to fit. */
export function frame(body: readonly Line[], width: number, height: number, options: FrameOptions): Frame {
  const { thumb, focused } = options;
  const style: Style = focused ? "accent" : "muted";
  const inner = Math.max(0, width - 2);
  const rows = Array.from({ length: Math.max(0, height - 2) }, (_, row) => row);
  const side = span(text`│`, style);
  const onThumb = (row: number): boolean => thumb !== undefined && row >= thumb.from && row < thumb.to;
  return {
    width,
    top: edge(text`┌`, options.title, options.note ?? [], text`┐`, inner, style),
    bottom: edge(text`└`, [], options.foot ?? [], text`┘`, inner, style),
    left: rows.map(() => [side]),
    right: rows.map((row) => [onThumb(row) ? span(text`┃`, focused ? "focus" : "plain") : side]),
    body: rows.map((row) => fitLine(body[row] ?? [], inner)),
  };
}

/** A corner, a title, a rule, a note, a corner: `inner` columns between the corners. The note gives way to the title. */
function edge(left: SafeText, title: Line, note: Line, right: SafeText, inner: number, style: Style): Line {
  const wide = lineWidth(title);
  const shown = wide > inner ? fitLine(title, inner) : title;
  const room = inner - Math.min(wide, inner) - 3;
  const noteWide = lineWidth(note);
  const fitted = noteWide === 0 || room < 4 ? [] : noteWide > room ? fitLine(note, room) : note;
  const used = Math.min(wide, inner) + lineWidth(fitted);
  const tail = fitted.length === 0 ? [] : [...fitted, span(text`─`, style)];
  return [
    span(left, style),
    ...shown,
    span(rule(inner - used - (fitted.length === 0 ? 0 : 1)), style),
    ...tail,
    span(right, style),
  ];
}

/** Where the thumb of a scroll bar of `rows` rows lies when rows `top` to `top + shown` of `count` are on the screen. */
export function thumbOf(
  count: number,
  top: number,
  shown: number,
  rows: number,
): { from: number; to: number } | undefined {
  if (count <= shown || rows <= 0) return undefined;
  const size = Math.max(1, Math.floor((rows * shown) / count));
  const from = Math.round(((rows - size) * top) / (count - shown));
  return { from, to: from + size };
}
