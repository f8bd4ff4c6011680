import type { EngineEvent } from "../../domain/engine.ts";
import { asContainerId, type ContainerId, type NodeName } from "../../domain/ids.ts";
import type { Observation } from "../../domain/reduce.ts";
import type { Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Engine, Subscription } from "../../ports/engine.ts";
import { backoff } from "./backoff.ts";
import type { EventFilter } from "./event-filter.ts";

/** What these make is of one machine alone (moby libnetwork/drivers, DataScope local). Plugins may share theirs. */
const localDrivers = ["bridge", "macvlan", "ipvlan", "host", "null"];
const mayBeShared = ({ driver }: EngineEvent): boolean => driver === undefined || !localDrivers.includes(driver);

const callMs = 10_000;
const pingMs = 5_000;
const pingEveryMs = 15_000;
const resyncEveryMs = 90_000;
/** How soon a container that died is asked for again while it is told to run: this, then twice as long, so many times. */
const diedEveryMs = 100;
const diedTimes = 5;
/** How long after an event its container is asked for once more, ms. */
const onceMoreMs = 300;

/** What a session works with. */
export interface SessionParts {
  node: NodeName;
  engine: Engine;
  clock: Clock;
  emit: (what: Observation) => void;
  /** The first answer is there, or it is clear that there will be none: less urgent questions may be asked now. */
  settled: () => void;
  /** The engine said that its configuration was loaded anew. */
  configurationChanged: () => void;
  heard: (event: EngineEvent) => void;
  /** A network that engines may share came or went: the others say nothing of it. */
  networksChanged: () => void;
  /** Outlives the session: a new link resumes where the last one broke. */
  filter: EventFilter;
}

/**
 * Keeps one engine's part of the snapshot true while its link is up: events first, then the lists, so that nothing
 * falls between; a ping that proves the engine and not only the link; a full resync that repairs what a stream missed;
 * and opening again, with growing waits, whenever the stream breaks.
 */
export class EngineSession {
  readonly #abort = new AbortController();
  readonly #timers = new Set<() => void>();
  readonly #asking = new Map<ContainerId, "asking" | "again">();
  /** Containers that are asked for a little later as well, with the events that asked for it. */
  readonly #onceMore = new Map<ContainerId, number>();
  /** Containers that died and were not started since, with how often the engine went on calling them running. */
  readonly #died = new Map<ContainerId, number>();
  /** Containers that events spoke of while a list was under way: the list may be older than the event. */
  readonly #touched = new Set<ContainerId>();
  #stream: Subscription | undefined;
  #attempt = 0;
  #networksAsked = false;

  constructor(private readonly parts: SessionParts) {}

  start(): void {
    this.#open();
  }

  stop(): void {
    this.#abort.abort();
    this.#closeStream();
    this.#clearTimers();
  }

  /** Everything anew, now; when the engine was down, a new try at once. */
  refresh(): void {
    if (this.#stream === undefined) {
      this.#clearTimers();
      this.#attempt = 0;
      this.#open();
    } else void this.#resync();
  }

  get #stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  #within(ms: number) {
    return { ms, signal: this.#abort.signal };
  }

  #later(ms: number, then: () => void): void {
    const cancel = this.parts.clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (!this.#stopped) then();
    });
    this.#timers.add(cancel);
  }

  #clearTimers(): void {
    this.#onceMore.clear();
    this.#networksAsked = false;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #closeStream(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  #open(): void {
    if (this.#stream !== undefined) return;
    const stream = this.parts.engine.events(this.parts.filter.since, {
      opened: () => {
        if (this.#stream === stream) void this.#opened();
      },
      event: (event) => this.#event(event),
      ended: (trouble) => {
        if (this.#stream === stream) this.#down(trouble);
      },
    });
    this.#stream = stream;
  }

  async #opened(): Promise<void> {
    await this.#resync();
    this.parts.settled();
    if (this.#stopped || this.#stream === undefined) return;
    this.#attempt = 0;
    this.#later(pingEveryMs * (0.8 + this.parts.clock.random() * 0.4), () => this.#ping());
    this.#later(resyncEveryMs * (0.8 + this.parts.clock.random() * 0.4), () => this.#periodicResync());
  }

  #down(trouble: Trouble): void {
    this.#closeStream();
    this.#clearTimers();
    if (this.#stopped) return;
    this.parts.settled();
    const at = this.parts.clock.now();
    const outcome = { ok: false, trouble } as const;
    this.parts.emit({ of: "engine", node: this.parts.node, outcome, at });
    this.parts.emit({ of: "containers", node: this.parts.node, outcome, at });
    this.parts.emit({ of: "networks", node: this.parts.node, outcome, at });
    this.#later(backoff(this.#attempt++, 400, 5_000, this.parts.clock.random()), () => this.#open());
  }

  async #ping(): Promise<void> {
    const answer = await this.parts.engine.ping(this.#within(pingMs));
    if (this.#stopped) return;
    if (!answer.ok) return this.#down(answer.trouble);
    this.#later(pingEveryMs, () => void this.#ping());
  }

  async #periodicResync(): Promise<void> {
    await this.#resync();
    if (!this.#stopped && this.#stream !== undefined) this.#later(resyncEveryMs, () => void this.#periodicResync());
  }

  async #resync(): Promise<void> {
    const within = this.#within(callMs);
    this.#touched.clear();
    const [info, containers, networks] = await Promise.all([
      this.parts.engine.info(within),
      this.parts.engine.containers(within),
      this.parts.engine.networks(within),
    ]);
    if (this.#stopped) return;
    const failed = [info, containers, networks].find((outcome) => !outcome.ok);
    if (failed?.ok === false) return this.#down(failed.trouble);
    const at = this.parts.clock.now();
    this.parts.emit({ of: "networks", node: this.parts.node, outcome: networks, at });
    this.parts.emit({ of: "containers", node: this.parts.node, outcome: containers, at });
    this.parts.emit({ of: "engine", node: this.parts.node, outcome: info, at });
    for (const id of this.#touched) void this.#askContainer(id);
  }

  #event(event: EngineEvent): void {
    if (!this.parts.filter.isNew(event)) return;
    this.parts.heard(event);
    switch (event.type) {
      case "container":
        this.#containerEvent(event);
        return;
      case "network":
        if (event.container !== undefined) this.#askTwice(event.container);
        this.askNetworks();
        if ((event.action === "create" || event.action === "destroy") && mayBeShared(event)) {
          this.parts.networksChanged();
        }
        return;
      case "daemon":
        this.parts.configurationChanged();
        void this.#resync();
        return;
      default:
        return;
    }
  }

  #containerEvent(event: EngineEvent): void {
    const id = asContainerId(event.id);
    if (id === undefined || event.action.startsWith("exec_") || event.action.startsWith("health_status")) return;
    this.#touched.add(id);
    if (event.action === "die") this.#died.set(id, 0);
    else if (event.action === "start" || event.action === "destroy") this.#died.delete(id);
    if (event.action === "destroy") {
      // An answer that is under way may still have it.
      if (this.#asking.has(id)) this.#asking.set(id, "again");
      this.parts.emit({ of: "container", node: this.parts.node, id, container: undefined, at: this.parts.clock.now() });
    } else this.#askTwice(id);
  }

  /** One question at a time for a container; events that come meanwhile make one more. */
  async #askContainer(id: ContainerId): Promise<void> {
    if (this.#asking.has(id)) {
      this.#asking.set(id, "again");
      return;
    }
    do {
      this.#asking.set(id, "asking");
      const container = await this.parts.engine.container(id, this.#within(callMs));
      if (this.#stopped) return;
      if (container.ok) {
        this.parts.emit({
          of: "container",
          node: this.parts.node,
          id,
          container: container.value,
          at: this.parts.clock.now(),
        });
        if (container.value?.state === "running") this.#diedOf(id);
        else this.#died.delete(id);
      }
      // A failure is repaired by the next resync, or the stream has broken as well and all is asked anew.
    } while (this.#asking.get(id) === "again");
    this.#asking.delete(id);
  }

  /**
   * Now, and once more a moment later: engines tell of a pause, a connection or a new name before their list has it (moby
   * daemon/pause.go, daemon/container_operations.go: CheckpointTo, which writes the list's copy, comes after the event).
   */
  #askTwice(id: ContainerId): void {
    void this.#askContainer(id);
    const turn = (this.#onceMore.get(id) ?? 0) + 1;
    this.#onceMore.set(id, turn);
    this.#later(onceMoreMs, () => {
      // A burst of events is asked for once more after its last.
      if (this.#onceMore.get(id) !== turn) return;
      this.#onceMore.delete(id);
      void this.#askContainer(id);
    });
  }

  /**
   * Engines up to 20.10 go on listing a killed container as running for a moment after they said that it died, and
   * no event follows: the list is of a copy that is written last (moby daemon/monitor.go, CheckpointTo).
   */
  #diedOf(id: ContainerId): void {
    const times = this.#died.get(id);
    if (times === undefined) return;
    if (times >= diedTimes) {
      this.#died.delete(id);
      return;
    }
    this.#died.set(id, times + 1);
    this.#later(diedEveryMs * 2 ** times, () => void this.#askContainer(id));
  }

  /** Creating and joining a network is a burst of events; one list answers them all. */
  askNetworks(): void {
    if (this.#networksAsked || this.#stream === undefined) return;
    this.#networksAsked = true;
    this.#later(50, () => {
      this.#networksAsked = false;
      void this.parts.engine.networks(this.#within(callMs)).then((outcome) => {
        if (!this.#stopped && outcome.ok) {
          this.parts.emit({ of: "networks", node: this.parts.node, outcome, at: this.parts.clock.now() });
        }
      });
    });
  }
}
