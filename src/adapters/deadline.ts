import type { SafeText } from "../domain/text.ts";
import { bad, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";

/**
 * Runs `work` for at most `within.ms`. Past that the outcome is `timed-out` (or `cancelled`, when `within.signal` ended
 * it) at once, whether `work` obeys its signal or not: the promises of HTTP libraries may never settle once an answer
 * was cut. A rejection of `work` is a defect of ours and is passed on.
 */
export function withDeadline<T>(
  clock: Clock,
  within: Deadline,
  what: SafeText,
  work: (signal: AbortSignal) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  if (within.signal?.aborted) return Promise.resolve(bad({ kind: "cancelled" }));
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const finish = () => {
      stopTimer();
      within.signal?.removeEventListener("abort", cancel);
    };
    const giveUp = (outcome: Outcome<T>) => {
      finish();
      resolve(outcome);
      controller.abort();
    };
    const cancel = () => giveUp(bad({ kind: "cancelled" }));
    const stopTimer = clock.after(within.ms, () => giveUp(bad({ kind: "timed-out", what, afterMs: within.ms })));
    within.signal?.addEventListener("abort", cancel, { once: true });
    work(controller.signal).then(
      (outcome) => {
        finish();
        resolve(outcome);
      },
      (error) => {
        finish();
        reject(error);
      },
    );
  });
}
