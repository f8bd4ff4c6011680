import type { NodeName } from "../../domain/ids.ts";
import type { Observation } from "../../domain/reduce.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/world.ts";

const everyMs = 10_000;
const callMs = 8_000;

/** Asks one reachable swarm manager for the swarm's nodes, again and again; another one when that one goes. */
export class SwarmWatch {
  readonly #abort = new AbortController();
  #via: NodeName | undefined;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly nodes: ReadonlyMap<NodeName, NodeAccess>,
    private readonly clock: Clock,
    private readonly emit: (what: Observation) => void,
  ) {}

  /** Chooses the manager to ask from what was last seen. */
  follow(seen: Snapshot): void {
    if (this.#via !== undefined && isManager(seen, this.#via)) return;
    const next = [...seen.nodes.keys()].find((name) => isManager(seen, name));
    if (next === undefined || next === this.#via) return;
    this.#via = next;
    this.#cancel?.();
    void this.#ask(next);
  }

  /** Asks now. */
  refresh(): void {
    this.#cancel?.();
    if (this.#via !== undefined) void this.#ask(this.#via);
  }

  stop(): void {
    this.#abort.abort();
    this.#cancel?.();
  }

  async #ask(via: NodeName): Promise<void> {
    const access = this.nodes.get(via);
    if (access === undefined) return;
    const outcome = await access.engine.swarmNodes({ ms: callMs, signal: this.#abort.signal });
    if (this.#abort.signal.aborted || this.#via !== via) return;
    // A node that left the swarm answers 503 "not part of a swarm" (moby api/server/router/swarm).
    if (!outcome.ok && outcome.trouble.kind === "engine-refused" && outcome.trouble.status === 503) {
      this.#via = undefined;
      this.emit({ of: "no-swarm" });
      return;
    }
    this.emit({ of: "swarm", via, outcome, at: this.clock.now() });
    this.#cancel = this.clock.after(everyMs, () => void this.#ask(via));
  }
}

function isManager(seen: Snapshot, name: NodeName): boolean {
  const engine = seen.nodes.get(name)?.engine;
  return engine?.state === "fresh" && engine.value.swarm.state === "active" && engine.value.swarm.manager;
}
