import type { Instant } from "../src/domain/time.ts";
import type { Clock } from "../src/ports/clock.ts";

interface Timer {
  at: Instant;
  order: number;
  then: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: Instant;
  #order = 0;
  #timers: Timer[] = [];
  #randomState = 1;

  constructor(start: Instant = Date.UTC(2026, 10, 23, 14, 0, 0)) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  turn(then: () => void): () => void {
    return this.after(0, then);
  }

  /** The same row of numbers in every run (Lehmer's generator, modulus 2^31 - 1). */
  random(): number {
    this.#randomState = (this.#randomState * 48_271) % 2_147_483_647;
    return this.#randomState / 2_147_483_647;
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Until the next timer is due, ms; 0 when none waits. */
  get nextIn(): number {
    return Math.max(0, (this.#next(Number.POSITIVE_INFINITY)?.at ?? this.#now) - this.#now);
  }

  /**
   * Moves on by `ms`: every timer due by then runs at its own time, in order, those that it sets included; promises
   * settle between one timer and the next.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const next = this.#next(end);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.then();
      await settled();
    }
    this.#now = end;
    await settled();
  }

  /** The machine sleeps: time passes, and no timer runs before it wakes. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  #next(end: Instant) {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}

/** Lets every promise settle that waits on nothing but others: a macrotask begins only when no microtask is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
