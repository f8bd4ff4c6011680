import type { Instant } from "./time.ts";
import type { Outcome, Trouble } from "./trouble.ts";

/** One observed part of the snapshot, always with the time it was seen. */
export type Part<T> =
  /** Asked for, no answer yet. */
  | { state: "waiting"; since: Instant }
  | { state: "fresh"; at: Instant; value: T }
  /** The last value seen at `at`; since `since` it cannot be had again. */
  | { state: "stale"; at: Instant; value: T; since: Instant; trouble: Trouble }
  /** Never had. */
  | { state: "missing"; since: Instant; trouble: Trouble };

/** The part after one more observation at `now`. A failure keeps the last value and the time the trouble began. */
export function observed<T>(before: Part<T>, outcome: Outcome<T>, now: Instant): Part<T> {
  if (outcome.ok) return { state: "fresh", at: now, value: outcome.value };
  const { trouble } = outcome;
  switch (before.state) {
    case "fresh":
      return { state: "stale", at: before.at, value: before.value, since: now, trouble };
    case "stale":
      return { ...before, trouble };
    case "missing":
      return { ...before, trouble };
    case "waiting":
      return { state: "missing", since: now, trouble };
  }
}

/** The last value seen, however old; undefined when there never was one. */
export const lastSeen = <T>(part: Part<T>): T | undefined =>
  part.state === "fresh" || part.state === "stale" ? part.value : undefined;

/** The trouble of a part that cannot be had now. */
export const troubleOf = <T>(part: Part<T>): Trouble | undefined =>
  part.state === "stale" || part.state === "missing" ? part.trouble : undefined;
