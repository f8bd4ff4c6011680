import type { ContainerId, NodeName } from "../../domain/ids.ts";
import { lastSeen } from "../../domain/part.ts";
import type { Observation } from "../../domain/reduce.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { NodeAccess } from "../../ports/world.ts";

/** Measures the containers that are on the screen, and no others: a stream a container costs the engine a core at some hundreds. */
export class UsageWatch {
  readonly #streams = new Map<ContainerId, { node: NodeName; stream: Subscription }>();
  /** With the node that had each when it came on the screen. */
  #wanted: ReadonlyMap<ContainerId, NodeName> = new Map();

  constructor(
    private readonly nodes: ReadonlyMap<NodeName, NodeAccess>,
    private readonly emit: (what: Observation) => void,
  ) {}

  /** From now on these, and only while they run. */
  show(ids: readonly ContainerId[], seen: Snapshot): void {
    const wanted = new Map<ContainerId, NodeName>();
    for (const id of ids) {
      for (const node of this.nodes.keys()) if (runsOn(seen, id, node)) wanted.set(id, node);
    }
    this.#wanted = wanted;
    this.follow(seen);
  }

  /** Opens and closes streams so that they fit what was last seen. Work grows with what is on the screen, not with the cluster. */
  follow(seen: Snapshot): void {
    for (const [id, { node, stream }] of this.#streams) {
      if (this.#wanted.has(id) && runsOn(seen, id, node)) continue;
      stream.close();
      this.#streams.delete(id);
      this.emit({ of: "usage", node, id, usage: undefined });
    }
    for (const [id, node] of this.#wanted) {
      const access = this.nodes.get(node);
      if (access !== undefined && !this.#streams.has(id) && runsOn(seen, id, node)) this.#open(id, node, access);
    }
  }

  stop(): void {
    for (const { stream } of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #open(id: ContainerId, node: NodeName, access: NodeAccess): void {
    const stream = access.engine.usage(id, {
      usage: (usage) => this.emit({ of: "usage", node, id, usage }),
      ended: () => {
        // Why it ended shows elsewhere: the container stopped, or the engine went. The next `follow` opens it again.
        if (this.#streams.get(id)?.stream === stream) this.#streams.delete(id);
      },
    });
    this.#streams.set(id, { node, stream });
  }
}

function runsOn(seen: Snapshot, id: ContainerId, node: NodeName): boolean {
  const containers = seen.nodes.get(node)?.containers;
  return containers?.state === "fresh" && lastSeen(containers)?.get(id)?.state === "running";
}
