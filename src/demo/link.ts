import type { NodeName } from "../domain/ids.ts";
import { isUp, type LinkState, slowRoundTripMs } from "../domain/link.ts";
import type { NodeSpec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Trouble } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { Link } from "../ports/link.ts";
import type { Prompter } from "../ports/prompter.ts";
import type { Chance } from "./chance.ts";
import type { Fault, Machine } from "./machine.ts";

/** A handshake takes about this many round trips: TCP, versions, key exchange, login. */
const handshakeRoundTrips = 7;
/** How long a connection attempt waits for an answer that does not come. */
const connectDeadlineMs = 10_000;
/** A neighbour that does not answer is given up by the kernel after about this long. */
const arpMs = 3000;
/** A connection is asked for a sign of life this often; without one it is slow, and after a while lost. */
const pulseEveryMs = 10_000;
const deadAfterMs = 30_000;
/** The round trip of a slow node. */
const slowTripMs = 1500;
const firstWaitMs = 1000;
const shortestWaitMs = 250;
const longestWaitMs = 60_000;

/** A connection to a machine of the demo; it keeps itself as a real one does. */
export class DemoLink implements Link {
  readonly node: NodeName;
  readonly machine: Machine;
  readonly #host: SafeText;
  readonly #user: SafeText;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #prompter: Prompter;
  readonly #listeners = new Set<(state: LinkState) => void>();
  /** Calls and streams under way, which end when the connection does. */
  readonly #underWay = new Set<(trouble: Trouble) => void>();
  readonly #closing = new AbortController();
  readonly #unlisten: () => void;
  #state: LinkState;
  #cancel: () => void = () => {};
  #attempt = 0;
  #failures = 0;
  #acceptedOnce = false;
  #faultSeen: Fault | undefined;
  #breaksSeen: number;

  /** `node`: as the spec names and reaches the machine. */
  constructor(node: NodeSpec, machine: Machine, clock: Clock, prompter: Prompter, chance: Chance) {
    this.node = node.name;
    this.machine = machine;
    this.#host = node.ssh.host;
    this.#user = clean(node.ssh.user ?? "root");
    this.#clock = clock;
    this.#prompter = prompter;
    this.#chance = chance;
    this.#state = { state: "connecting", since: clock.now(), attempt: 1 };
    this.#faultSeen = machine.fault;
    this.#breaksSeen = machine.breaks;
    this.#unlisten = machine.listen(() => this.#machineChanged());
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  get roundTripMs(): number {
    return this.machine.fault === "slow" ? slowTripMs : this.machine.roundTripMs;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    if (this.#state.state === "lost" || this.#state.state === "refused") this.#connect();
  }

  async close(): Promise<void> {
    if (this.#state.state === "closed") return;
    this.#unlisten();
    this.#closing.abort();
    this.#cancel();
    this.#set({ state: "closed", since: this.#clock.now() });
    this.#endAll({ kind: "connection-lost", detail: text`the connection was closed` });
  }

  /** Calls `ended` when the connection ends, at most once; the result takes it back. */
  whileUp(ended: (trouble: Trouble) => void): () => void {
    this.#underWay.add(ended);
    return () => this.#underWay.delete(ended);
  }

  /** Who is logged in on the machine. */
  get user(): SafeText {
    return this.#user;
  }

  /** Why nothing can be asked now; undefined while the link is up. */
  trouble(): Trouble | undefined {
    if (isUp(this.#state)) return undefined;
    return { kind: "connection-lost", detail: text`the link to ${this.node} is down` };
  }

  #connect(): void {
    this.#attempt++;
    const after = "trouble" in this.#state ? { after: this.#state.trouble } : {};
    this.#set({ state: "connecting", since: this.#clock.now(), attempt: this.#attempt, ...after });
    this.#wait(handshakeRoundTrips * this.roundTripMs, () => this.#meet());
  }

  /** The handshake is through, or never will be. */
  #meet(): void {
    const end = attemptEnds(this.machine, this.#host, this.#user);
    switch (end.kind) {
      case "up":
        this.#up();
        break;
      case "lost":
        this.#wait(end.afterMs, () => this.#lose(end.trouble));
        break;
      case "refused":
        this.#refuse(end.trouble);
        break;
      case "host-key-unknown":
        if (this.#acceptedOnce) this.#up();
        else void this.#askAboutHostKey();
        break;
    }
  }

  async #askAboutHostKey(): Promise<void> {
    const { hostKey } = this.machine;
    const host = this.#host;
    const keyType = text`ssh-ed25519`;
    const answer = await this.#prompter.ask(
      { kind: "host-key", node: this.node, host, keyType, fingerprint: hostKey, file: text`~/.ssh/known_hosts` },
      this.#closing.signal,
    );
    if (this.#state.state !== "connecting") return;
    if (answer.kind === "accept-once") this.#acceptedOnce = true;
    // The machine is the same; what changes is that its key is known from here on.
    else if (answer.kind === "accept-and-remember") this.machine.setFault(undefined);
    else {
      const line = text`${host} ssh-ed25519 ${hostKey}`;
      this.#refuse({ kind: "host-key-unknown", host, keyType, fingerprint: hostKey, line });
      return;
    }
    this.#connect();
  }

  #up(): void {
    this.#failures = 0;
    const roundTripMs = this.roundTripMs;
    const state = this.machine.fault === "slow" ? "slow" : "live";
    if (this.#state.state === state) return;
    this.#set({ state, since: this.#clock.now(), roundTripMs });
  }

  /** The connection is gone; it is tried again after a wait that grows, spread by chance. */
  #lose(trouble: Trouble): void {
    const now = this.#clock.now();
    const ceiling = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(16, this.#failures++));
    const wait = Math.max(shortestWaitMs, Math.round(this.#chance.fraction() * ceiling));
    this.#set({ state: "lost", since: now, trouble, retryAt: now + wait });
    this.#wait(wait, () => this.#connect());
    this.#endAll({ kind: "connection-lost", detail: text`the connection to ${this.node} ended` });
  }

  #refuse(trouble: Trouble): void {
    this.#cancel();
    this.#set({ state: "refused", since: this.#clock.now(), trouble });
  }

  /** The fault came or went while the connection stands. */
  #machineChanged(): void {
    const { fault, breaks } = this.machine;
    if (breaks !== this.#breaksSeen) {
      this.#breaksSeen = breaks;
      if (isUp(this.#state)) this.#lose({ kind: "connection-lost", detail: text`closed by the other side` });
    }
    if (fault === this.#faultSeen) return;
    const before = this.#faultSeen;
    this.#faultSeen = fault;
    if (!isUp(this.#state)) return;
    const lose = (words: SafeText): void => this.#lose({ kind: "connection-lost", detail: words });
    // A machine that was started anew knows nothing of the connection.
    if (before === "power-off" && this.machine.reachable) lose(text`reset by the other side`);
    else if (fault === undefined || fault === "slow") this.#wait(this.roundTripMs, () => this.#up());
    else if (fault === "link-down" || fault === "power-off") {
      this.#wait(this.#chance.between(0, pulseEveryMs), () => this.#noPulse());
    } else if (fault !== "host-key-unknown" || !this.#acceptedOnce)
      this.#wait(this.roundTripMs, () => lose(text`closed by the other side`));
  }

  /** The pulse was asked for and nothing comes: slow first, then lost. */
  #noPulse(): void {
    this.#wait(slowRoundTripMs, () => {
      this.#set({ state: "slow", since: this.#clock.now(), roundTripMs: slowRoundTripMs + 1 });
      this.#wait(deadAfterMs - slowRoundTripMs, () =>
        this.#lose({ kind: "timed-out", what: text`the SSH connection`, afterMs: deadAfterMs }),
      );
    });
  }

  #wait(ms: number, then: () => void): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, then);
  }

  #endAll(trouble: Trouble): void {
    const ending = [...this.#underWay];
    this.#underWay.clear();
    for (const end of ending) end(trouble);
  }

  #set(state: LinkState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/** How an attempt to connect to the machine ends, as things are. */
function attemptEnds(
  machine: Machine,
  host: SafeText,
  user: SafeText,
):
  | { kind: "up" | "host-key-unknown" }
  | { kind: "lost"; afterMs: number; trouble: Trouble }
  | { kind: "refused"; trouble: Trouble } {
  const { hostKey } = machine;
  switch (machine.fault) {
    case undefined:
    case "slow":
      return { kind: "up" };
    case "host-key-unknown":
      return { kind: "host-key-unknown" };
    case "power-off":
    case "shut-down":
      return {
        kind: "lost",
        afterMs: arpMs,
        trouble: { kind: "unreachable", host, detail: text`no route to host` },
      };
    case "link-down":
      return {
        kind: "lost",
        afterMs: connectDeadlineMs,
        trouble: { kind: "timed-out", what: text`connecting to ${host}`, afterMs: connectDeadlineMs },
      };
    case "auth":
      return {
        kind: "refused",
        trouble: {
          kind: "authentication-failed",
          user,
          tried: [text`publickey`],
          hint: text`the server accepts none of the keys that were offered`,
        },
      };
    case "host-key-changed": {
      const keyType = text`ssh-ed25519`;
      const knownIn = text`~/.ssh/known_hosts:3`;
      return { kind: "refused", trouble: { kind: "host-key-changed", host, keyType, fingerprint: hostKey, knownIn } };
    }
  }
}
