import { clean, type SafeText, text } from "../domain/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { EngineLog } from "./engine-log.ts";
import type { Machine } from "./machine.ts";
import type { StoreModel } from "./store-model.ts";

/** From an answer of the store to the key under docker/nodes, and from there to gossip, ms. */
const registerMs = 1000;
const gossipMs = 300;
/** An engine that finds no store tries for so long, and then never again (moby pkg/discovery/kv/kv.go). */
const tryingMs = 60_000;

/** Where an engine is told to be: the store, and the address and port under which others find it. */
export interface Told {
  url: string;
  address: string;
  port: string;
}

/** One engine process in the store: it registers itself, sees itself there, and then gossips. */
export class StoreMember {
  /** libnetwork opens its store once, and binds its gossip once (moby libnetwork/controller.go). */
  readonly url: string;
  readonly #gossipAddress: string;
  readonly #machine: Machine;
  readonly #store: StoreModel;
  readonly #clock: Clock;
  readonly #log: EngineLog;
  readonly #unlisten: () => void;
  #told: Told;
  #key: SafeText | undefined;
  #gossips = false;
  #cancels: (() => void)[] = [];

  /** `joined`: it is a member already, from before the story begins. */
  constructor(told: Told, on: { machine: Machine; store: StoreModel; clock: Clock; log: EngineLog }, joined: boolean) {
    this.url = told.url;
    this.#gossipAddress = told.address;
    this.#told = told;
    this.#machine = on.machine;
    this.#store = on.store;
    this.#clock = on.clock;
    this.#log = on.log;
    this.#unlisten = on.machine.listen(() => this.#beat());
    if (joined) {
      this.#register();
      this.#gossips = true;
    } else this.#join();
  }

  /** The address that its gossip is bound to; undefined while there is none. */
  get gossip(): string | undefined {
    return this.#gossips ? this.#gossipAddress : undefined;
  }

  /** Told another store or address by SIGHUP: the key goes there, networks and gossip stay where they were. */
  advertise(told: Told): void {
    this.#told = told;
    if (this.#key !== undefined) this.#store.expire(this.#key);
    this.#key = undefined;
    this.#later(registerMs, () => this.#store.answers(this.#machine, told.url) && this.#register());
  }

  /** The engine's process is over. */
  end(): void {
    this.#unlisten();
    this.#cancelAll();
    this.#gossips = false;
    if (this.#key !== undefined) this.#store.expire(this.#key);
  }

  /** Waits for the store to answer. */
  #join(): void {
    const look = (): boolean => {
      if (!this.#store.answers(this.#machine, this.url)) return false;
      this.#cancelAll();
      this.#later(registerMs, () => this.#registerFirst());
      return true;
    };
    if (look()) return;
    this.#cancels.push(this.#store.listen(look));
    this.#later(tryingMs, () => {
      this.#cancelAll();
      this.#log.say("error", `discovery error: ${this.url} does not answer`);
    });
  }

  #registerFirst(): void {
    if (!this.#store.answers(this.#machine, this.url)) {
      this.#join();
      return;
    }
    this.#register();
    this.#later(gossipMs, () => {
      this.#gossips = true;
      this.#log.say("info", `serf: EventMemberJoin: ${this.#machine.hostname} ${this.#gossipAddress}`);
      this.#machine.changed();
    });
  }

  #register(): void {
    this.#key = text`${clean(this.#told.address)}:${clean(this.#told.port)}`;
    this.#beat();
  }

  #beat(): void {
    if (this.#key === undefined) return;
    if (this.#machine.reachable) this.#store.register(this.#key);
    else this.#store.expire(this.#key);
  }

  #later(ms: number, then: () => void): void {
    this.#cancels.push(this.#clock.after(ms, then));
  }

  #cancelAll(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }
}
