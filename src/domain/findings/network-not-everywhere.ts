import type { EngineNetwork } from "../engine.ts";
import { isUp } from "../link.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { joined, text } from "../text.ts";
import type { Instant } from "../time.ts";
import { type Check, graceMs, nodesOf } from "./check.ts";

/** An overlay of the store that one engine does not list: it reads another store or prefix, or lost the store. */
export const networkNotEverywhere: Check = {
  id: "network-not-everywhere",
  find: (seen) => {
    // Only the store can tell a network that is missing here from one that was just removed there.
    if (seen.membership?.state !== "fresh") return [];
    const recorded = new Set(seen.membership.value.overlays.map((one) => one.id));
    const engines = nodesOf(seen).flatMap((node) => classicNetworks(node));
    const networks = new Map(
      engines.flatMap(({ list }) => list.filter((one) => recorded.has(one.id)).map((one) => [one.id, one] as const)),
    );
    return [...networks.values()].flatMap((network) => {
      const since = createdAt(network, seen);
      const without = engines.filter(
        ({ list, at }) => !list.some((one) => one.id === network.id) && at > since + graceMs,
      );
      if (without.length === 0) return [];
      const holders = engines.filter(({ list }) => list.some((one) => one.id === network.id));
      return without.map(({ node }) => ({
        severity: "error",
        title: text`${node.name} does not see the network ${network.name}`,
        node: node.name,
        evidence: [
          text`listed by ${joined(holders.map((one) => one.node.name))}`,
          text`${node.name} uses the store ${lastSeen(node.engine)?.store ?? text`not told`}`,
        ],
        remedy: text`Compare cluster-store of ${node.name} with the others, prefix included, and see that it reaches the store; "systemctl restart docker" there reads it anew.`,
      }));
    });
  },
};

function classicNetworks(node: NodeSnapshot): { node: NodeSnapshot; list: readonly EngineNetwork[]; at: Instant }[] {
  const { networks, engine } = node;
  if (!isUp(node.link) || networks.state !== "fresh" || engine.state !== "fresh") return [];
  if (engine.value.mode !== "cluster-store") return [];
  return [{ node, list: networks.value.filter((one) => one.scope === "global"), at: networks.at }];
}

/** By the operator's clock; a list taken before cannot hold the network. Never, when the engine does not tell. */
function createdAt(network: EngineNetwork, seen: Snapshot): Instant {
  const node = seen.nodes.get(network.node);
  const facts = node === undefined ? undefined : lastSeen(node.facts);
  return network.createdAt === undefined
    ? Number.POSITIVE_INFINITY
    : network.createdAt - (facts?.clockDifferenceMs ?? 0);
}
