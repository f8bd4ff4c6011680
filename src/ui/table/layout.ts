import type { ColumnShape } from "./table.ts";

/** Between two columns; one where the room is short. */
const wideGap = 2;
/** A column that gives way keeps at least this much. */
const leastGrow = 8;

/** A column that is shown: which one, and how wide. */
export interface PlacedColumn {
  index: number;
  width: number;
}

export interface Placed {
  columns: readonly PlacedColumn[];
  /** Columns of the terminal between two of these. */
  gap: number;
}

/**
 * Which columns are shown in `available` columns of the terminal, and how wide each is. Wide-only columns go first,
 * from the last; then the gaps narrow, "grow" columns shrink, and "fit" ones from the widest; numbers are never cut.
 * What still does not fit is left out from the right.
 */
export function placeColumns(columns: readonly ColumnShape[], available: number): Placed {
  const all = columns.map((column, index) => ({ index, width: column.natural, column }));
  let shown = all.filter(({ column }) => column.keep === "always");
  for (const one of all) {
    if (one.column.keep === "always") continue;
    const more = all.filter((other) => other === one || shown.includes(other));
    if (total(more, wideGap) <= available) shown = more;
  }
  const gap = total(shown, wideGap) <= available ? wideGap : 1;
  shrink(shown, "grow", gap, available);
  shrink(shown, "fit", gap, available);
  while (shown.length > 1 && total(shown, gap) > available) shown = shown.slice(0, -1);
  const only = shown[0];
  if (shown.length === 1 && only !== undefined) only.width = Math.min(only.width, Math.max(0, available));
  return { columns: shown.map(({ index, width }) => ({ index, width })), gap };
}

interface Sized extends PlacedColumn {
  column: ColumnShape;
}

const total = (columns: readonly PlacedColumn[], gap: number): number =>
  columns.reduce((sum, one) => sum + one.width, 0) + gap * Math.max(0, columns.length - 1);

/** Takes from the widest of its kind, one column at a time, until all fits or none of them can give more. */
function shrink(shown: readonly Sized[], kind: "grow" | "fit", gap: number, available: number): void {
  let over = total(shown, gap) - available;
  while (over > 0) {
    const widest = shown
      .filter((one) => one.column.width === kind && one.width > leastGrow)
      .reduce<Sized | undefined>((most, one) => (most === undefined || one.width > most.width ? one : most), undefined);
    if (widest === undefined) return;
    widest.width -= 1;
    over -= 1;
  }
}
