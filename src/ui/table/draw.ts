import { text } from "../../domain/text.ts";
import { fitLine, inStyle } from "../draw/line.ts";
import { type Line, type Span, span } from "../draw/style.ts";
import { filled, spaces } from "../draw/width.ts";
import { placeColumns } from "./layout.ts";
import type { Table, TableRow } from "./table.ts";

const noMarks: ReadonlySet<string> = new Set();

/** The heading and the rows `from` to `to` of `rows`, each exactly `width` columns with one blank at either side, or a mark at the left one. */
export function drawTable(
  shape: Table,
  rows: readonly TableRow[],
  visible: { from: number; to: number; cursor: number | undefined },
  width: number,
  marked: ReadonlySet<string> = noMarks,
): Line[] {
  const { columns, gap } = placeColumns(shape.columns, width - 2);
  const row = (cells: (index: number) => Span, mark: Span = span(spaces(1))): Line => {
    const spans: Span[] = [mark];
    for (const [position, { index, width: wide }] of columns.entries()) {
      if (position > 0) spans.push(span(spaces(gap)));
      const { text: words, style } = cells(index);
      const align = shape.columns[index]?.width === "number" ? "right" : "left";
      spans.push(span(filled(words, wide, align), style));
    }
    return fitLine(spans, width);
  };
  const heading = row((index) => span(shape.columns[index]?.title ?? spaces(0), "heading"));
  const drawn = rows.slice(visible.from, visible.to).map((one, offset): Line => {
    const cells = shape.cells(one);
    const line = row(
      (index) => cells[index] ?? span(spaces(0)),
      marked.has(one.key) ? span(text`•`, "accent") : undefined,
    );
    if (visible.from + offset === visible.cursor) return inStyle(line, "cursor");
    return shape.isStale(one) ? inStyle(line, "muted") : line;
  });
  return [heading, ...drawn];
}
