import type { NodeName } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { advertiseOf } from "./advertise.ts";
import { decideMode } from "./mode.ts";
import { defaultImages, memberPorts } from "./store-container.ts";
import type { ReachAsked } from "./survey.ts";
import { managerPort } from "./swarm.ts";

/** Gossip of both ways of joining (serf, NetworkDB), and VXLAN's own port (RFC 7348 is newer: IANA's 4789). */
export const gossipPort = 7946;
export const vxlanPort = 4789;

/** Which ports each node should try on which peers before a plan is made; addresses as far as the snapshot tells them. */
export function reachWanted(spec: Spec, seen: Snapshot): ReadonlyMap<NodeName, ReachAsked[]> {
  const addresses = addressesOf(spec, seen);
  const decision = decideMode(spec, seen);
  const mode = "mode" in decision ? decision.mode : undefined;
  const overlays = spec.networks.some((network) => network.driver === "overlay");
  const wanted = new Map<NodeName, ReachAsked[]>();
  for (const from of addresses.keys()) {
    const asked: ReachAsked[] = [];
    for (const [node, address] of addresses) {
      if (node === from) continue;
      const ask = (protocol: ReachAsked["protocol"], port: number) => asked.push({ node, address, protocol, port });
      if (mode === "cluster-store") for (const port of storePorts(spec, from, node)) ask(port.protocol, port.port);
      if (overlays || spec.store !== undefined) {
        ask("tcp", gossipPort);
        // Engines that have met use these ports; a try would tell nothing, and gossip complains of each in its log.
        if (!hasJoined(seen, from) || !hasJoined(seen, node)) {
          ask("udp", gossipPort);
          ask("udp", vxlanPort);
        }
      }
      if (mode === "swarm" && overlays && node === firstManager(spec, seen)) ask("tcp", managerPort);
    }
    wanted.set(from, asked);
  }
  return wanted;
}

function hasJoined(seen: Snapshot, name: NodeName): boolean {
  const node = seen.nodes.get(name);
  const engine = node === undefined ? undefined : lastSeen(node.engine);
  return engine !== undefined && (engine.swarm.state === "active" || (engine.store ?? "") !== "");
}

/** Advertise addresses by node; a node that does not tell its interfaces is left out. */
function addressesOf(spec: Spec, seen: Snapshot): Map<NodeName, string> {
  return new Map(
    spec.nodes.flatMap(({ name }) => {
      const node = seen.nodes.get(name);
      const facts = node === undefined ? undefined : lastSeen(node.facts);
      const found = node === undefined || facts === undefined ? undefined : advertiseOf(node, facts);
      return found === undefined ? [] : [[name, found.address] as const];
    }),
  );
}

/** The clients' port of a server, and what servers and agents need of each other. */
function storePorts({ store }: Spec, from: NodeName, to: NodeName): Omit<ReachAsked, "node" | "address">[] {
  if (store === undefined || store.at !== "nodes" || !store.nodes.includes(to)) return [];
  const clients = [{ protocol: "tcp" as const, port: store.port }];
  // One server alone is asked by engines only.
  if (store.nodes.length < 2 || (store.kind !== "consul" && !store.nodes.includes(from))) return clients;
  const { tcp, udp } = memberPorts(store.kind, store.image ?? defaultImages[store.kind]);
  return [
    ...clients,
    ...tcp.map((port) => ({ protocol: "tcp" as const, port })),
    ...udp.map((port) => ({ protocol: "udp" as const, port })),
  ];
}

/** The manager that the others join by, standing or to be. */
function firstManager(spec: Spec, seen: Snapshot): NodeName | undefined {
  return seen.swarm?.via ?? spec.nodes[0]?.name;
}
