import { type ListState, moved, settle, untouched, type Window } from "../table/list.ts";
import { keysOf, matching, type Table, type TableRow } from "../table/table.ts";
import type { PoolTab } from "./draw.ts";

/** The tabs that are lists. */
export type Listed = Exclude<PoolTab, "printed" | "findings">;

export const isListed = (tab: PoolTab): tab is Listed => tab !== "printed" && tab !== "findings";

/** A list of a tab as it stands on the screen. */
export interface ShownList {
  table: Table;
  rows: readonly TableRow[];
  window: Window;
  filter: string;
}

/** Where the operator is in each list. The changes are followed at their end until somebody looks at an older one. */
export class PoolLists {
  readonly #lists: Record<Listed, ListState> = { slots: untouched, queue: untouched, changes: untouched };
  readonly #filters: Record<Listed, string> = { slots: "", queue: "", changes: "" };
  #tails = true;

  get tails(): boolean {
    return this.#tails;
  }

  filterOf(tab: PoolTab): string {
    return isListed(tab) ? this.#filters[tab] : "";
  }

  filter(tab: PoolTab, words: string): void {
    if (isListed(tab)) this.#filters[tab] = words;
  }

  /** `table` with what the filter lets through, `height` rows of it in sight. */
  shown(tab: Listed, table: Table, height: number): ShownList {
    const filter = this.#filters[tab];
    const rows = matching(table, filter);
    const followed = tab === "changes" && this.#tails;
    const window = followed
      ? { index: rows.length - 1, top: Math.max(0, rows.length - height) }
      : settle(this.#lists[tab], keysOf(rows), height);
    return { table, rows, window, filter };
  }

  move(tab: Listed, table: Table, height: number, by: number): void {
    const { rows, window } = this.shown(tab, table, height);
    const from: ListState = { key: rows[window.index]?.key, index: window.index, top: window.top };
    const list = moved(from, keysOf(rows), height, by);
    this.#lists[tab] = list;
    if (tab === "changes" && by !== 0) this.#tails = list.index === rows.length - 1;
  }
}
