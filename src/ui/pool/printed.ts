import { explain } from "../../domain/explain.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { type Line, span } from "../draw/style.ts";
import type { WatchedPool } from "./services.ts";

/** What `condor_status` prints, asked only while somebody reads it. */
export class Printed {
  readonly #pool: Pick<WatchedPool, "printed" | "state">;
  readonly #changed: () => void;
  #answer: Outcome<readonly SafeText[]> | undefined;
  #asking: AbortController | undefined;
  top = 0;
  /** Columns that are scrolled away at the left. */
  left = 0;

  constructor(pool: Pick<WatchedPool, "printed" | "state">, changed: () => void) {
    this.#pool = pool;
    this.#changed = changed;
  }

  /** Asks, unless a question is under way. */
  ask(): void {
    if (this.#asking !== undefined) return;
    const asking = new AbortController();
    this.#asking = asking;
    void this.#pool.printed(asking.signal).then((answer) => {
      this.#asking = undefined;
      if (asking.signal.aborted) return;
      this.#answer = answer;
      this.#changed();
    });
  }

  stop(): void {
    this.#asking?.abort();
  }

  /** To the side, as far as there is something. */
  shift(by: number, width: number): void {
    const widest = this.#answer?.ok ? Math.max(0, ...this.#answer.value.map((line) => line.length)) : 0;
    this.left = Math.max(0, Math.min(widest - width, this.left + by));
  }

  scroll(by: number, rows: number, width: number): void {
    this.top = Math.max(0, Math.min(this.lines(width).length - rows, this.top + by));
  }

  /** As it was printed, from column `left` on; troubles are wrapped to `width`. */
  lines(width: number): Line[] {
    const answer = this.#answer;
    if (answer === undefined) return [[], [span(text` asking …`, "muted")]];
    if (answer.ok) return answer.value.map((line) => [span(clean(line.slice(this.left)))]);
    const { asked } = this.#pool.state.get();
    const { what, remedy } = explain(answer.trouble, asked?.node ?? text`its node`);
    return [[], ...wrapped(what, width, "bad"), ...wrapped(remedy, width, "muted")];
  }
}
