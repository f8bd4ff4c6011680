import type { NodeName } from "../../domain/ids.ts";
import { isUp, type LinkState, slowRoundTripMs } from "../../domain/link.ts";
import { text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Link } from "../../ports/link.ts";
import type { Connection } from "./connection.ts";

const pulseEveryMs = 10_000;
/** A peer that is dead is found within 10 + 30 s. */
const deadAfterMs = 30_000;
/** After the machine slept, the connection is most likely gone: nobody should wait 30 s for that. */
const deadAfterSleepMs = 5_000;
const longestWaitMs = 60_000;
const firstWaitMs = 1_000;
/** A link that held for so long begins its waits anew. */
const healthyMs = 60_000;

/** The troubles that end by themselves, perhaps; all others wait for the operator. */
function mendsItself(trouble: Trouble): boolean {
  switch (trouble.kind) {
    case "name-unresolved":
    case "unreachable":
    case "connection-refused":
    case "connection-lost":
    case "timed-out":
    case "bastion-down":
      return true;
    default:
      return false;
  }
}

/** Keeps one node's connection: opens it, feels its pulse, opens it again. */
export class SshLink implements Link {
  readonly node: NodeName;
  readonly #open: (signal: AbortSignal) => Promise<Outcome<Connection>>;
  readonly #clock: Clock;
  readonly #listeners = new Set<(state: LinkState) => void>();
  #state: LinkState;
  #connection: Connection | undefined;
  #abort = new AbortController();
  #cancelTimer: (() => void) | undefined;
  #attempt = 1;
  #failures = 0;
  #lastPulse = 0;

  constructor(node: NodeName, clock: Clock, open: (signal: AbortSignal) => Promise<Outcome<Connection>>) {
    this.node = node;
    this.#open = open;
    this.#clock = clock;
    this.#state = { state: "connecting", since: clock.now(), attempt: 1 };
    void this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The connection while the link is up. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    if (this.#state.state !== "lost" && this.#state.state !== "refused") return;
    this.#again();
  }

  async close(): Promise<void> {
    this.#set({ state: "closed", since: this.#clock.now() });
    this.#abort.abort();
    this.#cancelTimer?.();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(500, () => connection.client.destroy());
      connection.client.once("close", () => {
        cancel();
        resolve();
      });
      connection.client.end();
    });
  }

  #set(state: LinkState): void {
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
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const began = this.#clock.now();
    const opened = await this.#open(this.#abort.signal);
    if (this.#closed) {
      if (opened.ok) opened.value.client.end();
      return;
    }
    if (!opened.ok) return this.#failed(opened.trouble);
    const connection = opened.value;
    this.#connection = connection;
    connection.client.once("close", () => {
      if (this.#connection !== connection) return;
      this.#down({ kind: "connection-lost", detail: text`closed by the other side` });
    });
    this.#lastPulse = this.#clock.now();
    this.#set({ state: "live", since: this.#lastPulse, roundTripMs: this.#lastPulse - began });
    this.#schedulePulse();
  }

  /** A connection that stood is gone. */
  #down(trouble: Trouble): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.client.destroy();
    if (isUp(this.#state) && this.#clock.now() - this.#state.since >= healthyMs) this.#failures = 0;
    this.#failed(trouble);
  }

  #failed(trouble: Trouble): void {
    if (this.#closed) return;
    this.#cancelTimer?.();
    const now = this.#clock.now();
    if (!mendsItself(trouble)) {
      this.#set({ state: "refused", since: now, trouble });
      return;
    }
    // Full jitter: nodes that were lost together must not come back together.
    const ceiling = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures++, 16));
    const wait = Math.max(250, this.#clock.random() * ceiling);
    this.#set({ state: "lost", since: now, trouble, retryAt: now + wait });
    this.#cancelTimer = this.#clock.after(wait, () => this.#again());
  }

  #schedulePulse(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(pulseEveryMs, () => void this.#pulse());
  }

  /** Half-open connections look well for ever; a round trip tells. */
  async #pulse(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const now = this.#clock.now();
    const slept = now - this.#lastPulse > 3 * pulseEveryMs;
    this.#lastPulse = now;
    const limit = slept ? deadAfterSleepMs : deadAfterMs;
    const cancelDead = this.#clock.after(limit, () => {
      if (this.#connection === connection)
        this.#down({ kind: "timed-out", what: text`the SSH connection`, afterMs: limit });
    });
    const cancelSlow = this.#clock.after(slowRoundTripMs, () => {
      if (this.#connection === connection) this.#measured(slowRoundTripMs + 1);
    });
    try {
      const roundTripMs = await connection.roundTrip(() => this.#clock.now());
      if (this.#connection !== connection) return;
      this.#measured(roundTripMs);
      this.#schedulePulse();
    } catch {
      // ssh2 throws when the connection is gone; its "close" says so too.
      if (this.#connection === connection)
        this.#down({ kind: "connection-lost", detail: text`the connection is gone` });
    } finally {
      cancelDead();
      cancelSlow();
    }
  }

  #measured(roundTripMs: number): void {
    if (!isUp(this.#state)) return;
    const state = roundTripMs > slowRoundTripMs ? "slow" : "live";
    if (state === this.#state.state) return;
    this.#set({ state, since: this.#clock.now(), roundTripMs });
  }
}
