import { type Detail, detailOf, type Subject } from "../details/detail.ts";
import { type PaneContent, type PaneId, paneContents } from "../panes/pane.ts";
import type { Seen } from "../panes/seen.ts";

/** What panes and details show of one moment; each is worked out once, when it is first asked for. */
export class Contents {
  readonly #panes = new Map<PaneId, PaneContent>();
  #detail: { of: Subject; detail: Detail | undefined } | undefined;

  constructor(readonly seen: Seen) {}

  pane(id: PaneId): PaneContent {
    const known = this.#panes.get(id);
    if (known !== undefined) return known;
    const content = paneContents[id](this.seen);
    this.#panes.set(id, content);
    return content;
  }

  detail(subject: Subject): Detail | undefined {
    if (this.#detail?.of !== subject) this.#detail = { of: subject, detail: detailOf(subject, this.seen) };
    return this.#detail.detail;
  }
}
