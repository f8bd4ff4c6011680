import type { Container } from "../engine.ts";
import type { ContainerId, NodeName } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { compareNames, type SafeText } from "../text.ts";
import { heldAttachments, spreadNetworks } from "../views/containers.ts";

/** A container's place on the network that is pinged over. */
export interface Place {
  container: ContainerId;
  name: SafeText;
  node: NodeName;
  network: SafeText;
  address: SafeText;
  life: Life;
}

/** "paused": its kernel still answers pings, and nothing in it does anything. */
export type Life = "running" | "paused" | "stopped";

/** The containers of all nodes that hold an address on `network`, in the order of the nodes, then by name. */
export const placesOn = (network: string, seen: Snapshot): Place[] =>
  [...seen.nodes.values()].flatMap((node) =>
    placesOf(node, network).sort((one, other) => compareNames(one.name, other.name)),
  );

function placesOf(node: NodeSnapshot, network: string): Place[] {
  return [...(lastSeen(node.containers)?.values() ?? [])].flatMap((container) => {
    const life = lifeOf(container);
    const held = heldAttachments(container).find((one) => one.network === network);
    if (life === undefined || held?.address === undefined) return [];
    const { id, name } = container;
    return [{ container: id, name, node: node.name, network: held.network, address: held.address, life }];
  });
}

const lifeOf = ({ state }: Container): Life | undefined =>
  state === "running" || state === "paused" ? state : undefined;

/** Names of the networks that join containers of several nodes: overlays and macvlans that an engine lists. */
export function sharedNetworks(seen: Snapshot): readonly SafeText[] {
  const before = shared.get(seen);
  if (before !== undefined) return before;
  const names = new Set<SafeText>();
  for (const node of seen.nodes.values()) {
    for (const name of spreadNetworks(lastSeen(node.networks) ?? [])) names.add(name);
  }
  // The swarm's own network for published ports has no containers that could be asked.
  const found = [...names].filter((name) => name !== "ingress");
  shared.set(seen, found);
  return found;
}

/** Every frame asks, for its footer. */
const shared = new WeakMap<Snapshot, readonly SafeText[]>();

/**
 * Whether a container's name is known on other nodes: names live in the store or the swarm, and a network that each
 * engine has for itself (macvlan, scope "local") is in neither.
 */
export function hasNamesBetweenNodes(network: string, seen: Snapshot): boolean {
  const listed = [...seen.nodes.values()].flatMap((node) => lastSeen(node.networks) ?? []);
  return !listed.some((one) => one.name === network && one.scope === "local");
}
