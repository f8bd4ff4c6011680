import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { LockHolder, NodeLock } from "../../ports/node-lock.ts";
import { type ControlGround, rootQuestion } from "./change.ts";

type Taken = Awaited<ReturnType<NodeLock["take"]>>;

const what = text`the lock of ovl-tui`;

/** The lock of one machine. */
export class DemoLock implements NodeLock {
  readonly #on: ControlGround;

  constructor(on: ControlGround) {
    this.#on = on;
  }

  take(holder: LockHolder, within: Deadline): ReturnType<NodeLock["take"]> {
    const { link, clock } = this.#on;
    return rootQuestion(this.#on, what, within, (): Taken => {
      const { lock } = link.machine;
      const now = clock.now();
      if (lock !== undefined && lock.holder.run !== holder.run) {
        return good({ state: "busy", by: { ...lock.holder, idleMs: now - lock.renewedAt } });
      }
      link.machine.lock = { holder, renewedAt: now };
      return good({ state: "held" });
    });
  }

  release(holder: LockHolder, within: Deadline): Promise<Outcome<void>> {
    return this.break(holder.run, within);
  }

  break(run: string, within: Deadline): Promise<Outcome<void>> {
    const { machine } = this.#on.link;
    return rootQuestion(this.#on, what, within, () => {
      if (machine.lock?.holder.run === run) machine.lock = undefined;
      return good(undefined);
    });
  }
}
