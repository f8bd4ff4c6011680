import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type Locked, type LockHolder, leaseDeadMs, leaseRenewMs } from "../../domain/lock.ts";
import { compareNames, type SafeText, text } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/world.ts";
import type { ApplyEnd } from "./apply-state.ts";
import { isUnknown } from "./executor.ts";

const lockMs = 20_000;
/** A lease that was not renewed for so long may be taken over by others before the next try, ms. */
const tooOldMs = leaseDeadMs - leaseRenewMs;

/** Why the nodes could not be locked. */
export type NotLocked = Extract<ApplyEnd, { kind: "locked" | "refused" }>;

export interface LockOptions {
  holder: LockHolder;
  /** Whether the run behind a lock is known to be over. */
  isOver(by: Locked): boolean;
  /** Takes a lock away from a run that may still live: the operator said so. */
  breakLocks: boolean;
}

/** A node to be locked. One that the plan does not touch is locked as well, unless it cannot be reached. */
export interface Lockable {
  node: NodeAccess;
  needed: boolean;
}

/** The leases on all nodes of a cluster: taken, renewed until released. */
export class Locks {
  readonly #nodes: ReadonlyMap<NodeName, Lockable>;
  readonly #options: LockOptions;
  readonly #clock: Clock;
  readonly #say: (words: SafeText) => void;
  /** When each that is held was renewed last. */
  readonly #held = new Map<NodeName, number>();
  /** Those that are held, or may be. */
  readonly #asked = new Set<NodeName>();
  #cancelRenewal: (() => void) | undefined;
  #renewing: Promise<void> = Promise.resolve();
  #isReleased = false;
  #lost: SafeText | undefined;
  /** Nodes whose lock another run has now, in words. */
  readonly #taken = new Map<NodeName, SafeText>();

  /** `say` hears of locks that are taken over. */
  constructor(
    nodes: ReadonlyMap<NodeName, Lockable>,
    options: LockOptions,
    clock: Clock,
    say: (words: SafeText) => void,
  ) {
    this.#nodes = nodes;
    this.#options = options;
    this.#clock = clock;
    this.#say = say;
  }

  /**
   * Why no more may be changed: another run has, or may have by now, taken a lock of ours. The age of each lease counts,
   * not whether a renewal failed: no timer runs while the operator's machine sleeps.
   */
  get lost(): SafeText | undefined {
    for (const name of this.#held.keys()) this.#lost ??= this.#tooOld(name);
    return this.#lost;
  }

  /** Who has taken the lock of one node, asked there when its renewal is overdue: whether something may be taken back. */
  async takenOf(name: NodeName): Promise<SafeText | undefined> {
    const age = this.#age(name);
    if (age !== undefined && age > 2 * leaseRenewMs) await this.#renewOne(name);
    return this.#taken.get(name);
  }

  /** All of them, or none and why. */
  async take(): Promise<NotLocked | undefined> {
    // The first by name decides between two runs that begin at one moment; side by side each might get a half.
    const [first, ...others] = [...this.#nodes].sort(([a], [b]) => compareNames(a, b));
    if (first === undefined) return undefined;
    const refusals = [await this.#takeOne(...first)];
    if (refusals[0] === undefined) refusals.push(...(await Promise.all(others.map((one) => this.#takeOne(...one)))));
    const refusal = refusals.find((one) => one !== undefined);
    if (refusal === undefined) this.#renewLater();
    else await this.release();
    return refusal;
  }

  /** A node that cannot be reached forgets the lease by itself. */
  async release(): Promise<void> {
    this.#isReleased = true;
    this.#cancelRenewal?.();
    // A renewal under way would take it anew.
    await this.#renewing;
    const { holder } = this.#options;
    await Promise.all(
      [...this.#asked].map((name) => this.#nodes.get(name)?.node.control.lock.release(holder, { ms: lockMs })),
    );
  }

  async #takeOne(name: NodeName, { node, needed }: Lockable): Promise<NotLocked | undefined> {
    const { holder, isOver, breakLocks } = this.#options;
    const { lock } = node.control;
    for (let attempt = 0; attempt < 3; attempt++) {
      const asked = this.#clock.now();
      const taken = await lock.take(holder, { ms: lockMs });
      if (!taken.ok) {
        if (isUnknown(taken.trouble)) this.#asked.add(name);
        if (!needed) return undefined;
        const { what, remedy } = explain(taken.trouble, name);
        return { kind: "refused", why: text`${name} cannot be locked: ${what}`, remedy };
      }
      if (taken.value.state === "held") {
        this.#held.set(name, asked);
        this.#asked.add(name);
        return undefined;
      }
      const { by } = taken.value;
      const reason = isOver(by)
        ? text`that run is over`
        : by.idleMs >= leaseDeadMs
          ? text`nothing was heard of that run for ${Math.round(by.idleMs / 1000)} s`
          : breakLocks
            ? text`you said so`
            : undefined;
      if (reason === undefined) return { kind: "locked", node: name, by };
      const broken = await lock.break(by.run, { ms: lockMs });
      if (broken.ok) this.#say(text`took over the lock on ${name} of ${by.operator} (${by.doing}): ${reason}`);
    }
    return {
      kind: "refused",
      why: text`the lock of ${name} is taken again and again`,
      remedy: text`See who else works on ${name}.`,
    };
  }

  /** Of a lease that is held, ms. */
  #age(name: NodeName): number | undefined {
    const renewedAt = this.#held.get(name);
    return renewedAt === undefined ? undefined : this.#clock.now() - renewedAt;
  }

  #renewLater(): void {
    if (this.#isReleased) return;
    this.#cancelRenewal = this.#clock.after(leaseRenewMs, () => {
      this.#renewing = this.#renew().then(() => this.#renewLater());
    });
  }

  async #renew(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((name) => this.#renewOne(name)));
  }

  async #renewOne(name: NodeName): Promise<void> {
    this.#lost ??= this.#tooOld(name);
    const asked = this.#clock.now();
    const taken = await this.#nodes.get(name)?.node.control.lock.take(this.#options.holder, { ms: lockMs });
    if (taken?.ok !== true) return;
    if (taken.value.state === "held") {
      this.#held.set(name, asked);
      this.#taken.delete(name);
      return;
    }
    const { by } = taken.value;
    const words = text`${by.operator} has taken the lock of ${name} (${by.doing})`;
    this.#taken.set(name, words);
    this.#lost = words;
  }

  /** A node that cannot be reached just now only holds up its own steps; after a while others may take its lock. */
  #tooOld(name: NodeName): SafeText | undefined {
    const age = this.#age(name);
    if (age === undefined || age < tooOldMs) return undefined;
    return text`the lock of ${name} could not be renewed for ${Math.round(age / 1000)} s`;
  }
}
