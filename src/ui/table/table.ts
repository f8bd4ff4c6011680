import { type SafeText, text } from "../../domain/text.ts";
import type { Style } from "../draw/style.ts";
import { steady, widthOf } from "../draw/width.ts";

/** What stands in a column of a row. */
export interface Cell {
  text: SafeText;
  style: Style;
}

/** One column as data: how it is drawn is the table's business. */
export interface Column<Row> {
  /** In capitals, our own words. */
  title: SafeText;
  /** Undefined when nothing is known: a dash. */
  value: (row: Row) => SafeText | Cell | undefined;
  /** fit: as wide as its widest value; grow: the same, and the first to give way; number: as fit, to the right, never cut. */
  width: "fit" | "grow" | "number";
  /** wide: only shown where there is room for it beside all the others. */
  keep: "always" | "wide";
  /** Columns that it takes even when its values are shorter, so that nothing moves when they change. */
  least?: number;
}

export type ColumnShape = Pick<Column<never>, "title" | "width" | "keep"> & {
  /** As wide as the title and every value. */
  natural: number;
};

export interface TableRow {
  /** The identity of what the row shows; the cursor is bound to it. */
  key: string;
  cells: readonly Cell[];
  /** What it says is old. */
  stale: boolean;
}

/** Rows worked out for drawing, whatever they were of. */
export interface Table {
  columns: readonly ColumnShape[];
  rows: readonly TableRow[];
}

const unknown: Cell = { text: text`-`, style: "muted" };

/** Works out every cell. Widths are of all rows, so that filtering and scrolling move no column. */
export function table<Row extends { key: string }>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  isStale: (row: Row) => boolean = () => false,
): Table {
  const naturals = columns.map((column) => Math.max(widthOf(column.title), column.least ?? 0));
  const worked = rows.map((row) => ({
    key: row.key,
    stale: isStale(row),
    cells: columns.map((column, index) => {
      const cell = cellOf(column.value(row));
      naturals[index] = Math.max(naturals[index] ?? 0, widthOf(steady(cell.text)));
      return cell;
    }),
  }));
  return {
    columns: columns.map(({ title, width, keep }, index) => ({ title, width, keep, natural: naturals[index] ?? 0 })),
    rows: worked,
  };
}

function cellOf(value: SafeText | Cell | undefined): Cell {
  if (value === undefined || value === "") return unknown;
  return typeof value === "string" ? { text: value, style: "plain" } : value;
}

/** The rows that hold every word of `filter`, in whatever column and case. */
export function matching(rows: readonly TableRow[], filter: string): readonly TableRow[] {
  const words = filter
    .toLowerCase()
    .split(" ")
    .filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const all = row.cells
      .map((cell) => cell.text)
      .join(" ")
      .toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
