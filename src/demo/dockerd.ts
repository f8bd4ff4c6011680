import type { DaemonSources } from "../domain/host.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { type DaemonConfig, type DaemonGround, daemonConfig } from "./daemon-config.ts";
import type { EngineLog } from "./engine-log.ts";
import type { Machine } from "./machine.ts";
import { StoreMember } from "./store-member.ts";
import type { StoreModel } from "./store-model.ts";

/** What a dockerd lives on. */
export interface DockerdGround extends DaemonGround {
  machine: Machine;
  store: StoreModel;
  clock: Clock;
  log: EngineLog;
}

interface Placed {
  store: string;
  advertise: NonNullable<DaemonConfig["advertise"]>;
}

/** One process of dockerd, from its start to its end. */
export class Dockerd {
  readonly pid: number;
  readonly startedAt: Instant;
  readonly #on: DockerdGround;
  #config: DaemonConfig;
  #member: StoreMember | undefined;

  /** `joined`: it is a member of its store already, from before the story begins. */
  constructor(process: { pid: number; startedAt: Instant }, config: DaemonConfig, on: DockerdGround, joined: boolean) {
    this.pid = process.pid;
    this.startedAt = process.startedAt;
    this.#config = config;
    this.#on = on;
    this.#join(joined);
  }

  /** What it says of itself, which after a reload is not always what it does. */
  get config(): DaemonConfig {
    return this.#config;
  }

  /** The store that its networks come from; a store without an address to tell others is used for networks alone. */
  get storeUrl(): string | undefined {
    return this.#member?.url ?? this.#config.store;
  }

  /** The address that the gossip of cluster-store mode is bound to. */
  get gossip(): string | undefined {
    return this.#member?.gossip;
  }

  /** SIGHUP (moby cmd/dockerd/daemon.go reloadConfig, daemon/reload.go): whether it took what it read. */
  reload(files: DaemonSources): boolean {
    const { log } = this.#on;
    log.say("info", "Got signal to reload configuration, reloading from: /etc/docker/daemon.json");
    const before = this.#config;
    const read = daemonConfig(asStarted(files, before.argv), this.#on);
    const refusal = read.ok ? this.#refusal(read.config) : read.words;
    if (!read.ok || refusal !== undefined) {
      log.say("error", read.ok || read.stage === "daemon" ? `Error reconfiguring the daemon: ${refusal}` : read.words);
      return false;
    }
    // Listeners are opened once.
    this.#config = { ...read.config, listeners: before.listeners };
    this.#follow(before);
    const { store, advertise, liveRestore } = this.#config;
    const told = {
      "cluster-store": store,
      "cluster-advertise": advertise === undefined ? undefined : `${advertise.address}:${advertise.port}`,
      "live-restore": liveRestore,
    };
    log.say("info", `Reloaded configuration: ${JSON.stringify(told)}`);
    return true;
  }

  /** The process is over. */
  end(): void {
    this.#member?.end();
    this.#member = undefined;
  }

  #join(joined: boolean): void {
    const { store, advertise } = this.#config;
    // Without an address to tell others there is no discovery.
    if (store === undefined || advertise === undefined) return;
    this.#member = new StoreMember({ url: store, ...advertise }, this.#on, joined);
  }

  /** What becomes of a store that was configured anew. */
  #follow(before: DaemonConfig): void {
    const { store, advertise } = this.#config;
    if (this.#member === undefined) this.#join(false);
    else if (store !== undefined && advertise !== undefined) this.#move(this.#member, { store, advertise }, before);
  }

  /** Told another store or address: SIGHUP does half of it. */
  #move(member: StoreMember, { store, advertise }: Placed, before: DaemonConfig): void {
    if (store !== before.store) {
      this.#on.log.say(
        "warning",
        "Failed to reload configuration with network controller: cannot accept new configuration because it modifies an existing datastore client",
      );
    }
    if (store !== before.store || advertise.address !== before.advertise?.address) {
      member.advertise({ url: store, ...advertise });
    }
  }

  #refusal(next: DaemonConfig): string | undefined {
    if (next.store === undefined && this.#config.store !== undefined) return "discovery service not supported";
    if (this.#on.machine.swarm === undefined) return undefined;
    return swarmRefusal(next);
  }
}

/** What keeps an engine out of swarm mode, in its words (moby daemon/config/config_unix.go IsSwarmCompatible, daemon/cluster). */
export function swarmRefusal({ store, liveRestore }: DaemonConfig): string | undefined {
  if (store !== undefined) {
    return "--cluster-store and --cluster-advertise daemon configurations are incompatible with swarm mode";
  }
  return liveRestore ? "--live-restore daemon configuration is incompatible with swarm mode" : undefined;
}

/** The files with the command line that the process really has: SIGHUP does not change it. */
function asStarted(sources: DaemonSources, argv: readonly string[]): DaemonSources {
  const words = argv.map((word) => JSON.stringify(word.replaceAll("%", "%%").replaceAll("$", "$$$$")));
  const content = `[Service]\nExecStart=${words.join(" ")}\n`;
  return { ...sources, unitFiles: [{ path: "/proc/self/cmdline", content }], environmentFiles: [], process: undefined };
}
