import type { Step, StepId } from "../../domain/plan/step.ts";

/** More copies than this only share the operator's line, and each of them would be slower to end. */
const copiesAtOnce = 3;

/** Who carries the steps of a schedule out. */
export interface Crew {
  /** Carries one step out: whether what needs it may begin. Never rejects. */
  run(step: Step): Promise<boolean>;
  /** Whether nothing may begin any more; asked before every step. */
  isStopped(): boolean;
}

/**
 * Runs each step once all that it needs is done, everything else side by side. After a step that was not done none
 * begins; resolves when nothing runs any more.
 */
export async function runSchedule(steps: readonly Step[], crew: Crew): Promise<void> {
  const waiting = new Set(steps);
  const done = new Set<StepId>();
  const running = new Map<Step, Promise<void>>();
  let isBroken = false;
  const isReady = (step: Step): boolean =>
    step.needs.every((id) => done.has(id)) &&
    (step.change.kind !== "load-image" || copies([...running.keys()]) < copiesAtOnce);
  for (;;) {
    for (const step of waiting) {
      if (isBroken || crew.isStopped()) break;
      if (!isReady(step)) continue;
      waiting.delete(step);
      const ran = crew.run(step).then((isDone) => {
        running.delete(step);
        if (isDone) done.add(step.id);
        else isBroken = true;
      });
      running.set(step, ran);
    }
    if (running.size === 0) return;
    await Promise.race(running.values());
  }
}

const copies = (steps: readonly Step[]): number => steps.filter((step) => step.change.kind === "load-image").length;
