import type { NodeName } from "../domain/ids.ts";
import type { EndpointRecord, Membership } from "../domain/membership.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Machine } from "./machine.ts";
import type { Overlay } from "./networks.ts";

/** How long a registration outlives its engine's last heartbeat (moby pkg/discovery: heartbeat 20 s, TTL 60 s). */
const registrationMs = 60_000;

export const storePort = 8500;
export const storeContainer = "consul";

/** The demo's Consul: one server, in a container on the first machine. */
export class StoreModel {
  /** The machine that its container runs on. */
  readonly machine: Machine | undefined;
  readonly #clock: Clock;
  readonly #overlays: readonly Overlay[];
  /** Engines under docker/nodes, with what takes each out when its time is over. */
  readonly #registrations = new Map<SafeText, (() => void) | undefined>();
  readonly #listeners = new Set<() => void>();
  #hasLeader = true;
  #endpoints: EndpointRecord[] | undefined;

  constructor(machines: ReadonlyMap<NodeName, Machine>, overlays: readonly Overlay[], clock: Clock) {
    this.machine = machines.values().next().value;
    this.#clock = clock;
    this.#overlays = overlays;
    for (const machine of machines.values()) {
      this.#heartbeat(machine);
      machine.listen(() => {
        this.#heartbeat(machine);
        this.#endpoints = undefined;
        this.#changed();
      });
    }
  }

  /** Where it is asked. */
  get endpoint(): SafeText {
    return text`${this.machine?.address ?? text`127.0.0.1`}:${storePort}`;
  }

  /** The store's process runs. */
  get running(): boolean {
    const container = this.machine?.named(storeContainer);
    return this.machine?.engine !== undefined && container?.run.state === "running";
  }

  /** Whether the engine on `machine` is answered by it. */
  answers(machine: Machine): boolean {
    const connected = machine === this.machine || (machine.reachable && this.machine?.reachable === true);
    return connected && this.running && this.#hasLeader;
  }

  get hasLeader(): boolean {
    return this.#hasLeader;
  }

  setLeader(present: boolean): void {
    this.#hasLeader = present;
    this.#changed();
  }

  /** Called after every change of what the store holds. The result ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the store tells who asks now; only with a leader there is anything to tell. */
  picture(latencyMs: number): Membership {
    const { endpoint } = this;
    return {
      kind: "consul",
      endpoint,
      version: text`1.8.7`,
      // A Consul in a container knows itself by an address inside its host; the one that answered is better.
      leader: endpoint,
      latencyMs,
      members: [{ name: text`consul`, role: "server", state: "leader", address: endpoint }],
      registrations: [...this.#registrations.keys()].sort(),
      overlays: this.#overlays.map((overlay) => overlay.record()),
      endpoints: this.#allEndpoints(),
    };
  }

  /** The engine registers itself as long as it runs and reaches the store; when it no longer does, its key expires. */
  #heartbeat(machine: Machine): void {
    const key = clean(`${machine.address}:2376`);
    const beats = machine.engine !== undefined && machine.reachable;
    const expiring = this.#registrations.get(key);
    if (beats) {
      expiring?.();
      this.#registrations.set(key, undefined);
    } else if (this.#registrations.has(key) && expiring === undefined) {
      const cancel = this.#clock.after(registrationMs, () => {
        this.#registrations.delete(key);
        this.#changed();
      });
      this.#registrations.set(key, cancel);
    }
  }

  #allEndpoints(): readonly EndpointRecord[] {
    this.#endpoints ??= this.#overlays.flatMap((overlay) => [...overlay.endpoints()]);
    return this.#endpoints;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
