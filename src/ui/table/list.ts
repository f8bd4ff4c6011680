/** Where the cursor of a list is. It belongs to a row, not to a line: rows that come or go above do not move it on the screen. */
export interface ListState {
  /** The row's identity; undefined until the cursor was moved, and then it is the first row, whichever that is. */
  key: string | undefined;
  /** Where that row was when the cursor was last moved. */
  index: number;
  /** The first row on the screen at that time. */
  top: number;
}

export const untouched: ListState = { key: undefined, index: 0, top: 0 };

/** What of a list is on the screen. */
export interface Window {
  /** The cursor's row; -1 in an empty list. */
  index: number;
  /** The first row shown. */
  top: number;
}

/** Rows kept in sight above and below the cursor. */
const margin = 2;

/** The cursor and the window over `keys` in `height` rows. Without its row the cursor stays where it was. */
export function settle(list: ListState, keys: readonly string[], height: number): Window {
  if (keys.length === 0) return { index: -1, top: 0 };
  const { key } = list;
  const found = key === undefined ? 0 : keys[list.index] === key ? list.index : keys.indexOf(key);
  const index = found === -1 ? Math.min(list.index, keys.length - 1) : found;
  return { index, top: topFor(list.top + (index - list.index), index, keys.length, height) };
}

/** The list after its cursor moved by `by` rows. */
export function moved(list: ListState, keys: readonly string[], height: number, by: number): ListState {
  const now = settle(list, keys, height);
  if (now.index === -1) return untouched;
  const index = Math.max(0, Math.min(keys.length - 1, now.index + by));
  return { key: keys[index], index, top: topFor(now.top, index, keys.length, height) };
}

/** A text of `count` lines scrolled by `by`; it has no cursor. */
export function scrolled(list: ListState, count: number, height: number, by: number): ListState {
  const top = Math.max(0, Math.min(count - height, list.top + by));
  return { key: undefined, index: 0, top };
}

function topFor(wanted: number, index: number, count: number, height: number): number {
  const rows = Math.max(1, height);
  const keep = Math.min(margin, Math.floor((rows - 1) / 2));
  const least = index + keep - rows + 1;
  const most = index - keep;
  return Math.max(0, Math.min(count - rows, Math.min(most, Math.max(least, wanted))));
}
