import type { PublishedPort } from "../domain/engine.ts";
import type { ContainerId, NetworkId } from "../domain/ids.ts";
import type { NodeSpec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { AddressPool, macOf } from "./addresses.ts";
import { type Chance, chance, newContainerId, newNetworkId } from "./chance.ts";
import type { DemoContainer } from "./containers.ts";
import { EventLog } from "./event-log.ts";
import { Bridge, type Segment } from "./networks.ts";

/** What can be wrong with a node or the way to it. All but "slow" end the connection that stands. */
export type Fault = "link-down" | "power-off" | "auth" | "host-key-changed" | "host-key-unknown" | "slow";

/** classic: engines 20.10 with Consul; swarm: engines 26.1 in swarm mode. */
export type Flavour = "classic" | "swarm";

/** What a container is made from. */
export interface ContainerPlan {
  name: SafeText;
  image: SafeText;
  command: SafeText;
  network: Segment | "bridge";
  restarts: boolean;
  ports?: readonly PublishedPort[];
  /** When it was created and started; now when left out. */
  at?: Instant;
}

/** One node's machine: its engine process, its containers, and what is wrong with it. */
export class Machine {
  readonly spec: NodeSpec;
  readonly flavour: Flavour;
  readonly address: SafeText;
  /** The engine's clock minus ours, ms. */
  readonly clockDifferenceMs: number;
  readonly roundTripMs: number;
  bootedAt: Instant;
  readonly machineId: SafeText;
  readonly engineId: SafeText;
  readonly hostKey: SafeText;
  readonly localNetworks: { host: NetworkId; none: NetworkId; gwbridge: NetworkId };
  readonly bridge: Bridge;
  readonly gwbridgePool = new AddressPool("172.18.0.0/16");
  readonly containers = new Map<ContainerId, DemoContainer>();
  readonly events: EventLog;
  daemonJson: string;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #byName = new Map<string, ContainerId>();
  readonly #listeners = new Set<() => void>();
  #fault: Fault | undefined;
  #engine: { pid: number; startedAt: Instant } | undefined;

  constructor(
    spec: NodeSpec,
    address: SafeText,
    { flavour, daemonJson, seed }: { flavour: Flavour; daemonJson: string; seed: number },
    clock: Clock,
  ) {
    this.spec = spec;
    this.flavour = flavour;
    this.address = address;
    this.daemonJson = daemonJson;
    this.#clock = clock;
    this.#chance = chance(seed, `${spec.name} machine`);
    const draw = this.#chance;
    this.clockDifferenceMs = draw.between(-40, 40);
    this.roundTripMs = draw.between(1, 5);
    this.bootedAt = clock.now() - draw.between(3600, 40 * 86_400) * 1000;
    this.machineId = clean(draw.digits(32, 16));
    this.engineId = clean(Array.from({ length: 12 }, () => draw.digits(4, 36).toUpperCase()).join(":"));
    this.hostKey = clean(`SHA256:${draw.digits(43, 36)}`);
    this.bridge = new Bridge(newNetworkId(draw, "hex"));
    this.localNetworks = {
      host: newNetworkId(draw, "hex"),
      none: newNetworkId(draw, "hex"),
      gwbridge: newNetworkId(draw, "hex"),
    };
    this.events = new EventLog(clock, this.clockDifferenceMs);
    this.#engine = { pid: draw.between(400, 900), startedAt: this.bootedAt + 4000 };
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  get engine(): { pid: number; startedAt: Instant } | undefined {
    return this.#engine;
  }

  /** Packets reach it. */
  get reachable(): boolean {
    return this.#fault !== "link-down" && this.#fault !== "power-off";
  }

  /** Called after every change of the fault, the engine process or a container's running. The result ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setFault(fault: Fault | undefined): void {
    if (fault === this.#fault) return;
    const wasOff = this.#fault === "power-off";
    this.#fault = fault;
    if (fault === "power-off") this.#engine = undefined;
    if (wasOff) this.#boot();
    this.#changed();
  }

  named(name: string): DemoContainer | undefined {
    const id = this.#byName.get(name);
    return id === undefined ? undefined : this.containers.get(id);
  }

  /** Creates and starts a container: `docker run -d`. Throws when the name is taken or no address is left. */
  run(plan: ContainerPlan): ContainerId {
    if (this.#byName.has(plan.name)) throw new Error(`${this.spec.name} has a container ${plan.name} already`);
    const now = plan.at ?? this.#clock.now();
    const id = newContainerId(this.#chance);
    const container: DemoContainer = {
      id,
      name: plan.name,
      image: plan.image,
      command: plan.command,
      network: plan.network === "bridge" ? this.bridge : plan.network,
      ports: plan.ports ?? [],
      restarts: plan.restarts,
      createdAt: now,
      labels: new Map(),
      run: { state: "exited", at: now, code: 0, byHand: false },
    };
    this.containers.set(id, container);
    this.#byName.set(plan.name, id);
    this.#say(container, text`create`);
    this.start(container, now);
    return id;
  }

  /** Starts a stopped container: `docker start`. */
  start(container: DemoContainer, at = this.#clock.now()): void {
    if (container.run.state === "running") return;
    const { network } = container;
    const address = network.join(container.name, this.address);
    if (address === undefined) throw new Error(`no address is left on ${network.name}`);
    const place = { network: network.name, networkId: network.id, address, mac: macOf(address) };
    container.run = { state: "running", startedAt: at, place };
    this.#sayNetwork(container, text`connect`);
    this.#say(container, text`start`);
    this.#changed();
  }

  /** `docker stop`, for one that runs; if it was run with `--rm`, it is removed. */
  stop(container: DemoContainer, code: number): void {
    if (!this.#end(container, code, true)) return;
    this.#say(container, text`kill`);
    this.#sayDeath(container);
    this.#say(container, text`stop`);
    if (!container.restarts) this.#forget(container);
    this.#changed();
  }

  /** `docker rm -f`. */
  remove(container: DemoContainer): void {
    if (this.#end(container, 137, true)) {
      this.#say(container, text`kill`);
      this.#sayDeath(container);
    }
    this.#forget(container);
    this.#changed();
  }

  /** `systemctl stop docker`: without live-restore every container stops with it. */
  stopEngine(): void {
    if (this.#engine === undefined) return;
    // The streams end before the containers do: nobody hears of that.
    this.#engine = undefined;
    this.#changed();
    this.#endAll(0);
    this.#changed();
  }

  /** `systemctl start docker`: containers with a restart policy come back. */
  startEngine(): void {
    if (this.#engine !== undefined) return;
    this.#engine = { pid: this.#chance.between(1000, 30_000), startedAt: this.#clock.now() };
    this.events.forget();
    for (const container of this.containers.values()) {
      if (container.run.state === "exited" && !container.run.byHand) this.start(container);
    }
    this.#changed();
  }

  /** What the containers held until the power went is cleaned up by the engine that starts. */
  #boot(): void {
    this.bootedAt = this.#clock.now();
    this.#endAll(255);
    this.startEngine();
  }

  #endAll(code: number): void {
    for (const container of [...this.containers.values()]) {
      this.#end(container, code, false);
      if (!container.restarts) this.#forget(container);
    }
  }

  /** It does not run any more and its address is free; false when it did not run. */
  #end(container: DemoContainer, code: number, byHand: boolean): boolean {
    if (container.run.state !== "running") return false;
    const { address } = container.run.place;
    container.run = { state: "exited", at: this.#clock.now(), code, byHand };
    container.network.leave(address);
    return true;
  }

  /** Engine 20.10 says first that it died, 26.1 that it left its network. */
  #sayDeath(container: DemoContainer): void {
    if (this.flavour === "classic") this.#say(container, text`die`);
    this.#sayNetwork(container, text`disconnect`);
    if (this.flavour === "swarm") this.#say(container, text`die`);
  }

  #forget(container: DemoContainer): void {
    this.containers.delete(container.id);
    this.#byName.delete(container.name);
    this.#say(container, text`destroy`);
  }

  #say(container: DemoContainer, action: SafeText): void {
    const { id, name } = container;
    this.events.say({ type: "container", action, id, name, container: undefined });
  }

  #sayNetwork(container: DemoContainer, action: SafeText): void {
    const { id, name } = container.network;
    this.events.say({ type: "network", action, id, name, container: container.id });
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
