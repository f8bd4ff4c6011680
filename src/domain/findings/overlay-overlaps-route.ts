import type { EngineNetwork } from "../engine.ts";
import type { HostFacts } from "../host.ts";
import type { NetworkId } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import { subnetsOverlap } from "../subnets.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Check, knownFacts, nodesOf } from "./check.ts";

/** An overlay whose subnet a machine reaches elsewhere: from containers, those addresses are the overlay's, so databases and name servers there vanish. */
export const overlayOverlapsRoute: Check = {
  id: "overlay-overlaps-route",
  find: (seen) => {
    const facts = knownFacts(seen);
    return overlaysOf(seen).flatMap((network) =>
      network.subnets.flatMap(({ subnet }) => {
        const clashes = facts.flatMap(({ node, value }) =>
          overlappingRoutes(value, subnet).map((route) => ({ node: node.name, route })),
        );
        if (clashes.length === 0) return [];
        const nodes = [...new Set(clashes.map((one) => one.node))];
        return [
          {
            severity: "warning" as const,
            title: text`${network.name} overlaps a route of ${joined(nodes)}: ${subnet}`,
            node: nodes.length === 1 ? nodes[0] : undefined,
            evidence: clashes.map(({ node, route }) => text`${node}: ${route}`),
            remedy: text`Create ${network.name} anew with a --subnet that no machine routes; until then its containers do not reach those addresses.`,
          },
        ];
      }),
    );
  },
};

function overlaysOf(seen: Snapshot): EngineNetwork[] {
  const byId = new Map<NetworkId, EngineNetwork>();
  for (const node of nodesOf(seen)) {
    for (const network of lastSeen(node.networks) ?? [])
      if (network.driver === "overlay") byId.set(network.id, network);
  }
  return [...byId.values()];
}

/** Routes of the machine that share addresses with `subnet`, the default one apart. */
export function overlappingRoutes(facts: HostFacts, subnet: SafeText): SafeText[] {
  return facts.routes
    .filter(({ destination }) => destination !== "default")
    .filter(({ destination }) => subnetsOverlap(subnet, destination.includes("/") ? destination : `${destination}/32`))
    .map(({ destination, device }) => text`${destination} through ${device}`);
}
