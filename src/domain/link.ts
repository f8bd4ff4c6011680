import type { Instant } from "./time.ts";
import type { Trouble } from "./trouble.ts";

/** The connection to one node. `lost` retries by itself at `retryAt`; `refused` waits for a person. */
export type LinkState =
  /** `after`: what ended the attempt before this one. */
  | { state: "connecting"; since: Instant; attempt: number; after?: Trouble }
  | { state: "live"; since: Instant; roundTripMs: number }
  /** Up, but its last round trip took longer than `slowRoundTripMs` or is overdue by as much. */
  | { state: "slow"; since: Instant; roundTripMs: number }
  | { state: "lost"; since: Instant; trouble: Trouble; retryAt: Instant }
  | { state: "refused"; since: Instant; trouble: Trouble }
  | { state: "closed"; since: Instant };

/** A round trip above this makes a link "slow", ms. */
export const slowRoundTripMs = 1000;

/** Whether calls on the link can succeed now. */
export const isUp = (link: LinkState): boolean => link.state === "live" || link.state === "slow";
