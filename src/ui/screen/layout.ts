import { type PaneId, paneIds } from "../panes/pane.ts";

export interface Size {
  columns: number;
  rows: number;
}

/** Less than this is not enough to work in. */
export const leastSize: Size = { columns: 80, rows: 24 };
/** From here on all four panes are shown at once. */
export const gridColumns = 120;

export interface PanePlace {
  id: PaneId;
  width: number;
  height: number;
}

export interface Layout {
  /** One pane at a time under a strip of their names. */
  strip: boolean;
  /** Rows of panes, from the top. */
  bands: readonly (readonly PanePlace[])[];
  /** What a detail view has: everything between header and footer. */
  body: { width: number; height: number };
}

/** Header above, a line on the cursor's row and the keys below. */
const besides = 3;
/** A frame, the columns' titles and three rows. */
const leastPane = 6;
const frameAndTitles = 3;

/** Which pane is where. `rows` is how many rows each pane would like to show. */
export function layoutOf(size: Size, focus: PaneId, zoomed: boolean, rows: Readonly<Record<PaneId, number>>): Layout {
  const { columns } = size;
  const height = Math.max(0, size.rows - besides);
  const body = { width: columns, height };
  if (columns < gridColumns || zoomed) {
    return { strip: true, bands: [[{ id: focus, width: columns, height: height - 1 }]], body };
  }
  const [nodes, membership, networks, containers] = paneIds;
  const top = topHeight(height, Math.max(rows[nodes], rows[membership]), Math.max(rows[networks], rows[containers]));
  const left = Math.floor(columns / 2);
  const band = (one: PaneId, other: PaneId, high: number): PanePlace[] => [
    { id: one, width: left, height: high },
    { id: other, width: columns - left, height: high },
  ];
  return { strip: false, bands: [band(nodes, membership, top), band(networks, containers, height - top)], body };
}

/** The upper panes get what they want as long as the lower ones have half of the room or all that they want. */
function topHeight(height: number, upper: number, lower: number): number {
  const wanted = Math.max(leastPane, upper + frameAndTitles);
  const spare = Math.max(Math.floor(height / 2), height - Math.max(leastPane, lower + frameAndTitles));
  return Math.min(wanted, spare);
}
