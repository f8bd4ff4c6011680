import type { Clock } from "../ports/clock.ts";

/** At most ten flushes a second reach the screen; a burst of observations is one of them. */
const flushEveryMs = 100;

/** A value and those who want to know when it changes. No React in here. */
export interface State<T> {
  get(): T;
  /** `listener` is called after changes; the result ends it. */
  listen(listener: () => void): () => void;
}

/** A state whose listeners hear of every change at once. */
export class Holder<T> implements State<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.changed();
  }

  protected changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A state that tells its listeners of the first change at once and of those that follow at most every 100 ms. */
export class CalmHolder<T> extends Holder<T> {
  readonly #clock: Clock;
  #resting = false;
  #pending = false;

  constructor(value: T, clock: Clock) {
    super(value);
    this.#clock = clock;
  }

  protected override changed(): void {
    if (this.#resting) {
      this.#pending = true;
      return;
    }
    this.#resting = true;
    this.#clock.after(flushEveryMs, () => {
      this.#resting = false;
      if (!this.#pending) return;
      this.#pending = false;
      this.changed();
    });
    super.changed();
  }
}
