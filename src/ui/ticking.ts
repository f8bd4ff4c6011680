import type { Clock } from "../ports/clock.ts";

/** Does it now and then every `ms`, until the returned function is called. */
export function ticking(clock: Pick<Clock, "after">, ms: number, work: () => void): () => void {
  let cancel = (): void => {};
  const tick = (): void => {
    work();
    cancel = clock.after(ms, tick);
  };
  tick();
  return () => cancel();
}
