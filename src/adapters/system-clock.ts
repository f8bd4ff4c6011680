import type { Clock } from "../ports/clock.ts";

/** The machine's own time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  // Timers that are due follow one another without a look at what arrived; immediates do not (Node.js, "The event loop").
  turn: (then) => {
    const immediate = setImmediate(then);
    return () => clearImmediate(immediate);
  },
  random: () => Math.random(),
};
