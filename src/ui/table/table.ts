import { type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
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
  /** Undefined when nothing is known: a dash. Without `timed` it may depend on the row alone. */
  value: (row: Row, now: Instant) => SafeText | Cell | undefined;
  /** The value changes as time goes by. */
  timed?: true;
  /** fit: as wide as its widest value; grow: the same, and the first to give way; number: as fit, to the right, never cut. */
  width: "fit" | "grow" | "number";
  /** wide: only shown where there is room for it beside all the others. */
  keep: "always" | "wide";
  /** Columns that it takes even when its values are shorter, so that nothing moves when they change. */
  least?: number;
}

export type ColumnShape = Pick<Column<object>, "title" | "width" | "keep"> & {
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

/** Cells that a row has in some columns, with their widths, as long as both are the same objects. */
const known = new WeakMap<object, WeakMap<object, readonly Measured[]>>();

interface Measured {
  cell: Cell;
  width: number;
}

/**
 * Works out every cell. Widths are of all rows, so that filtering and scrolling move no column. Columns that are a
 * constant of their module, with rows that stay the same objects, cost next to nothing after the first time.
 */
export function table<Row extends { key: string }>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  isStale: (row: Row) => boolean = () => false,
  now: Instant = 0,
): Table {
  const naturals = columns.map((column) => Math.max(widthOf(column.title), column.least ?? 0));
  const before = known.get(columns) ?? new WeakMap<object, readonly Measured[]>();
  known.set(columns, before);
  const measure = (column: Column<Row>, row: Row): Measured => {
    const cell = cellOf(column.value(row, now));
    return { cell, width: widthOf(steady(cell.text)) };
  };
  const worked = rows.map((row) => {
    const last = before.get(row);
    const measured = columns.map((column, index) => {
      const kept = column.timed ? undefined : last?.[index];
      const one = kept ?? measure(column, row);
      if (one.width > (naturals[index] ?? 0)) naturals[index] = one.width;
      return one;
    });
    before.set(row, measured);
    return { key: row.key, stale: isStale(row), cells: measured.map((one) => one.cell) };
  });
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
