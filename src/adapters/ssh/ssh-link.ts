import type { NodeName } from "../../domain/ids.ts";
import { isUp, type LinkState, slowRoundTripMs } from "../../domain/link.ts";
import { text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Link } from "../../ports/link.ts";
import { retryWaitMs } from "./retry.ts";

const pulseEveryMs = 10_000;
/** A peer that is dead is found within 10 + 30 s. */
const deadAfterMs = 30_000;
/** After the machine slept, the connection is most likely gone: nobody should wait 30 s for that. */
const deadAfterSleepMs = 5_000;
/** A link that held for so long begins its waits anew. */
const healthyMs = 60_000;

/** What a link keeps: a login that stands. */
export interface Held {
  /** Resolves when it is gone, with the reason. */
  readonly gone: Promise<Trouble>;
  /** One round trip to the other side. @throws when the connection is gone */
  roundTrip(): Promise<void>;
  /** The operator wants everything tried once more that was refused on it. */
  again(): void;
  /** Ends it in order; resolves when it is gone. */
  end(): Promise<void>;
  /** Lets go of it at once. */
  destroy(): void;
}

/** The troubles that end by themselves, perhaps; all others wait for the operator. */
function mendsItself(trouble: Trouble): boolean {
  switch (trouble.kind) {
    case "name-unresolved":
    case "unreachable":
    case "connection-refused":
    case "connection-lost":
    case "timed-out":
    case "bastion-down":
    case "trouble-here":
      return true;
    default:
      return false;
  }
}

/** Keeps one node's connection: opens it, feels its pulse, opens it again. */
export class SshLink<H extends Held> implements Link {
  readonly node: NodeName;
  readonly #open: (signal: AbortSignal) => Promise<Outcome<H>>;
  readonly #clock: Clock;
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #closing = new AbortController();
  #state: LinkState;
  #held: H | undefined;
  #connecting: Promise<void>;
  #cancelTimer: (() => void) | undefined;
  #attempt = 1;
  #failures = 0;
  #upSince = 0;
  #lastPulse = 0;

  constructor(node: NodeName, clock: Clock, open: (signal: AbortSignal) => Promise<Outcome<H>>) {
    this.node = node;
    this.#open = open;
    this.#clock = clock;
    this.#state = { state: "connecting", since: clock.now(), attempt: 1 };
    this.#connecting = this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The connection while the link is up. */
  get held(): H | undefined {
    return isUp(this.#state) ? this.#held : undefined;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    if (this.#state.state === "lost" || this.#state.state === "refused") this.#again();
    else this.held?.again();
  }

  async close(): Promise<void> {
    this.#set({ state: "closed", since: this.#clock.now() });
    this.#closing.abort();
    this.#cancelTimer?.();
    await Promise.all([this.#connecting, this.#held?.end()]);
  }

  #set(state: LinkState): void {
    if (this.#closed) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  get #closed(): boolean {
    return this.#state.state === "closed";
  }

  #again(): void {
    this.#cancelTimer?.();
    this.#attempt++;
    const after = "trouble" in this.#state ? { after: this.#state.trouble } : {};
    this.#set({ state: "connecting", since: this.#clock.now(), attempt: this.#attempt, ...after });
    this.#connecting = this.#connect();
  }

  async #connect(): Promise<void> {
    const opened = await this.#open(this.#closing.signal);
    if (this.#closed) {
      if (opened.ok) await opened.value.end();
      return;
    }
    if (!opened.ok) return this.#failed(opened.trouble);
    const held = opened.value;
    this.#held = held;
    void held.gone.then((trouble) => this.#down(held, trouble));
    await this.#pulse(held, deadAfterMs);
  }

  /** A connection that stood is gone. */
  #down(held: H, trouble: Trouble): void {
    if (this.#held !== held || this.#closed) return;
    this.#held = undefined;
    held.destroy();
    if (isUp(this.#state) && this.#clock.now() - this.#upSince >= healthyMs) this.#failures = 0;
    this.#failed(trouble);
  }

  #failed(trouble: Trouble): void {
    this.#cancelTimer?.();
    const now = this.#clock.now();
    if (!mendsItself(trouble)) {
      this.#set({ state: "refused", since: now, trouble });
      return;
    }
    const wait = retryWaitMs(this.#failures++, this.#clock.random());
    this.#set({ state: "lost", since: now, trouble, retryAt: now + wait });
    this.#cancelTimer = this.#clock.after(wait, () => this.#again());
  }

  /** Half-open connections look well for ever; a round trip tells, and how long it takes is what the operator sees. */
  async #pulse(held: H, limitMs: number): Promise<void> {
    const began = this.#clock.now();
    this.#lastPulse = began;
    const current = () => this.#held === held && !this.#closed;
    const cancelDead = this.#clock.after(limitMs, () =>
      this.#down(held, { kind: "timed-out", what: text`the SSH connection`, afterMs: limitMs }),
    );
    const cancelSlow = this.#clock.after(slowRoundTripMs + 1, () => {
      if (current()) this.#measured(slowRoundTripMs + 1);
    });
    try {
      await held.roundTrip();
      if (!current()) return;
      this.#measured(this.#clock.now() - began);
      this.#cancelTimer = this.#clock.after(pulseEveryMs, () => {
        // A timer that comes much too late means that this machine slept.
        const slept = this.#clock.now() - this.#lastPulse > 2 * pulseEveryMs;
        void this.#pulse(held, slept ? deadAfterSleepMs : deadAfterMs);
      });
    } catch {
      // Nothing can be sent any more; `gone` tells why.
      held.destroy();
    } finally {
      cancelDead();
      cancelSlow();
    }
  }

  #measured(roundTripMs: number): void {
    const state = roundTripMs > slowRoundTripMs ? "slow" : "live";
    const now = this.#clock.now();
    const before = this.#state;
    if (before.state !== "live" && before.state !== "slow") this.#upSince = now;
    else if (before.state === state) {
      // Small changes are nobody's news.
      if (Math.abs(before.roundTripMs - roundTripMs) <= Math.max(10, before.roundTripMs / 2)) return;
      this.#set({ ...before, roundTripMs });
      return;
    }
    this.#set({ state, since: now, roundTripMs });
  }
}
