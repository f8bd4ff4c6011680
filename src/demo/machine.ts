import type { EngineNetwork } from "../domain/engine.ts";
import type { DaemonSources } from "../domain/host.ts";
import type { ContainerId, NodeName } from "../domain/ids.ts";
import type { LockHolder } from "../domain/lock.ts";
import type { StoreKind } from "../domain/membership.ts";
import type { NodeSpec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import { type Chance, chance } from "./chance.ts";
import type { DemoContainer } from "./containers.ts";
import { courseOf, isServer } from "./courses.ts";
import { daemonConfig } from "./daemon-config.ts";
import { daemonFiles, sourcesOf } from "./daemon-files.ts";
import { Dockerd, type DockerdGround, swarmRefusal } from "./dockerd.ts";
import { EngineLog } from "./engine-log.ts";
import { EventLog } from "./event-log.ts";
import { FileTree } from "./file-tree.ts";
import { type DemoImage, ImageShelf } from "./images.ts";
import { LocalNetworks } from "./local-networks.ts";
import type { Overlay, Segment } from "./networks.ts";
import { isNotFound, refused } from "./refusal.ts";
import { Runtime } from "./runtime.ts";
import type { StoreModel } from "./store-model.ts";
import { noLeader, type SwarmMember } from "./swarm-model.ts";

/**
 * What can be wrong with a node or the way to it. All but "slow" end the connection that stands: one that shuts down says so
 * to the other side, of one without power nobody hears any more.
 */
export type Fault = "link-down" | "power-off" | "shut-down" | "auth" | "host-key-changed" | "host-key-unknown" | "slow";

/** What can stand in the way of changes; the connection is as it was. */
export type Hindrance =
  /** Nothing can be written to any file system with the engine's data or configuration. */
  | "full-disk"
  | "read-only-etc"
  /** The login is no root, and sudo wants a password that nobody has. */
  | "no-sudo"
  /** A firewall drops what comes for 4789/udp. */
  | "vxlan-blocked"
  /** Its interface takes smaller packets than those of the others. */
  | "narrow-interface"
  /** A firewall drops what comes for 7946. */
  | "gossip-blocked";

/** classic: engines 20.10 that can use an external store; swarm: engines 26.1. */
export type Flavour = "classic" | "swarm";

/** What a machine begins as. */
export interface MachineOptions {
  flavour: Flavour;
  /** What its engine is told of a cluster store, if anything; it is a member of it already. */
  store: string | undefined;
  /** Whether the bridge by which overlays leave the host was made already. */
  gwbridge: boolean;
  images: readonly DemoImage[];
  seed: number;
}

const versions = {
  classic: { engine: text`20.10.5+dfsg1`, drivers: ["consul", "etcd", "zookeeper"] },
  swarm: { engine: text`26.1.5+dfsg1`, drivers: [] },
} as const satisfies Record<Flavour, { engine: SafeText; drivers: readonly StoreKind[] }>;

/** What dockerd says once it answers, and how long that takes it when its machine boots. */
const isReady = "Daemon has completed initialization";
const startMs = 1200;

/** Of the disk that holds the engine's data, bytes. */
const diskBytes = 40 * 2 ** 30;

/** The interface of a machine that leads to the others. */
export const interfaceName = "ens33";

/** One node's machine: its files, its engine process, its containers, and what is wrong with it. */
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
  readonly events: EventLog;
  readonly log: EngineLog;
  readonly files: FileTree;
  readonly images: ImageShelf;
  readonly networks: LocalNetworks;
  readonly runtime: Runtime;
  readonly hindrances = new Set<Hindrance>();
  /** Who has ovl-tui's lock, since when it was not renewed. */
  lock: { holder: LockHolder; renewedAt: Instant } | undefined;
  /** Its place in a swarm. */
  swarm: SwarmMember | undefined;
  /** The connection breaks when the next change is made, before its answer is under way. */
  breaksAtChange = false;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #draws = new Map<string, number>();
  readonly #ground: DockerdGround;
  readonly #listeners = new Set<() => void>();
  #fault: Fault | undefined;
  #engine: Dockerd | undefined;
  #failure: SafeText | undefined;
  #breaks = 0;

  constructor(spec: NodeSpec, address: SafeText, options: MachineOptions, store: StoreModel, clock: Clock) {
    const { flavour, seed } = options;
    this.spec = spec;
    this.flavour = flavour;
    this.address = address;
    this.#clock = clock;
    this.#seed = seed;
    this.#chance = chance(seed, `${spec.name} machine`);
    const draw = this.#chance;
    this.clockDifferenceMs = draw.between(-40, 40);
    this.roundTripMs = draw.between(1, 5);
    this.bootedAt = clock.now() - draw.between(3600, 40 * 86_400) * 1000;
    this.machineId = clean(draw.digits(32, 16));
    this.engineId = clean(Array.from({ length: 12 }, () => draw.digits(4, 36).toUpperCase()).join(":"));
    this.hostKey = clean(`SHA256:${draw.digits(43, 36)}`);
    this.events = new EventLog(clock, this.clockDifferenceMs);
    this.log = new EngineLog(clock);
    this.files = new FileTree(daemonFiles(options.store));
    this.images = new ImageShelf(options.images);
    this.networks = new LocalNetworks(draw, this.bootedAt, options.gwbridge);
    this.runtime = new Runtime({
      ...{ clock, chance: draw, events: this.events, address, diesFirst: flavour === "classic" },
      find: (nameOrId) => this.findToJoin(nameOrId),
      course: (container) => courseOf(container, this),
      isServer,
      changed: () => this.changed(),
    });
    const { engine, drivers } = versions[flavour];
    this.#ground = {
      ...{ version: engine, storeDrivers: drivers, machine: this, store, clock, log: this.log },
      addressOf: (name) => (name === interfaceName ? address : name === "docker0" ? "172.17.0.1" : undefined),
      has: (one) => [address, "172.17.0.1", "127.0.0.1"].some((own) => own === one),
    };
    store.add(this);
    const read = daemonConfig(this.sources(), this.#ground);
    if (!read.ok) throw new Error(`the demo's own configuration is refused: ${read.words}`);
    const process = { pid: draw.between(400, 900), startedAt: this.bootedAt + 4000 };
    this.#engine = new Dockerd(process, read.config, this.#ground, true);
    this.log.say("info", isReady, process.startedAt + startMs);
  }

  get hostname(): SafeText {
    return this.spec.name;
  }

  get version(): SafeText {
    return versions[this.flavour].engine;
  }

  /** Drivers of external stores that its dockerd was built with. */
  get storeDrivers(): readonly StoreKind[] {
    return versions[this.flavour].drivers;
  }

  get containers(): ReadonlyMap<ContainerId, DemoContainer> {
    return this.runtime.all;
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  get engine(): Dockerd | undefined {
    return this.#engine;
  }

  /** With which words the engine's last start failed; undefined when it did not. */
  get failure(): SafeText | undefined {
    return this.#failure;
  }

  /** Packets reach it. */
  get reachable(): boolean {
    return this.#fault !== "link-down" && !this.isOff;
  }

  get isOff(): boolean {
    return this.#fault === "power-off" || this.#fault === "shut-down";
  }

  /** How often connections to it were broken on purpose. */
  get breaks(): number {
    return this.#breaks;
  }

  /** Bytes of a packet that the interface to the others takes. */
  get mtu(): number {
    return this.hindrances.has("narrow-interface") ? 1400 : 1500;
  }

  /** Of the file system with the engine's data. */
  get freeBytes(): number {
    return this.hindrances.has("full-disk") ? 0 : Math.max(0, diskBytes - this.images.bytes);
  }

  /** Everything that decides dockerd's configuration. */
  sources(): DaemonSources {
    const engine = this.#engine;
    return sourcesOf(this.files, engine === undefined ? undefined : { pid: engine.pid, argv: engine.config.argv });
  }

  /** Called after every change of a fault, the engine process or a container's running. The result ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  setFault(fault: Fault | undefined): void {
    if (fault === this.#fault) return;
    const wasOff = this.isOff;
    this.#fault = fault;
    if (this.isOff) this.#endEngine();
    // An engine that is stopped ends its containers and gives their addresses back; live-restore outlives no shutdown.
    if (fault === "shut-down") this.runtime.endAll(0);
    if (wasOff && !this.isOff) this.#boot();
    this.changed();
  }

  /** Every connection to it breaks; nothing keeps it from being opened again. */
  breakConnections(): void {
    this.#breaks += 1;
    this.changed();
  }

  /** Chance for what is done there once more; the same each time that the demo is begun, whenever that is. */
  nextDraw(subject: string): Chance {
    const number = this.#draws.get(subject) ?? 0;
    this.#draws.set(subject, number + 1);
    return chance(this.#seed, `${this.spec.name} ${subject} ${number}`);
  }

  /** The network as its engine finds it when a container is to join: in a swarm it asks the managers then. */
  findToJoin(nameOrId: string): Outcome<Segment> {
    const found = this.find(nameOrId);
    if (found.ok || this.swarm === undefined || !isNotFound(found)) return found;
    const name = clean(nameOrId);
    return refused(
      500,
      text`Could not attach to network ${name}: rpc error: code = NotFound desc = network ${name} not found`,
    );
  }

  /** The network as its engine finds it, by name or id. */
  find(nameOrId: string): Outcome<Segment> {
    const local = this.networks.find(nameOrId);
    if (local !== undefined) return good(local);
    const shared = this.swarm === undefined ? this.#ofStore(nameOrId) : this.#ofSwarm(nameOrId, this.swarm);
    if (shared.ok) this.networks.needGwbridge();
    return shared;
  }

  /**
   * What the engine answers to `GET /networks`. With a store it lists overlays as long as the store answers it: else what is
   * local, and says nothing (moby libnetwork/store.go, getNetworksFromStore). Of a swarm managers know all of them, and
   * workers those that a container of theirs is in, beside the ingress network.
   */
  listNetworks(node: NodeName): EngineNetwork[] {
    return [...this.networks.all, ...this.#knownOverlays()].map((one) => one.listed(node));
  }

  /** `systemctl stop docker`: without live-restore every container stops with it. */
  stopEngine(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    // The streams end before the containers do: nobody hears of that.
    this.#endEngine();
    this.changed();
    if (engine.config.liveRestore) return;
    this.runtime.endAll(0);
    this.changed();
  }

  /** `systemctl start docker`: containers with a restart policy come back. */
  startEngine(): void {
    if (this.#engine !== undefined) return;
    const read = daemonConfig(this.sources(), this.#ground);
    const refusal = read.ok && this.swarm !== undefined ? swarmRefusal(read.config) : undefined;
    if (!read.ok || refusal !== undefined) {
      const inDaemon = read.ok || read.stage === "daemon";
      this.#failure = clean(`${inDaemon ? "failed to start daemon: " : ""}${read.ok ? refusal : read.words}`);
      this.log.plain(this.#failure);
      this.changed();
      return;
    }
    this.#failure = undefined;
    const process = { pid: this.#chance.between(1000, 30_000), startedAt: this.#clock.now() };
    this.#engine = new Dockerd(process, read.config, this.#ground, false);
    this.log.say("info", isReady);
    this.events.forget();
    this.runtime.bringBack();
    this.changed();
  }

  /** `systemctl reload docker`, of an engine that runs. */
  reloadEngine(): void {
    if (this.#engine?.reload(this.sources()) !== true) return;
    const [action, id] = [text`reload`, this.engineId];
    this.events.say({ type: "daemon", action, id, name: this.hostname, container: undefined });
    this.changed();
  }

  #endEngine(): void {
    this.#engine?.end();
    this.#engine = undefined;
  }

  /** What the containers held until the power went is cleaned up by the engine that starts. */
  #boot(): void {
    this.bootedAt = this.#clock.now();
    // Locks are kept away from disks.
    this.lock = undefined;
    this.runtime.endAll(255);
    this.startEngine();
  }

  #ofStore(nameOrId: string): Outcome<Segment> {
    const { store } = this.#ground;
    const url = this.#engine?.storeUrl;
    const found = url !== undefined && store.answers(this, url) ? store.networks.find(nameOrId) : undefined;
    return found === undefined ? refused(404, text`network ${clean(nameOrId)} not found`) : good(found);
  }

  #ofSwarm(nameOrId: string, { swarm }: SwarmMember): Outcome<Segment> {
    const found = swarm.networks.find(nameOrId);
    if (found === undefined) return refused(404, text`network ${clean(nameOrId)} not found`);
    if (swarm.leader === undefined) return noLeader;
    if (found.attachable) return good(found);
    return refused(
      403,
      text`Could not attach to network ${found.name}: rpc error: code = PermissionDenied desc = network ${found.name} not manually attachable`,
    );
  }

  #knownOverlays(): Overlay[] {
    if (this.swarm === undefined) {
      const { store } = this.#ground;
      const url = this.#engine?.storeUrl;
      return url !== undefined && store.answers(this, url) ? [...store.networks.all()] : [];
    }
    const all = [...this.swarm.swarm.networks.all()];
    if (this.swarm.role === "manager") return all;
    const joined = new Set(
      [...this.containers.values()]
        .flatMap((one) => (one.run.state === "running" ? one.places : []))
        .map((place) => place.segment),
    );
    return all.filter((one) => one.isIngress || joined.has(one));
  }
}
