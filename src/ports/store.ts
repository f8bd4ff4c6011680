import type { Membership } from "../domain/membership.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Subscription } from "./engine.ts";

/** The external store: pushed where it can push, polled where it cannot; repeats itself, so one answer lost does no harm. */
export interface StoreWatch {
  /** Calls `listener` with every new picture, and with the trouble when a question goes unanswered. */
  watch(listener: (outcome: Outcome<Membership>) => void): Subscription;
}
