import type { SafeText } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { type Line, type Style, span } from "./draw/style.ts";

/** Long enough to read a line. */
export const messageMs = 4000;

/** What a stage says at the right end of its footer, for a while. */
export class PassingMessage {
  readonly #clock: Pick<Clock, "now">;
  #said: { words: SafeText; style: Style; until: Instant } | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  say(words: SafeText, style: Style = "warn"): void {
    this.#said = { words, style, until: this.#clock.now() + messageMs };
  }

  clear(): void {
    this.#said = undefined;
  }

  /** Empty when there is nothing to say any more. */
  get line(): Line {
    const said = this.#said;
    return said === undefined || this.#clock.now() >= said.until ? [] : [span(said.words, said.style)];
  }
}
