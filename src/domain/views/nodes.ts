import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { type SafeText, text } from "../text.ts";
import type { Instant } from "../time.ts";
import { type Condition, condition, isLive } from "./condition.ts";

export interface NodeRow {
  key: string;
  node: NodeSnapshot;
  name: SafeText;
  condition: Condition;
  version: SafeText | undefined;
  /** The store's URL, "swarm", or undefined for neither. */
  store: SafeText | undefined;
  advertise: SafeText | undefined;
  running: number | undefined;
  /** Set when what is shown of the engine is old: the time it was seen. */
  staleAt: Instant | undefined;
}

/** One row a node, in the order of the spec. */
export function nodeRows(snapshot: Snapshot): NodeRow[] {
  return [...snapshot.nodes.values()].map((node) => {
    const row = known.get(node) ?? rowOf(node);
    known.set(node, row);
    return row;
  });
}

/** An event changes one node; the rows of all others are what they were. */
const known = new WeakMap<NodeSnapshot, NodeRow>();

function rowOf(node: NodeSnapshot): NodeRow {
  const engine = lastSeen(node.engine);
  const containers = lastSeen(node.containers);
  return {
    key: node.name,
    node,
    name: node.name,
    condition: condition(node),
    version: engine?.version,
    store: engine === undefined ? undefined : storeWord(engine),
    advertise: engine?.swarm.nodeAddress ?? engine?.advertise ?? node.advertise,
    running:
      containers === undefined
        ? undefined
        : [...containers.values()].filter((container) => container.state === "running").length,
    staleAt: node.engine.state === "stale" ? node.engine.at : undefined,
  };
}

function storeWord(engine: { mode: string; store: SafeText | undefined }): SafeText | undefined {
  return engine.mode === "swarm" ? text`swarm` : engine.store;
}

/** How many nodes answer, of how many. */
export function liveCount(snapshot: Snapshot): { live: number; all: number } {
  const nodes = [...snapshot.nodes.values()];
  return { live: nodes.filter(isLive).length, all: nodes.length };
}
