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
  /**
   * The value changes as time goes by. A function tells the longest that it becomes for the row, and the column is made
   * wide enough for that; with `true` every row is worked out each time, which only short lists can afford.
   */
  timed?: true | ((row: Row) => SafeText);
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
}

/** Rows worked out for drawing at one moment, whatever they were of. */
export interface Table {
  columns: readonly ColumnShape[];
  rows: readonly TableRow[];
  /** What one of the rows says. Worked out when it is asked for: of a long list few rows ever are. */
  cells(row: TableRow): readonly Cell[];
  /** Whether what it says is old. */
  isStale(row: TableRow): boolean;
}

const unknown: Cell = { text: text`-`, style: "muted" };

/** A row with what it has in columns, but for what changes with the time. */
class WorkedRow<Row extends { key: string }> implements TableRow {
  readonly key: string;
  /** Of every column, what it takes whatever the time; of those that are timed with `true`, 0. */
  readonly widths: readonly number[];
  readonly #fixed: readonly (Cell | undefined)[];

  constructor(
    private readonly columns: readonly Column<Row>[],
    readonly row: Row,
  ) {
    this.key = row.key;
    this.#fixed = columns.map((column) => (column.timed === undefined ? cellOf(column.value(row, 0)) : undefined));
    this.widths = columns.map(({ timed }, index) => {
      if (timed === true) return 0;
      return cellWidth(timed === undefined ? (this.#fixed[index] ?? unknown) : cellOf(timed(row)));
    });
  }

  cell(index: number, now: Instant): Cell {
    return this.#fixed[index] ?? cellOf(this.columns[index]?.value(this.row, now));
  }

  cells(now: Instant): readonly Cell[] {
    return this.#fixed.map((_, index) => this.cell(index, now));
  }
}

/** Rows that stand together, with what the widest of them takes in each column. */
interface WorkedGroup<Row extends { key: string }> {
  rows: readonly WorkedRow<Row>[];
  widths: readonly number[];
}

/** What was worked out for columns before, as long as they and the rows, or groups of rows, are the same objects. */
class Known<Row extends { key: string }> {
  readonly #columns: readonly Column<Row>[];
  readonly #rows = new WeakMap<Row, WorkedRow<Row>>();
  readonly #groups = new WeakMap<readonly Row[], WorkedGroup<Row>>();
  readonly #together = new WeakMap<readonly (readonly Row[])[], WorkedGroup<Row>>();

  constructor(columns: readonly Column<Row>[]) {
    this.#columns = columns;
  }

  #group(group: readonly Row[]): WorkedGroup<Row> {
    const before = this.#groups.get(group);
    if (before !== undefined) return before;
    const rows = group.map((row) => this.#row(row));
    const widths = this.#columns.map((_, index) =>
      rows.reduce((most, one) => Math.max(most, one.widths[index] ?? 0), 0),
    );
    this.#groups.set(group, { rows, widths });
    return { rows, widths };
  }

  /** All groups, one after the other; nothing of them may be changed by who gets it. */
  groups(groups: readonly (readonly Row[])[]): WorkedGroup<Row> {
    const before = this.#together.get(groups);
    if (before !== undefined) return before;
    const rows: WorkedRow<Row>[] = [];
    const widths = this.#columns.map(({ title, least }) => Math.max(widthOf(title), least ?? 0));
    for (const group of groups) {
      const one = this.#group(group);
      for (const row of one.rows) rows.push(row);
      for (const [index, width] of one.widths.entries()) widths[index] = Math.max(widths[index] ?? 0, width);
    }
    this.#together.set(groups, { rows, widths });
    return { rows, widths };
  }

  #row(row: Row): WorkedRow<Row> {
    const worked = this.#rows.get(row) ?? new WorkedRow(this.#columns, row);
    this.#rows.set(row, worked);
    return worked;
  }
}

const known = new WeakMap<object, unknown>();

function knownOf<Row extends { key: string }>(columns: readonly Column<Row>[]): Known<Row> {
  // What is kept under these columns was made of them.
  const before = (known.get(columns) ?? new Known(columns)) as Known<Row>;
  known.set(columns, before);
  return before;
}

/** A table of every row; see `groupedTable`. */
export const table = <Row extends { key: string }>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  isStale?: (row: Row) => boolean,
  now?: Instant,
): Table => groupedTable(columns, [rows], isStale, now);

/**
 * A table of every row of `groups`, one after the other. Widths are of all rows, so that filtering and scrolling move no
 * column. Columns that are a constant of their module, with groups that stay the same objects, cost next to nothing
 * after the first time, however many rows there are.
 */
export function groupedTable<Row extends { key: string }>(
  columns: readonly Column<Row>[],
  groups: readonly (readonly Row[])[],
  isStale: (row: Row) => boolean = () => false,
  now: Instant = 0,
): Table {
  const { rows, widths } = knownOf(columns).groups(groups);
  const naturals = [...widths];
  for (const [index, column] of columns.entries()) {
    if (column.timed !== true) continue;
    for (const row of rows) naturals[index] = Math.max(naturals[index] ?? 0, cellWidth(row.cell(index, now)));
  }
  return {
    columns: columns.map(({ title, width, keep }, index) => ({ title, width, keep, natural: naturals[index] ?? 0 })),
    rows,
    cells: (row) => (row instanceof WorkedRow ? row.cells(now) : []),
    isStale: (row) => row instanceof WorkedRow && isStale(row.row),
  };
}

const cellWidth = (cell: Cell): number => widthOf(steady(cell.text));

function cellOf(value: SafeText | Cell | undefined): Cell {
  if (value === undefined || value === "") return unknown;
  return typeof value === "string" ? { text: value, style: "plain" } : value;
}

/** What a filter last let through of a table: every key asks again, and between two looks at the cluster nothing changes. */
const matched = new WeakMap<Table, { filter: string; rows: readonly TableRow[] }>();

/** The rows that hold every word of `filter`, in whatever column and case. */
export function matching(of: Table, filter: string): readonly TableRow[] {
  const words = filter
    .toLowerCase()
    .split(" ")
    .filter((word) => word !== "");
  if (words.length === 0) return of.rows;
  const last = matched.get(of);
  if (last?.filter === filter) return last.rows;
  const rows = of.rows.filter((row) => {
    const all = of
      .cells(row)
      .map((cell) => cell.text)
      .join(" ")
      .toLowerCase();
    return words.every((word) => all.includes(word));
  });
  matched.set(of, { filter, rows });
  return rows;
}

const keysKnown = new WeakMap<readonly TableRow[], readonly string[]>();

/** The identities of the rows, in their order. */
export function keysOf(rows: readonly TableRow[]): readonly string[] {
  const keys = keysKnown.get(rows) ?? rows.map((row) => row.key);
  keysKnown.set(rows, keys);
  return keys;
}
