import type { Membership } from "../domain/membership.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";
import type { Subscription } from "./engine.ts";

/** The external store: pushed where it can push, polled where it cannot; repeats itself, so one answer lost does no harm. */
export interface StoreWatch {
  /** Calls `listener` with every new picture, and with the trouble when a question goes unanswered. */
  watch(listener: (outcome: Outcome<Membership>) => void): Subscription;
  /** One picture, or at once why there is none: for who waits until a store has its leader, and asks again and again. */
  ask(within: Deadline): Promise<Outcome<Membership>>;
}
