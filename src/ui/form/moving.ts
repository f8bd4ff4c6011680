import type { ActionId } from "../keymap/keymap.ts";

const steps = (page: number): Partial<Record<ActionId, number>> => ({
  "move.down": 1,
  "move.up": -1,
  "move.half-down": Math.ceil(page / 2),
  "move.half-up": -Math.ceil(page / 2),
  "move.page-down": page,
  "move.page-up": -page,
  "move.first": Number.NEGATIVE_INFINITY,
  "move.last": Number.POSITIVE_INFINITY,
});

/** How far an action moves where a page has `page` rows; undefined when it is none that moves. */
export const stepBy = (id: ActionId, page: number): number | undefined => steps(page)[id];

/** The same in a list of `rows` rows, where pages share two rows. */
export const stepOf = (id: ActionId, rows: number): number | undefined => stepBy(id, Math.max(1, rows - 2));

/** `at + by`, kept among `count`. */
export const within = (at: number, by: number, count: number): number => Math.max(0, Math.min(count - 1, at + by));
