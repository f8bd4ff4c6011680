import type { Membership, StoreKind } from "../../domain/membership.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { Records } from "./key-tree.ts";
import type { Server, Way } from "./servers.ts";

/**
 * Follows the store over one way, one kind of store each: pictures until it fails, then that, once.
 * Says something within `keysMs`, never before it returned, and never an empty picture because nobody answered.
 */
export type Follow = (
  way: Way,
  around: { servers: readonly Server[]; clock: Clock },
  listener: FollowListener,
) => Subscription;

export interface FollowListener {
  picture(membership: Membership): void;
  failed(trouble: Trouble): void;
}

/** What a store says of itself; the records beside it are what the engines wrote into it. */
export type Status = Pick<Membership, "leader" | "members" | "latencyMs" | "version">;

/** For the keys: Consul holds a question for 7 s before it says that there is no leader. */
export const keysMs = 10_000;
/** For what a server answers by itself. */
export const statusMs = 5000;
/** Leader and members are asked for again after this: no store tells of them by itself. */
const statusEveryMs = 10_000;
/** Changes of keys that come closer together make one picture. */
export const gatherMs = 100;

/** What all followers share: the picture that is put together from status and records, its timers, and one end. */
export class Following implements Subscription {
  readonly #kind: StoreKind;
  readonly #way: Way;
  readonly #clock: Clock;
  readonly #listener: FollowListener;
  readonly #release: () => void;
  readonly #timers = new Set<() => void>();
  #status: Status | undefined;
  #records: Records | undefined;
  #over = false;

  /** `release` gives back what the follower holds; it is called once. */
  constructor(kind: StoreKind, way: Way, clock: Clock, listener: FollowListener, release: () => void) {
    this.#kind = kind;
    this.#way = way;
    this.#clock = clock;
    this.#listener = listener;
    this.#release = release;
    const what = text`the keys of ${this.from}`;
    this.after(keysMs, () => {
      if (this.#records === undefined) this.fail({ kind: "timed-out", what, afterMs: keysMs });
    });
  }

  /** The server by its kind and address, for messages. */
  get from(): SafeText {
    const names = { consul: text`Consul`, etcd: text`etcd`, zookeeper: text`ZooKeeper` };
    return text`${names[this.#kind]} at ${this.#way.endpoint}`;
  }

  get over(): boolean {
    return this.#over;
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#release();
  }

  fail(trouble: Trouble): void {
    if (this.#over) return;
    this.close();
    this.#listener.failed(trouble);
  }

  saw(records: Records): void {
    this.#records = records;
    this.#show();
  }

  /** Asks for the store's own state now and again; the picture is repeated with every answer. */
  async keepAsking(ask: () => Promise<Outcome<Status>>): Promise<void> {
    const answer = await ask();
    if (this.#over) return;
    if (!answer.ok) return this.fail(answer.trouble);
    this.#status = answer.value;
    this.#show();
    this.after(statusEveryMs, () => this.keepAsking(ask));
  }

  /** Calls `then` after `ms`, unless it is over by then: what was told may have been all that was wanted. */
  after(ms: number, then: () => void): void {
    if (this.#over) return;
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      then();
    });
    this.#timers.add(cancel);
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  #show(): void {
    if (this.#over || this.#status === undefined || this.#records === undefined) return;
    this.#listener.picture({
      kind: this.#kind,
      endpoint: this.#way.endpoint,
      ...this.#status,
      ...this.#records,
    });
  }
}
