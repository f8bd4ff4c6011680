import type { EndpointRecord, Membership, StoreKind } from "../domain/membership.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Chance } from "./chance.ts";
import { kindOf } from "./daemon-config.ts";
import type { Machine } from "./machine.ts";
import { SharedNetworks } from "./shared-networks.ts";
import { type StoreProcess, storeProcess } from "./store-process.ts";

/** How long a registration outlives its engine's last heartbeat (moby pkg/discovery: heartbeat 20 s, TTL 60 s). */
const registrationMs = 60_000;
/** From the last server that was missing to a leader, ms. */
const electionMs = 2000;

export const storePort = 8500;
export const storeContainer = "consul";

/** A member of the store that runs. */
export interface StoreServer extends StoreProcess {
  machine: Machine;
}

const versions: Readonly<Record<StoreKind, SafeText>> = {
  consul: text`1.8.7`,
  etcd: text`3.4.27`,
  zookeeper: text`3.8.4`,
};

/** The demo's store: its servers are containers, whoever made them; what it holds outlives them, as it is on their volumes. */
export class StoreModel {
  readonly networks: SharedNetworks;
  readonly #clock: Clock;
  /** Members that run, by their machine. */
  readonly #servers = new Map<Machine, StoreServer>();
  /** Engines under docker/nodes, with what takes each out when its time is over. */
  readonly #registrations = new Map<SafeText, (() => void) | undefined>();
  readonly #listeners = new Set<() => void>();
  #leader: Machine | undefined;
  #cancelElection: (() => void) | undefined;
  #electionForbidden = false;
  #endpoints: EndpointRecord[] | undefined;

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.networks = new SharedNetworks("global", chance);
  }

  /** Follows what runs on the machine from now on. */
  add(machine: Machine): void {
    machine.listen(() => {
      this.#endpoints = undefined;
      const [before, now] = [this.#servers.get(machine), serverOn(machine)];
      if (now === undefined) this.#servers.delete(machine);
      else this.#servers.set(machine, now);
      if (before !== undefined || now !== undefined) this.#lead();
      this.changed();
    });
  }

  get hasLeader(): boolean {
    return this.#leader !== undefined;
  }

  /** It had a leader, and may not elect another. */
  get isLeaderless(): boolean {
    return this.#electionForbidden && this.#leader === undefined;
  }

  /** The member on the machine; undefined when none runs there. */
  serverOn(machine: Machine): StoreServer | undefined {
    return this.#servers.get(machine);
  }

  /** Whether the store that `url` names ("consul://192.168.44.103:8500") answers the engine on `machine`. */
  answers(machine: Machine, url: string): boolean {
    if (!this.hasLeader) return false;
    const [, hosts = ""] = /^[a-z]+:\/\/([^/]*)/.exec(url) ?? [];
    return hosts.split(",").some((host) => {
      const server = this.#at(host);
      if (server === undefined || server.kind !== kindOf(url)) return false;
      return server.machine === machine || (machine.reachable && server.machine.reachable);
    });
  }

  /** A leader at once, or none until it is told again. */
  setLeader(present: boolean): void {
    this.#electionForbidden = !present;
    this.#leader = undefined;
    if (present) this.#elect();
    else this.#cancelElection?.();
    this.changed();
  }

  /** Whether its servers may agree on a leader; one that is there stays. */
  setElectionForbidden(forbidden: boolean): void {
    this.#electionForbidden = forbidden;
    if (!this.hasLeader) this.#lead();
  }

  /** Called after every change of what the store holds. The result ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the member tells who asks it now; only with a leader there is anything to tell. */
  picture(asked: StoreServer, latencyMs: number): Membership {
    const members = [...this.#servers.values()].filter((one) => one.kind === asked.kind);
    const leader = members.find((one) => one.machine === this.#leader);
    return {
      kind: asked.kind,
      endpoint: endpointOf(asked),
      version: versions[asked.kind],
      leader: leader === undefined ? undefined : endpointOf(leader),
      latencyMs,
      members: members.map((one) => ({
        name: clean(one.name),
        role: one.role === "server" ? "server" : "client",
        state: one.role === "agent" ? "alive" : one === leader ? "leader" : "follower",
        address: endpointOf(one),
      })),
      registrations: [...this.#registrations.keys()].sort(),
      overlays: [...this.networks.all()].map((overlay) => overlay.record()),
      endpoints: this.#allEndpoints(),
    };
  }

  /** The engine's key under docker/nodes, kept as long as it beats. */
  register(key: SafeText): void {
    const isNew = !this.#registrations.has(key);
    this.#registrations.get(key)?.();
    this.#registrations.set(key, undefined);
    if (isNew) this.changed();
  }

  /** The engine of that key beats no more: the key expires. */
  expire(key: SafeText): void {
    if (!this.#registrations.has(key) || this.#registrations.get(key) !== undefined) return;
    const cancel = this.#clock.after(registrationMs, () => {
      this.#registrations.delete(key);
      this.changed();
    });
    this.#registrations.set(key, cancel);
  }

  /** Somebody took or gave back an address of an overlay, and no container of a machine did. */
  endpointsChanged(): void {
    this.#endpoints = undefined;
    this.changed();
  }

  /** Somebody wrote to it. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #at(host: string): StoreServer | undefined {
    const [address = "", port] = host.split(":");
    return [...this.#servers.values()].find(
      (one) =>
        String(one.port) === port && one.machine.address === address && ["0.0.0.0", address].includes(one.address),
    );
  }

  /** With a majority of its servers it elects a leader; without, it has none. */
  #lead(): void {
    const servers = [...this.#servers.values()].filter((one) => one.role === "server");
    const voters = servers.filter(votes);
    const hasMajority = voters.length * 2 > Math.max(1, ...servers.map((one) => one.expected));
    if (hasMajority && voters.some((one) => one.machine === this.#leader)) return;
    this.#leader = undefined;
    if (!hasMajority || this.#electionForbidden) {
      this.#cancelElection?.();
      this.#cancelElection = undefined;
    } else {
      this.#cancelElection ??= this.#clock.after(electionMs, () => {
        this.#elect();
        this.changed();
      });
    }
  }

  #elect(): void {
    this.#cancelElection?.();
    this.#cancelElection = undefined;
    this.#leader = [...this.#servers.values()].find((one) => one.role === "server" && votes(one))?.machine;
  }

  #allEndpoints(): readonly EndpointRecord[] {
    this.#endpoints ??= [...this.networks.all()].flatMap((overlay) => [...overlay.endpoints()]);
    return this.#endpoints;
  }
}

/** Where clients reach it. */
export const endpointOf = ({ machine, port }: StoreServer): SafeText => text`${machine.address}:${port}`;

/** One server alone needs nobody; of several only those count that reach each other. */
const votes = ({ machine, expected }: StoreServer): boolean => expected === 1 || machine.reachable;

function serverOn(machine: Machine): StoreServer | undefined {
  if (machine.isOff) return undefined;
  for (const container of machine.containers.values()) {
    if (container.run.state !== "running") continue;
    const process = storeProcess(container);
    if (process !== undefined) return { ...process, machine };
  }
  return undefined;
}
