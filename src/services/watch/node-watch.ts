import type { EngineEvent } from "../../domain/engine.ts";
import { effectiveConfig } from "../../domain/flags/effective-config.ts";
import type { NodeName } from "../../domain/ids.ts";
import { isUp, type LinkState } from "../../domain/link.ts";
import type { Observation } from "../../domain/reduce.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { EngineSession } from "./engine-session.ts";
import { EventFilter } from "./event-filter.ts";

const factsEveryMs = 60_000;
const factsMs = 15_000;

/** Who is told what. */
export interface NodeTells {
  emit(what: Observation): void;
  /** Each event of the engine, once. */
  heard(event: EngineEvent): void;
  /** A network that others may have as well came or went on this engine. */
  networksChanged(): void;
}

/** Watches one node: its link, and while that is up its engine, machine and daemon configuration. */
export class NodeWatch {
  readonly #filter = new EventFilter();
  #session: EngineSession | undefined;
  #host: AbortController | undefined;
  #cancelFacts: (() => void) | undefined;
  #up = false;
  #hostRead = false;
  #unlisten: (() => void) | undefined;

  constructor(
    private readonly name: NodeName,
    private readonly access: NodeAccess,
    private readonly clock: Clock,
    private readonly tells: NodeTells,
  ) {}

  start(): void {
    this.#unlisten = this.access.link.onState((link) => this.#linkChanged(link));
    this.#linkChanged(this.access.link.state);
  }

  /** Everything anew, now; a link that is down or was refused is tried again. */
  refresh(): void {
    this.access.link.retryNow();
    if (!this.#up) return;
    this.#session?.refresh();
    void this.#readHost();
  }

  /** Its networks anew: another engine made or removed one that both may share. */
  askNetworks(): void {
    this.#session?.askNetworks();
  }

  async stop(): Promise<void> {
    this.#unlisten?.();
    this.#wentDown();
    await this.access.link.close();
  }

  #linkChanged(link: LinkState): void {
    // The link first: what the session reports then belongs to the new link.
    this.tells.emit({ of: "link", node: this.name, link, at: this.clock.now() });
    if (isUp(link) === this.#up) return;
    this.#up = isUp(link);
    if (this.#up) this.#cameUp();
    else this.#wentDown();
  }

  #cameUp(): void {
    this.#session = new EngineSession({
      node: this.name,
      engine: this.access.engine,
      clock: this.clock,
      emit: this.tells.emit,
      heard: this.tells.heard,
      settled: () => this.#engineSettled(),
      networksChanged: this.tells.networksChanged,
      configurationChanged: () => void this.#readHost(),
      filter: this.#filter,
    });
    this.#host = new AbortController();
    this.#session.start();
  }

  /** The machine is read after the containers: they are what the operator waits for, and the scripts are work for the node. */
  #engineSettled(): void {
    if (this.#hostRead) return;
    this.#hostRead = true;
    void this.#readHost();
  }

  #wentDown(): void {
    this.#hostRead = false;
    this.#session?.stop();
    this.#session = undefined;
    this.#host?.abort();
    this.#host = undefined;
    this.#cancelFacts?.();
    this.#cancelFacts = undefined;
  }

  async #readHost(): Promise<void> {
    const signal = this.#host?.signal;
    if (signal === undefined) return;
    this.#cancelFacts?.();
    const within = { ms: factsMs, signal };
    const [facts, sources] = await Promise.all([
      this.access.host.facts(within),
      this.access.host.daemonSources(within),
    ]);
    if (signal.aborted) return;
    const at = this.clock.now();
    this.tells.emit({ of: "facts", node: this.name, outcome: facts, at });
    const daemon = sources.ok ? ({ ok: true, value: effectiveConfig(sources.value) } as const) : sources;
    this.tells.emit({ of: "daemon", node: this.name, outcome: daemon, at });
    this.#cancelFacts?.();
    this.#cancelFacts = this.clock.after(factsEveryMs * (0.8 + this.clock.random() * 0.4), () => void this.#readHost());
  }
}
