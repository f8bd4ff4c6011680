import type { Clock } from "../../src/ports/clock.ts";
import { ManualClock } from "../manual-clock.ts";

/** A clock that jumps to the next timer as soon as nothing else is left to do: a minute of waiting takes no time. */
export class FastClock implements Clock {
  readonly #manual = new ManualClock();
  #running = false;

  now(): number {
    return this.#manual.now();
  }

  random(): number {
    return this.#manual.random();
  }

  after(ms: number, then: () => void): () => void {
    const cancel = this.#manual.after(ms, then);
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    return cancel;
  }

  turn(then: () => void): () => void {
    return this.after(0, then);
  }

  async #run(): Promise<void> {
    while (this.#manual.waiting > 0) await this.#manual.advance(this.#manual.nextIn);
    this.#running = false;
  }
}
