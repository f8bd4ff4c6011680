import type { Instant } from "../domain/time.ts";

/** Time and chance, so that services can be tested without waiting. */
export interface Clock {
  now(): Instant;
  /** Calls `then` once after `ms`; the result takes it back. */
  after(ms: number, then: () => void): () => void;
  /** Calls `then` once what has arrived by now was taken in, keys above all; the result takes it back. */
  turn(then: () => void): () => void;
  /** Evenly spread in [0, 1); for jitter only. */
  random(): number;
}

/** How long a call may take. `signal` ends it earlier. */
export interface Deadline {
  ms: number;
  signal?: AbortSignal;
}
