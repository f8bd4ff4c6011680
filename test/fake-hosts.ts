/**
 * Hosts in memory that do what the executors of a plan ask of real ones, as far as they look at it: files, an engine
 * with containers, images and networks, a store, a lock. What goes wrong is said beforehand: `fails`, `breaks`, `takes`.
 */
import type { Container, EngineInfo, EngineNetwork, SwarmNode } from "../src/domain/engine.ts";
import type { HostFacts } from "../src/domain/host.ts";
import type { ContainerId, NodeName } from "../src/domain/ids.ts";
import type { HeldAddress } from "../src/domain/launch/ground.ts";
import type { Locked, LockHolder } from "../src/domain/lock.ts";
import type { Membership } from "../src/domain/membership.ts";
import type { FileEdit, Sha256 } from "../src/domain/plan/change.ts";
import type { Image, Listening, Reach, ReachAsked } from "../src/domain/plan/survey.ts";
import { clean, type SafeText, text } from "../src/domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../src/domain/trouble.ts";
import type { Engine, Subscription } from "../src/ports/engine.ts";
import type { StoreWatch } from "../src/ports/store.ts";
import type { NodeAccess } from "../src/ports/world.ts";
import { sha256 } from "../src/services/apply/write-files.ts";
import { fakeEngineControl } from "./fake-engine-control.ts";
import { type FakeMember, fakePool, fakePoolSetup } from "./fake-members.ts";
import { ManualClock } from "./manual-clock.ts";
import { bare, computingImage, consulImage } from "./planned.ts";
import { consul, engineInfo, nodeNamed } from "./snapshots.ts";

const lost: Trouble = { kind: "connection-lost", detail: clean("the link is down") };
const silent: Subscription = { close: () => undefined };
export const notUsed = (what: string) => () => {
  throw new Error(`the fake host has no ${what}`);
};

export class FakeCluster {
  readonly clock = new ManualClock();
  readonly hosts: ReadonlyMap<NodeName, FakeHost>;
  /** Every call that changes something, "node104 createContainer", in the order in which they came. */
  readonly changes: string[] = [];
  readonly networks: EngineNetwork[] = [];
  /** What a manager of the swarm lists. */
  readonly swarm: SwarmNode[] = [];
  /** HTCondor in containers, by their names. */
  readonly members = new Map<string, FakeMember>();
  /** Whether the store elects a leader once it runs. */
  hasLeader = true;
  /** Whether each of its servers leads, and follows none. */
  isApart = false;

  constructor(count = 2) {
    this.hosts = new Map(
      Array.from({ length: count }, (_, index) => {
        const host = new FakeHost(nodeNamed(`node${103 + index}`), clean(`192.168.44.${103 + index}`), this);
        return [host.name, host];
      }),
    );
  }

  host(name: string): FakeHost {
    const host = this.hosts.get(nodeNamed(name));
    if (host === undefined) throw new Error(`no ${name}`);
    return host;
  }

  get access(): ReadonlyMap<NodeName, NodeAccess> {
    return new Map([...this.hosts].map(([name, host]) => [name, host.access]));
  }

  get store(): StoreWatch {
    return { watch: () => silent, ask: () => Promise.resolve(this.#membership()) };
  }

  #membership(): Outcome<Membership> {
    const servers = [...this.hosts.values()].filter((host) => host.runs("consul"));
    const [first] = servers;
    if (first === undefined) return bad({ kind: "connection-refused", host: clean("192.168.44.103"), port: 8500 });
    return good(
      consul({
        leader: this.hasLeader ? text`${first.address}:8300` : undefined,
        members: servers.map((host) => ({
          ...{ name: host.name, role: "server", state: host === first || this.isApart ? "leader" : "alive" },
          address: text`${host.address}:8500`,
        })),
        registrations: [...this.hosts.values()]
          .filter((host) => host.info.store !== undefined)
          .map((host) => text`${host.address}:2376`),
      }),
    );
  }
}

type Method = string;
type FileResult = { result: "written"; backup: undefined } | { result: "unchanged" | "changed" };

export class FakeHost {
  readonly files = new Map<string, string>([["/etc/docker/daemon.json", '{\n    "log-driver": "json-file"\n}\n']]);
  readonly modes = new Map<string, number>();
  readonly containers = new Map<ContainerId, Container>();
  readonly images: Image[] = [computingImage, consulImage];
  /** Images whose containers end at once and well. */
  readonly brief = new Set<string>();
  /** Images whose containers end at once, and what they say last. */
  readonly crashing = new Map<string, string>();
  readonly engineLog: string[] = [];
  /** Containers that were removed with their volumes without a name. */
  readonly volumesGone: string[] = [];
  /** What the host's registry has. */
  readonly registry = new Set<string>();
  /** Addresses that its engine knows to be taken, on any network. */
  readonly held: HeldAddress[] = [];
  info: EngineInfo;
  pid = 412;
  /** What dockerd makes of a configuration that it does not like. */
  refusesStore: string | undefined;
  lock: (LockHolder & { renewedAt: number }) | undefined;
  awayUntil = 0;
  isUp = true;
  /** Peers that it cannot reach. */
  readonly blocked = new Set<NodeName>();
  readonly #faults: { method: Method; trouble: Trouble | undefined; doIt: boolean; awayMs: number }[] = [];
  readonly #times = new Map<Method, number>();
  /** Containers that it was asked for. */
  made = 0;
  /** What the managers see of it once it has joined a swarm. */
  joinsAs: SwarmNode["state"] = "ready";

  constructor(
    readonly name: NodeName,
    readonly address: SafeText,
    readonly cluster: FakeCluster,
  ) {
    this.info = engineInfo({ hostname: name, mode: "standalone", store: undefined, advertise: undefined });
  }

  /** The next call of `method` is answered with this trouble. */
  fails(method: Method, trouble: Trouble): void {
    this.#faults.push({ method, trouble, doIt: false, awayMs: 0 });
  }

  /** The connection breaks before or after the next call of `method` was carried out, and is back after `awayMs`. */
  breaks(method: Method, when: "before" | "after", awayMs: number): void {
    this.#faults.push({ method, trouble: lost, doIt: when === "after", awayMs });
  }

  /** How long calls of `method` take. */
  takes(method: Method, ms: number): void {
    this.#times.set(method, ms);
  }

  /** How long that takes, ms. */
  timeOf(method: Method): number {
    return this.#times.get(method) ?? 0;
  }

  runs(name: string): boolean {
    return this.named(name)?.state === "running";
  }

  named(name: string): Container | undefined {
    return [...this.containers.values()].find((one) => one.name === name);
  }

  adds(one: Container): void {
    this.containers.set(one.id, one);
  }

  async call<T>(method: Method, does: () => Outcome<T> | Promise<Outcome<T>>, changes = false): Promise<Outcome<T>> {
    const { clock } = this.cluster;
    const ms = this.timeOf(method);
    if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
    if (clock.now() < this.awayUntil) return bad(lost);
    const at = this.#faults.findIndex((one) => one.method === method);
    const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
    if (fault !== undefined && !fault.doIt) {
      this.awayUntil = clock.now() + fault.awayMs;
      return bad(fault.trouble ?? lost);
    }
    if (changes) this.cluster.changes.push(`${this.name} ${method}`);
    const outcome = await does();
    if (fault === undefined) return outcome;
    this.awayUntil = clock.now() + fault.awayMs;
    return bad(lost);
  }

  /** A call that changes something. */
  change<T>(method: Method, does: () => Outcome<T> | Promise<Outcome<T>>): Promise<Outcome<T>> {
    return this.call(method, does, true);
  }

  /** dockerd reads daemon.json; at a start a store that it refuses keeps it from coming up. */
  loads(how: "reload" | "restart"): Outcome<void> {
    const content = this.files.get("/etc/docker/daemon.json") ?? "{}";
    const wanted: { "cluster-store"?: string } = JSON.parse(content);
    const store = wanted["cluster-store"];
    if (how === "restart") {
      this.pid += 1;
      this.isUp = store === undefined || this.refusesStore === undefined;
      for (const one of this.containers.values()) {
        if (one.state !== "running" && one.state !== "paused") continue;
        const isKept = one.labels.some(({ name }) => name === "restart");
        this.containers.set(one.id, { ...one, state: isKept ? "running" : "exited" });
      }
    }
    if (store !== undefined && this.refusesStore !== undefined) {
      this.engineLog.push(`time="x" level=error msg="Error reconfiguring the daemon: ${this.refusesStore}"`);
      if (how === "reload") return good(undefined);
      return bad({ kind: "docker-stopped", detail: clean(`failed: ${this.refusesStore}`) });
    }
    // What it has, SIGHUP does not take away.
    if (store === undefined && how === "reload") return good(undefined);
    const advertise = store === undefined ? undefined : text`${this.address}:2376`;
    this.info = { ...this.info, store: store === undefined ? undefined : clean(store), advertise };
    return good(undefined);
  }

  get access(): NodeAccess & { control: NonNullable<NodeAccess["control"]> } {
    return {
      link: {
        node: this.name,
        state: { state: "live", since: 0, roundTripMs: 1 },
        onState: () => () => undefined,
        retryNow: () => undefined,
        close: () => Promise.resolve(),
      },
      engine: this.#engine(),
      host: {
        facts: () => this.call("facts", () => good(this.facts)),
        daemonSources: notUsed("daemonSources"),
        engineService: notUsed("engineService"),
      },
      logs: { follow: notUsed("follow"), journal: notUsed("journal") },
      tunnels: { open: notUsed("open") },
      control: {
        engine: fakeEngineControl(this),
        inspection: {
          hostnames: (containers) =>
            this.call("hostnames", () =>
              good(
                containers.flatMap((id) => {
                  const hostname = this.containers.get(id)?.name;
                  return hostname === undefined ? [] : [{ container: id, hostname }];
                }),
              ),
            ),
          definition: notUsed("definition"),
          heldAddresses: () => this.call("heldAddresses", () => good(this.held)),
          registryHas: (image) =>
            this.call("registryHas", () =>
              this.registry.has(image)
                ? good(undefined)
                : bad({ kind: "engine-refused", status: 404, detail: clean(`manifest for ${image} not found`) }),
            ),
        },
        exec: { run: notUsed("exec") },
        condor: {
          ...fakePool(this),
          printed: notUsed("printed"),
          queue: notUsed("queue"),
          submit: notUsed("submit"),
          sight: notUsed("sight"),
          remove: notUsed("remove"),
        },
        poolSetup: fakePoolSetup(this),
        files: {
          read: (path) =>
            this.call("read", () => {
              const content = this.files.get(path);
              return good(content === undefined ? "absent" : { content, sha256: sha256(content) });
            }),
          write: (edit) => this.change("write", () => this.#write(edit)),
        },
        services: {
          reloadEngine: () =>
            this.change("reload", () =>
              this.isUp ? this.loads("reload") : bad({ kind: "docker-stopped", detail: clean("failed") }),
            ),
          restartEngine: () => this.change("restart", () => this.loads("restart")),
          engineLog: () => this.call("engineLog", () => good(this.engineLog)),
        },
        lock: {
          take: (holder) => this.call("lock", () => this.#locks(holder)),
          release: (holder) => this.call("unlock", () => this.#unlocks(holder.run)),
          break: (run) => this.call("unlock", () => this.#unlocks(run)),
        },
        survey: notUsed("survey"),
        load: () => this.call("load", () => good({ oneMinute: 0.5, availableBytes: 4e9 })),
        listening: () => this.call("listening", () => good(this.listening)),
        reaches: async (asked) => asked.map((one) => this.#reach(one)),
      },
    };
  }

  #write({ path, replaces, content, mode, secret }: FileEdit): Outcome<FileResult> {
    const now = this.files.get(path);
    const wanted = content === "removed" ? undefined : content;
    if (now === undefined || secret === true) this.modes.set(path, mode);
    if (now === wanted) return good({ result: "unchanged" });
    if (now !== (replaces === "absent" ? undefined : replaces.content)) return good({ result: "changed" });
    if (wanted === undefined) this.files.delete(path);
    else this.files.set(path, wanted);
    return good({ result: "written", backup: undefined });
  }

  get facts(): HostFacts {
    const node = bare(this.cluster.hosts.size).seen.nodes.get(this.name);
    if (node?.facts.state !== "fresh") throw new Error("no facts");
    return { ...node.facts.value, dockerd: this.isUp ? { pid: this.pid, startedAt: 0 } : undefined };
  }

  get listening(): Listening[] {
    const gossip = { protocol: "tcp", address: this.address, port: 7946, process: clean("dockerd") } as const;
    return this.info.store === undefined ? [] : [gossip];
  }

  #reach(asked: ReachAsked): Reach {
    const isBlocked = this.blocked.has(asked.node);
    return { ...asked, result: isBlocked ? "silent" : "answered", detail: clean(isBlocked ? "no answer" : "") };
  }

  #locks(holder: LockHolder): Outcome<{ state: "held" } | { state: "busy"; by: Locked }> {
    const now = this.cluster.clock.now();
    if (this.lock !== undefined && this.lock.run !== holder.run) {
      const { renewedAt, ...by } = this.lock;
      return good({ state: "busy", by: { ...by, idleMs: now - renewedAt } });
    }
    this.lock = { ...holder, renewedAt: now };
    return good({ state: "held" });
  }

  #unlocks(run: string): Outcome<void> {
    if (this.lock?.run === run) this.lock = undefined;
    return good(undefined);
  }

  #engine(): Engine {
    const served = <T>(method: Method, does: () => T): Promise<Outcome<T>> =>
      this.call(method, () => (this.isUp ? good(does()) : bad({ kind: "docker-stopped", detail: clean("failed") })));
    return {
      info: () => served("info", () => this.info),
      ping: () => served("ping", () => 1),
      containers: () => served("containers", () => [...this.containers.values()]),
      container: (id) => served("container", () => this.containers.get(id)),
      networks: () => served("networks", () => this.cluster.networks.filter((one) => this.#sees(one))),
      swarmNodes: () => served("swarmNodes", () => this.cluster.swarm),
      events: notUsed("events"),
      usage: notUsed("usage"),
    };
  }

  /** Networks that this host is slow or unable to see. */
  readonly blind = new Set<string>();

  #sees(network: EngineNetwork): boolean {
    return !this.blind.has(network.name) && (network.node === this.name || this.info.store !== undefined);
  }
}

/** Moves the clock until the promise has settled, for an hour at the most. */
export async function ended<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const over = promise.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  const end = clock.now() + 3_600_000;
  await clock.advance(0);
  while (!isOver && clock.now() < end) await clock.advance(Math.max(1, clock.nextIn));
  if (!isOver) throw new Error("it does not end");
  return over;
}

/** The hash of a content as plans have it. */
export const hashOf = (content: string): Sha256 => sha256(content);
