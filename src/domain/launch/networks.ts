import type { EngineNetwork } from "../engine.ts";
import type { NetworkId, NodeName } from "../ids.ts";
import { compareNames, joined, type SafeText, text } from "../text.ts";
import type { LaunchGround, LaunchNode } from "./ground.ts";

/** A network that containers can be launched on, however many engines list it. */
export interface LaunchNetwork {
  name: SafeText;
  driver: SafeText;
  scope: SafeText;
  ids: ReadonlySet<NetworkId>;
  subnets: EngineNetwork["subnets"];
  /** As each engine that lists it tells it: ranges are an engine's own. */
  on: ReadonlyMap<NodeName, EngineNetwork>;
}

/** The networks that a container of its own can join: no swarm's own, and none without addresses. Those over all nodes first. */
export function launchNetworks({ nodes }: LaunchGround): LaunchNetwork[] {
  const found = new Map<string, LaunchNetwork & { on: Map<NodeName, EngineNetwork>; ids: Set<NetworkId> }>();
  for (const node of nodes) {
    for (const one of node.networks) {
      if (!canJoin(one)) continue;
      const { name, driver, scope, subnets } = one;
      const network = found.get(name) ?? { name, driver, scope, subnets, ids: new Set(), on: new Map() };
      network.on.set(node.name, one);
      network.ids.add(one.id);
      found.set(name, network);
    }
  }
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
}

function canJoin({ name, driver, scope, attachable }: EngineNetwork): boolean {
  if (driver === "host" || driver === "null" || name === "bridge" || name === "docker_gwbridge") return false;
  return scope !== "swarm" || attachable;
}

const rank = ({ driver }: LaunchNetwork): number => (driver === "overlay" ? 0 : driver === "macvlan" ? 1 : 2);

/** Why a container of `node` cannot join the network; undefined when it can. */
export function cannotJoin(network: LaunchNetwork, node: LaunchNode): SafeText | undefined {
  if (network.on.has(node.name)) return undefined;
  // A swarm's worker lists a network only while a container of its own is on it (moby daemon/cluster).
  if (network.scope === "swarm") {
    return node.engine?.swarm.state === "active" ? undefined : text`${node.name} is in no swarm`;
  }
  return text`${node.name} has no network ${network.name}; only ${joined([...network.on.keys()])}`;
}
