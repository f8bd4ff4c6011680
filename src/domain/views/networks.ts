import type { Container, EngineNetwork } from "../engine.ts";
import type { NodeName } from "../ids.ts";
import type { EndpointRecord, Membership } from "../membership.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { poolSize, subnetContains } from "../subnets.ts";
import { compareNames, type SafeText, text } from "../text.ts";
import type { Instant } from "../time.ts";
import { heldAttachments } from "./containers.ts";

/** A network as the engines have it, its VXLAN network identifiers from the engine (swarm) or the store. */
export interface NetworkRow
  extends Pick<
    EngineNetwork,
    "id" | "name" | "driver" | "scope" | "vnis" | "mtu" | "parent" | "attachable" | "internal" | "encrypted"
  > {
  key: string;
  subnets: readonly SubnetUse[];
  /** The nodes whose engines list it, of all. */
  nodes: readonly NodeName[];
  allNodes: number;
  /** Worked out when they are first asked for: of a large network there are many, and few ever look at them. */
  readonly endpoints: readonly EndpointRow[];
  /** Set when no node that has it can be asked now: the time it was last seen. */
  staleAt: Instant | undefined;
}

export interface SubnetUse {
  subnet: SafeText;
  gateway: SafeText | undefined;
  /** Addresses that containers hold. */
  used: number;
  /** Addresses that containers can have: without network, broadcast and gateway. */
  size: number;
}

/** One container's place on a network, from its engine, or from the store where its engine cannot be asked. */
export interface EndpointRow {
  key: string;
  container: SafeText;
  address: SafeText | undefined;
  mac: SafeText | undefined;
  /** The node's name; an engine's address when it is none of ours. */
  node: SafeText;
  source: "engine" | "store";
}

/** Networks of all nodes, one row each however many engines list it: overlays first. Host and null networks are left out. */
export function networkRows(snapshot: Snapshot): NetworkRow[] {
  const groups = new Map<string, { network: EngineNetwork; seen: Seen[] }>();
  for (const node of snapshot.nodes.values()) {
    for (const network of lastSeen(node.networks) ?? []) {
      if (network.driver === "host" || network.driver === "null") continue;
      const key = network.scope === "local" ? `${network.driver} ${network.name}` : network.id;
      const group = groups.get(key) ?? { network, seen: [] };
      group.seen.push({ network, node: node.name, staleAt: staleAt(snapshot, node, network) });
      groups.set(key, group);
    }
  }
  const membership = snapshot.membership === undefined ? undefined : lastSeen(snapshot.membership);
  const attached = attachedTo(snapshot);
  return [...groups]
    .map(([key, { network, seen }]) => row(key, network, seen, snapshot, membership, attached))
    .sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
}

interface Seen {
  network: EngineNetwork;
  node: NodeName;
  staleAt: Instant | undefined;
}

function row(
  key: string,
  network: EngineNetwork,
  seen: readonly Seen[],
  snapshot: Snapshot,
  membership: Membership | undefined,
  attached: Attached,
): NetworkRow {
  const record = membership?.overlays.find((one) => one.id === network.id);
  const ids = new Set(seen.map((one) => one.network.id));
  const attachedHere = [...ids].flatMap((id) => attached.get(id) ?? []);
  const recorded = membership?.endpoints.filter((one) => ids.has(one.network)) ?? [];
  let endpoints: readonly EndpointRow[] | undefined;
  const stale = seen.map((one) => one.staleAt).filter((at) => at !== undefined);
  return {
    key,
    id: network.id,
    name: network.name,
    driver: network.driver,
    scope: network.scope,
    subnets: network.subnets.map(({ subnet, gateway }) => ({
      subnet,
      gateway,
      used: usedIn(subnet, network, attachedHere, recorded),
      size: poolSize(subnet),
    })),
    vnis:
      network.vnis.length > 0 ? network.vnis : (record?.subnets.map((one) => one.vni).filter((vni) => vni > 0) ?? []),
    mtu: network.mtu ?? record?.mtu,
    parent: network.parent,
    attachable: network.attachable,
    internal: network.internal,
    encrypted: network.encrypted,
    nodes: seen.map((one) => one.node),
    allNodes: snapshot.nodes.size,
    get endpoints() {
      endpoints ??= withStore(attachedHere.flat(), recorded, snapshot);
      return endpoints;
    },
    staleAt: stale.length === seen.length ? Math.max(...stale) : undefined,
  };
}

/** How many addresses of the subnet are held; two containers with one address hold one. */
function usedIn(
  subnet: SafeText,
  network: EngineNetwork,
  attached: readonly (readonly EndpointRow[])[],
  recorded: readonly EndpointRecord[],
): number {
  const addresses = new Set<SafeText>();
  for (const rows of attached) for (const { address } of rows) if (address !== undefined) addresses.add(address);
  for (const { address } of recorded) if (address !== undefined) addresses.add(address);
  // All addresses of a network over all nodes are of its one subnet; bridges of one name are each node's own.
  if (network.scope !== "local" && network.subnets.length === 1) return addresses.size;
  let used = 0;
  for (const address of addresses) if (subnetContains(subnet, address)) used += 1;
  return used;
}

/** A global network is only as fresh as the store that it lives in. */
function staleAt(snapshot: Snapshot, node: NodeSnapshot, network: EngineNetwork): Instant | undefined {
  if (node.networks.state === "stale") return node.networks.at;
  const store = snapshot.membership;
  return network.scope === "global" && store?.state === "stale" ? store.at : undefined;
}

/** Endpoints by network id, as the engines tell them: each engine's own. */
type Attached = ReadonlyMap<string, readonly (readonly EndpointRow[])[]>;

function attachedTo(snapshot: Snapshot): Attached {
  const byNetwork = new Map<string, (readonly EndpointRow[])[]>();
  for (const node of snapshot.nodes.values()) {
    const containers = lastSeen(node.containers);
    if (containers === undefined) continue;
    const own = known.get(containers) ?? endpointsAt(node.name, containers.values());
    known.set(containers, own);
    for (const [network, rows] of own) {
      const all = byNetwork.get(network);
      if (all === undefined) byNetwork.set(network, [rows]);
      else all.push(rows);
    }
  }
  return byNetwork;
}

/** A node whose containers did not change has the endpoints that it had. */
const known = new WeakMap<object, ReadonlyMap<string, readonly EndpointRow[]>>();

function endpointsAt(node: NodeName, containers: Iterable<Container>): Map<string, EndpointRow[]> {
  const byNetwork = new Map<string, EndpointRow[]>();
  for (const container of containers) {
    for (const { networkId, address, mac } of heldAttachments(container)) {
      if (networkId === undefined) continue;
      const rows = byNetwork.get(networkId) ?? [];
      const key = `${container.id} ${networkId}`;
      rows.push({ key, container: container.name, address, mac, node, source: "engine" });
      byNetwork.set(networkId, rows);
    }
  }
  return byNetwork;
}

/** In the order of their names; they are kept unsorted, because few ever look at them all. */
export const sortedEndpoints = (row: NetworkRow): readonly EndpointRow[] =>
  [...row.endpoints].sort((a, b) => compareNames(a.container, b.container));

/** What the engines tell, and what only the store has. */
function withStore(
  attached: readonly EndpointRow[],
  recorded: readonly EndpointRecord[],
  snapshot: Snapshot,
): readonly EndpointRow[] {
  if (recorded.length === 0) return attached;
  const told = new Set(attached.map((one) => `${one.container} ${one.address}`));
  const alone = recorded.filter((one) => !told.has(`${one.name} ${one.address}`));
  const fromStore = alone.map(
    (one): EndpointRow => ({
      key: `store ${one.id}`,
      container: one.name,
      address: one.address,
      mac: one.mac,
      node: nodeAt(snapshot, one.locator) ?? one.locator ?? text`unknown`,
      source: "store",
    }),
  );
  return [...attached, ...fromStore];
}

/** The node whose engine advertises `address`. */
function nodeAt(snapshot: Snapshot, address: SafeText | undefined): SafeText | undefined {
  if (address === undefined) return undefined;
  for (const node of snapshot.nodes.values()) {
    const advertised = lastSeen(node.engine)?.advertise;
    if (advertised !== undefined && advertised.slice(0, advertised.lastIndexOf(":")) === address) return node.name;
  }
  return undefined;
}

function rank(network: NetworkRow): number {
  if (network.driver === "overlay") return network.name === "ingress" ? 1 : 0;
  return network.driver === "macvlan" ? 2 : 3;
}
