import { explain } from "../../domain/explain.ts";
import type { ContainerId, NodeName } from "../../domain/ids.ts";
import { isUp } from "../../domain/link.ts";
import { lastSeen } from "../../domain/part.ts";
import type { Matrix, Pair, Wire } from "../../domain/ping/matrix.ts";
import { hasNamesBetweenNodes, type Life, placesOn } from "../../domain/ping/place.ts";
import { allWays, type Way } from "../../domain/ping/sample.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { isAddress, withoutPrefix } from "../../domain/subnets.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { NodeTold, ProbesAsked, WayTold } from "../../ports/probes.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { oneWaysBetween } from "./one-ways.ts";

export type Access = ReadonlyMap<NodeName, NodeAccess>;

/** What is to be pinged. */
export interface MatrixAsked {
  network: SafeText;
  /** Every container to every other one when left out. */
  ways?: readonly Way[];
  /** TCP port that is tried as well. */
  port?: number | undefined;
}

/** What one node told of its containers, as it comes in. */
export interface NodePart {
  node: NodeName;
  pairs: readonly Pair[];
  underlay: readonly Wire[];
}

/**
 * From container to container and from node to node, each node asked once and all of them side by side; then, where
 * nothing passes between two nodes, which of the two ways is broken. `part` hears of each node as it answers.
 */
export async function pingMatrix(
  asked: MatrixAsked,
  seen: Snapshot,
  access: Access,
  within: Deadline,
  part: (part: NodePart) => void = () => undefined,
): Promise<Matrix> {
  const ways = asked.ways ?? allWays(placesOn(asked.network, seen));
  const nodes = [...seen.nodes.keys()];
  const named = hasNamesBetweenNodes(asked.network, seen);
  const parts = await Promise.all(
    nodes.map(async (node) => {
      const from = ways.filter((way) => way.from.node === node);
      const told = await pingFrom(node, from, nodes, { named, port: asked.port }, seen, access.get(node), within);
      part(told);
      return told;
    }),
  );
  const pairs = withLives(parts.flatMap((one) => one.pairs));
  const underlay = parts.flatMap((one) => one.underlay);
  return { pairs, underlay, oneWays: await oneWaysBetween(pairs, underlay, access, within) };
}

async function pingFrom(
  node: NodeName,
  ways: readonly Way[],
  nodes: readonly NodeName[],
  { named, port }: { named: boolean; port: number | undefined },
  seen: Snapshot,
  access: NodeAccess | undefined,
  within: Deadline,
): Promise<NodePart> {
  // Who is away is not asked: that could take until the deadline.
  const link = seen.nodes.get(node)?.link;
  if (link !== undefined && !isUp(link)) return notAsked(node, ways, [], text`${node} is not connected`);
  const others = nodes.flatMap((to) => {
    const address = to === node ? undefined : underlayAddress(to, seen);
    return address === undefined ? [] : [{ from: node, to, address }];
  });
  const asked: ProbesAsked = {
    ways: ways.map(({ from, to }) => ({
      container: from.container,
      address: to.address,
      name: named ? to.name : undefined,
    })),
    nodes: others.map((one) => one.address),
    port,
  };
  const probed = await access?.probes?.probe(asked, within);
  if (probed?.ok) {
    const { value } = probed;
    const nothing = untold(text`no result`);
    return {
      node,
      pairs: ways.map((way, at) => pairOf(way, value.ways[at] ?? nothing)),
      underlay: others.map((one, at) => ({ ...one, ...(value.nodes[at] ?? nothing) })),
    };
  }
  const why = probed === undefined ? text`${node} cannot be asked` : explain(probed.trouble, node).what;
  return notAsked(node, ways, others, why);
}

function notAsked(
  node: NodeName,
  ways: readonly Way[],
  others: readonly Pick<Wire, "from" | "to" | "address">[],
  why: SafeText,
): NodePart {
  const not = untold(why);
  return {
    node,
    pairs: ways.map((way) => pairOf(way, { ...not, life: way.from.life })),
    underlay: others.map((one) => ({ ...one, small: not.small, full: not.full, printed: [] })),
  };
}

function pairOf(way: Way, { life, ...told }: WayTold): Pair {
  return { from: { ...way.from, life }, to: way.to, ...told };
}

function untold(why: SafeText): WayTold & NodeTold {
  const not = { state: "not tried", why } as const;
  const full = { bytes: undefined, echo: not };
  return { life: "running", small: not, full, name: not, port: undefined, printed: [] };
}

/** What a container's own node told of it holds for both its ends. */
function withLives(pairs: readonly Pair[]): Pair[] {
  const lives = new Map<ContainerId, Life>(pairs.map(({ from }) => [from.container, from.life]));
  return pairs.map((pair) => {
    const life = lives.get(pair.to.container) ?? pair.to.life;
    return life === pair.to.life ? pair : { ...pair, to: { ...pair.to, life } };
  });
}

/** The address that carries the node's overlays: what it advertises, or where SSH finds it. */
export function underlayAddress(name: NodeName, seen: Snapshot): SafeText | undefined {
  const node = seen.nodes.get(name);
  if (node === undefined) return undefined;
  const { advertise, address } = node;
  if (advertise !== undefined && isAddress(advertise)) return advertise;
  const engine = lastSeen(node.engine);
  const told = [engine?.swarm.nodeAddress, engine?.advertise].map((one) => one?.replace(/:\d+$/, ""));
  const card = lastSeen(node.facts)?.interfaces.find((one) => one.name === advertise);
  const own = card?.addresses.map(withoutPrefix) ?? [];
  const found = [...told, ...own, address].find((one) => one !== undefined && one !== "" && isAddress(one));
  return found === undefined ? undefined : clean(found);
}
