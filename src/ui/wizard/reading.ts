import { within } from "../form/moving.ts";
import { type Entry, unfolded } from "./review.ts";

/** Where the operator is in a plan that can be folded, or in the lines of its run. */
export class Reading {
  cursor = 0;
  top = 0;
  readonly open = new Set<string>();

  begin(): void {
    this.cursor = 0;
    this.top = 0;
    this.open.clear();
  }

  /** Inside of a long entry the text is scrolled; at its end the cursor goes on to the next one. */
  moveIn(entries: readonly Entry[], by: number, rows: number): void {
    const { lines, starts } = unfolded(entries, this.open, this.cursor);
    const start = starts[this.cursor] ?? 0;
    const end = starts[this.cursor + 1] ?? lines.length;
    const hidden = by > 0 ? end - (this.top + rows) : this.top - start;
    if (Number.isFinite(by) && hidden > 0) {
      this.scroll(Math.sign(by) * Math.min(Math.abs(by), hidden), lines.length, rows);
    } else this.#cursorTo(within(this.cursor, by, entries.length), entries, rows);
  }

  /** Unfolds the entry under the cursor, or folds it again. */
  fold(entries: readonly Entry[], rows: number): void {
    const entry = entries[this.cursor];
    if (entry === undefined) return;
    if (!this.open.delete(entry.key)) this.open.add(entry.key);
    this.#cursorTo(this.cursor, entries, rows);
  }

  scroll(by: number, count: number, rows: number): void {
    this.top = Math.max(0, Math.min(count - rows, this.top + by));
  }

  #cursorTo(cursor: number, entries: readonly Entry[], rows: number): void {
    const { starts, lines } = unfolded(entries, this.open, cursor);
    const start = starts[cursor] ?? 0;
    const end = Math.min(starts[cursor + 1] ?? lines.length, start + rows);
    this.cursor = cursor;
    if (start < this.top) this.top = start;
    else if (end > this.top + rows) this.top = Math.max(0, end - rows);
  }
}
