import type { SafeText } from "../domain/text.ts";
import { bad, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { DemoLink } from "./link.ts";

/**
 * One question over the link: answered after a round trip and as long as the answer takes, as late as the machine can be
 * reached, or never.
 */
export function call<T>(
  link: DemoLink,
  clock: Clock,
  what: SafeText,
  within: Deadline,
  answer: () => Outcome<T> | Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { machine } = link;
  const { signal } = within;
  if (signal?.aborted) return Promise.resolve(bad({ kind: "cancelled" }));
  const trouble = link.trouble();
  if (trouble !== undefined) return Promise.resolve(bad(trouble));
  return new Promise((resolve) => {
    const undo: (() => void)[] = [];
    const settle = (outcome: Outcome<T>): void => {
      for (const one of undo.splice(0)) one();
      resolve(outcome);
    };
    const cancelled = (): void => settle(bad({ kind: "cancelled" }));
    /** What is sent while the way is shut is sent again by TCP until it opens. */
    const whenReachable = (then: () => void): void => {
      if (machine.reachable) {
        then();
        return;
      }
      const unlisten = machine.listen(() => {
        if (!machine.reachable) return;
        unlisten();
        then();
      });
      undo.push(unlisten);
    };
    const arrived = (): void => {
      const given = answer();
      if (given instanceof Promise) void given.then((outcome) => whenReachable(() => settle(outcome)));
      else settle(given);
    };
    signal?.addEventListener("abort", cancelled, { once: true });
    undo.push(() => signal?.removeEventListener("abort", cancelled));
    undo.push(link.whileUp((lost) => settle(bad(lost))));
    undo.push(clock.after(within.ms, () => settle(bad({ kind: "timed-out", what, afterMs: within.ms }))));
    undo.push(clock.after(link.roundTripMs, () => whenReachable(arrived)));
  });
}

/** A promise that settles after `ms` of the clock. */
export const pass = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });
