import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Locked, type LockHolder, leaseDeadMs, leaseRenewMs } from "../../ports/node-lock.ts";
import type { Changeable } from "./executor.ts";

const lockMs = 20_000;

/** Why the nodes could not be locked. */
export type NotLocked =
  | { kind: "locked"; node: NodeName; by: Locked }
  | { kind: "refused"; why: SafeText; remedy: SafeText };

export interface LockOptions {
  holder: LockHolder;
  /** Whether the run behind a lock is known to be over. */
  isOver(by: Locked): boolean;
  /** Takes a lock away from a run that may still live: the operator said so. */
  breakLocks: boolean;
}

/** The leases on all nodes of a run: taken side by side, renewed until released. */
export class Locks {
  readonly #nodes: ReadonlyMap<NodeName, Changeable>;
  readonly #options: LockOptions;
  readonly #clock: Clock;
  #cancelRenewal: (() => void) | undefined;
  #lost: SafeText | undefined;

  constructor(nodes: ReadonlyMap<NodeName, Changeable>, options: LockOptions, clock: Clock) {
    this.#nodes = nodes;
    this.#options = options;
    this.#clock = clock;
  }

  /** Why no more may be changed: another run has taken a lock of ours. */
  get lost(): SafeText | undefined {
    return this.#lost;
  }

  /** All of them, or none and why. */
  async take(): Promise<NotLocked | undefined> {
    const results = await Promise.all([...this.#nodes].map(([name, node]) => this.#takeOne(name, node)));
    const refusal = results.find((one) => one !== undefined);
    if (refusal !== undefined) {
      await this.release();
      return refusal;
    }
    this.#renewLater();
    return undefined;
  }

  async release(): Promise<void> {
    this.#cancelRenewal?.();
    const { holder } = this.#options;
    await Promise.all([...this.#nodes.values()].map((node) => node.control.lock.release(holder, { ms: lockMs })));
  }

  async #takeOne(name: NodeName, { control }: Changeable): Promise<NotLocked | undefined> {
    const { holder, isOver, breakLocks } = this.#options;
    for (let attempt = 0; attempt < 3; attempt++) {
      const taken = await control.lock.take(holder, { ms: lockMs });
      if (!taken.ok) {
        const { what, remedy } = explain(taken.trouble, name);
        return { kind: "refused", why: text`${name} cannot be locked: ${what}`, remedy };
      }
      if (taken.value.state === "held") return undefined;
      const { by } = taken.value;
      if (!breakLocks && !isOver(by) && by.idleMs < leaseDeadMs) return { kind: "locked", node: name, by };
      await control.lock.break(by.run, { ms: lockMs });
    }
    return {
      kind: "refused",
      why: text`the lock of ${name} is taken again and again`,
      remedy: text`See who else works on ${name}.`,
    };
  }

  #renewLater(): void {
    this.#cancelRenewal = this.#clock.after(leaseRenewMs, () => {
      void this.#renew().then(() => this.#renewLater());
    });
  }

  async #renew(): Promise<void> {
    const { holder } = this.#options;
    await Promise.all(
      [...this.#nodes].map(async ([name, { control }]) => {
        const taken = await control.lock.take(holder, { ms: lockMs });
        // A node that cannot be reached just now holds up its own steps; a lock of another run ends ours.
        if (taken.ok && taken.value.state === "busy") {
          this.#lost = text`${taken.value.by.operator} has taken the lock of ${name} (${taken.value.by.doing})`;
        }
      }),
    );
  }
}
