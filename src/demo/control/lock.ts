import type { Locked, LockHolder } from "../../domain/lock.ts";
import { text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { NodeLock } from "../../ports/node-lock.ts";
import type { Machine } from "../machine.ts";
import { type ControlGround, rootQuestion } from "./change.ts";

type Taken = Awaited<ReturnType<NodeLock["take"]>>;

const what = text`the lock of ovl-tui`;

/** Whose the lock of a machine is, as the machine tells it. */
export const lockOf = ({ lock }: Machine, now: Instant): Locked | undefined =>
  lock && { ...lock.holder, idleMs: now - lock.renewedAt };

/** The lock of one machine. */
export class DemoLock implements NodeLock {
  readonly #on: ControlGround;

  constructor(on: ControlGround) {
    this.#on = on;
  }

  take(holder: LockHolder, within: Deadline): ReturnType<NodeLock["take"]> {
    const { link, clock } = this.#on;
    return rootQuestion(this.#on, what, within, (): Taken => {
      const now = clock.now();
      const by = lockOf(link.machine, now);
      if (by !== undefined && by.run !== holder.run) return good({ state: "busy", by });
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
