import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";

/** Lines that a machine's journal keeps of its engine; older ones are gone. */
const linesKept = 500;

/** What dockerd wrote on its standard error, as the journal keeps it. */
export class EngineLog {
  readonly #clock: Clock;
  readonly #lines: { at: Instant; line: string }[] = [];
  #written = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A line of logrus, as dockerd writes it while it runs. */
  say(level: "info" | "warning" | "error", message: string, at = this.#clock.now()): void {
    const time = new Date(at).toISOString();
    this.plain(`time="${time}" level=${level} msg=${JSON.stringify(message)}`, at);
  }

  /** Plain words: how dockerd says why it does not start. */
  plain(line: string, at = this.#clock.now()): void {
    this.#lines.push({ at, line });
    this.#written++;
    if (this.#lines.length > linesKept) this.#lines.shift();
  }

  /** Every line that is kept, with its number among all that were written. */
  all(): { number: number; at: Instant; line: string }[] {
    const first = this.#written - this.#lines.length;
    return this.#lines.map((one, index) => ({ ...one, number: first + index }));
  }

  /** The last `count` lines since `from`, newest last. */
  since(from: Instant, count: number): string[] {
    return this.#lines
      .filter(({ at }) => at >= from)
      .map(({ line }) => line)
      .slice(-count);
  }
}
