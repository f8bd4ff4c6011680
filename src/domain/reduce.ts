import { isDeepStrictEqual } from "node:util";
import type { DaemonConfig } from "./daemon.ts";
import type { Container, EngineInfo, EngineNetwork, SwarmNode, Usage } from "./engine.ts";
import type { HostFacts } from "./host.ts";
import type { ContainerId, NodeName } from "./ids.ts";
import { isUp, type LinkState } from "./link.ts";
import type { Membership } from "./membership.ts";
import { lastSeen, observed, type Part } from "./part.ts";
import type { NodeSnapshot, Snapshot } from "./snapshot.ts";
import { text } from "./text.ts";
import type { Instant } from "./time.ts";
import type { Outcome, Trouble } from "./trouble.ts";

/** One thing that was seen; everything the snapshot knows came in as one of these. */
export type Observation =
  | { of: "link"; node: NodeName; link: LinkState; at: Instant }
  | { of: "engine"; node: NodeName; outcome: Outcome<EngineInfo>; at: Instant }
  | { of: "containers"; node: NodeName; outcome: Outcome<readonly Container[]>; at: Instant }
  | { of: "container"; node: NodeName; id: ContainerId; container: Container | undefined; at: Instant }
  | { of: "networks"; node: NodeName; outcome: Outcome<readonly EngineNetwork[]>; at: Instant }
  | { of: "facts"; node: NodeName; outcome: Outcome<HostFacts>; at: Instant }
  | { of: "daemon"; node: NodeName; outcome: Outcome<DaemonConfig>; at: Instant }
  | { of: "usage"; node: NodeName; id: ContainerId; usage: Usage | undefined }
  | { of: "membership"; outcome: Outcome<Membership>; at: Instant }
  | { of: "swarm"; via: NodeName; outcome: Outcome<readonly SwarmNode[]>; at: Instant }
  | { of: "no-swarm" };

/** The snapshot after one more observation. What did not change keeps its identity. */
export function reduce(seen: Snapshot, what: Observation): Snapshot {
  switch (what.of) {
    case "membership":
      return {
        ...seen,
        membership: observed(seen.membership ?? { state: "waiting", since: what.at }, what.outcome, what.at),
      };
    case "swarm": {
      const before = seen.swarm?.nodes ?? ({ state: "waiting", since: what.at } as const);
      return { ...seen, swarm: { via: what.via, nodes: observed(before, what.outcome, what.at) } };
    }
    case "no-swarm":
      return seen.swarm === undefined ? seen : { ...seen, swarm: undefined };
    default: {
      const node = seen.nodes.get(what.node);
      if (node === undefined) return seen;
      const next = reduceNode(node, what.of === "networks" ? withoutItsStore(seen, node, what) : what);
      return next === node ? seen : { ...seen, nodes: new Map(seen.nodes).set(what.node, next) };
    }
  }
}

type NodeObservation = Extract<Observation, { node: NodeName }>;

function reduceNode(node: NodeSnapshot, what: NodeObservation): NodeSnapshot {
  switch (what.of) {
    case "link":
      return reduceLink(node, what.link, what.at);
    case "engine":
      return { ...node, engine: observed(node.engine, what.outcome, what.at) };
    case "containers":
      return { ...node, containers: observed(node.containers, byId(what.outcome), what.at) };
    case "container":
      return reduceContainer(node, what.id, what.container, what.at);
    case "networks":
      return { ...node, networks: observed(node.networks, asBefore(lastSeen(node.networks), what.outcome), what.at) };
    case "facts":
      return { ...node, facts: observed(node.facts, what.outcome, what.at) };
    case "daemon":
      return { ...node, daemon: observed(node.daemon, what.outcome, what.at) };
    case "usage": {
      const usage = new Map(node.usage);
      if (what.usage === undefined) usage.delete(what.id);
      else usage.set(what.id, what.usage);
      return { ...node, usage };
    }
  }
}

/**
 * An engine up to 20.10 that cannot reach its cluster store leaves every global network out of its list, without a word,
 * while their containers go on talking (moby libnetwork/controller.go, Networks). What it told before stays then.
 */
function withoutItsStore(
  seen: Snapshot,
  node: NodeSnapshot,
  what: Extract<Observation, { of: "networks" }>,
): Extract<Observation, { of: "networks" }> {
  if (!what.outcome.ok || seen.membership === undefined || seen.membership.state === "fresh") return what;
  const told = what.outcome.value;
  const kept = (lastSeen(node.networks) ?? []).filter(
    (before) => before.scope === "global" && !told.some((one) => one.id === before.id),
  );
  return kept.length === 0 ? what : { ...what, outcome: { ok: true, value: [...told, ...kept] } };
}

/** A link that is gone makes all of the node's parts old at once; one that comes up lets what was never had be awaited again. */
function reduceLink(node: NodeSnapshot, link: LinkState, at: Instant): NodeSnapshot {
  if (isUp(link)) {
    if (isUp(node.link)) return { ...node, link };
    const again = <T>(part: Part<T>): Part<T> => (part.state === "missing" ? { state: "waiting", since: at } : part);
    return {
      ...node,
      link,
      engine: again(node.engine),
      containers: again(node.containers),
      networks: again(node.networks),
      facts: again(node.facts),
      daemon: again(node.daemon),
    };
  }
  if (link.state === "connecting" && !isUp(node.link)) return { ...node, link };
  const trouble: Trouble = { kind: "connection-lost", detail: text`the link to ${node.name} is down` };
  const gone = { ok: false, trouble } as const;
  return {
    ...node,
    link,
    engine: observed(node.engine, gone, at),
    containers: observed(node.containers, gone, at),
    networks: observed(node.networks, gone, at),
    facts: observed(node.facts, gone, at),
    daemon: observed(node.daemon, gone, at),
    usage: new Map(),
  };
}

/** The value that was seen before where an answer only repeats it: what is made from it need not be made again. */
function asBefore<T>(before: T | undefined, outcome: Outcome<T>): Outcome<T> {
  if (before === undefined || !outcome.ok || !isDeepStrictEqual(before, outcome.value)) return outcome;
  return { ok: true, value: before };
}

function byId(outcome: Outcome<readonly Container[]>): Outcome<ReadonlyMap<ContainerId, Container>> {
  return outcome.ok ? { ok: true, value: new Map(outcome.value.map((one) => [one.id, one])) } : outcome;
}

/** One container changed or went; only when the list as a whole is known to be current. */
function reduceContainer(
  node: NodeSnapshot,
  id: ContainerId,
  container: Container | undefined,
  at: Instant,
): NodeSnapshot {
  if (node.containers.state !== "fresh") return node;
  if (container !== undefined && isDeepStrictEqual(node.containers.value.get(id), container)) return node;
  const value = new Map(node.containers.value);
  if (container === undefined) {
    if (!value.delete(id)) return node;
  } else value.set(id, container);
  return { ...node, containers: { state: "fresh", at, value } };
}
