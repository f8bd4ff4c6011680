import type { Attachment, Container, EngineNetwork } from "../engine.ts";
import type { NetworkId, NodeName } from "../ids.ts";
import type { Membership } from "../membership.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { poolSize, subnetContains } from "../subnets.ts";
import { compareNames, type SafeText, text } from "../text.ts";
import type { Instant } from "../time.ts";
import { heldAttachments } from "./containers.ts";

export interface NetworkRow {
  key: string;
  id: NetworkId;
  name: SafeText;
  driver: SafeText;
  scope: SafeText;
  subnets: readonly SubnetUse[];
  /** VXLAN network identifiers, from the engine (swarm) or the store. */
  vnis: readonly number[];
  mtu: number | undefined;
  parent: SafeText | undefined;
  attachable: boolean;
  internal: boolean;
  encrypted: boolean;
  /** The nodes whose engines list it, of all. */
  nodes: readonly NodeName[];
  allNodes: number;
  endpoints: readonly EndpointRow[];
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
  attached: ReadonlyMap<string, EndpointRow[]>,
): NetworkRow {
  const record = membership?.overlays.find((one) => one.id === network.id);
  const endpoints = endpointsOf(seen, snapshot, membership, attached);
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
      used: new Set(
        endpoints.flatMap((one) =>
          one.address !== undefined && subnetContains(subnet, one.address) ? [one.address] : [],
        ),
      ).size,
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
    endpoints,
    staleAt: stale.length === seen.length ? Math.max(...stale) : undefined,
  };
}

/** A global network is only as fresh as the store that it lives in. */
function staleAt(snapshot: Snapshot, node: NodeSnapshot, network: EngineNetwork): Instant | undefined {
  if (node.networks.state === "stale") return node.networks.at;
  const store = snapshot.membership;
  return network.scope === "global" && store?.state === "stale" ? store.at : undefined;
}

/** Endpoints by network id, as the engines tell them. */
function attachedTo(snapshot: Snapshot): Map<string, EndpointRow[]> {
  const byNetwork = new Map<string, EndpointRow[]>();
  for (const node of snapshot.nodes.values()) {
    for (const container of lastSeen(node.containers)?.values() ?? []) {
      for (const place of heldAttachments(container)) {
        if (place.networkId === undefined) continue;
        const rows = byNetwork.get(place.networkId) ?? [];
        rows.push(endpointRow(node.name, container, place, place.networkId));
        byNetwork.set(place.networkId, rows);
      }
    }
  }
  return byNetwork;
}

/** A container that did not change has the endpoints that it had. */
const known = new WeakMap<Attachment, EndpointRow>();

function endpointRow(node: NodeName, container: Container, place: Attachment, network: NetworkId): EndpointRow {
  const before = known.get(place);
  if (before !== undefined) return before;
  const row: EndpointRow = {
    key: `${container.id} ${network}`,
    container: container.name,
    address: place.address,
    mac: place.mac,
    node,
    source: "engine",
  };
  known.set(place, row);
  return row;
}

/** In the order of their names; they are kept unsorted, because few ever look at them all. */
export const sortedEndpoints = (row: NetworkRow): readonly EndpointRow[] =>
  [...row.endpoints].sort((a, b) => compareNames(a.container, b.container));

function endpointsOf(
  seen: readonly Seen[],
  snapshot: Snapshot,
  membership: Membership | undefined,
  attached: ReadonlyMap<string, EndpointRow[]>,
): EndpointRow[] {
  const ids = new Set(seen.map((one) => one.network.id));
  const attachedHere = [...ids].flatMap((id) => attached.get(id) ?? []);
  if (membership === undefined || membership.endpoints.length === 0) return attachedHere;
  const told = new Set(attachedHere.map((one) => `${one.container} ${one.address}`));
  const recorded = membership.endpoints.filter(
    (one) => ids.has(one.network) && !told.has(`${one.name} ${one.address}`),
  );
  const fromStore = recorded.map(
    (one): EndpointRow => ({
      key: `store ${one.id}`,
      container: one.name,
      address: one.address,
      mac: one.mac,
      node: nodeAt(snapshot, one.locator) ?? one.locator ?? text`unknown`,
      source: "store",
    }),
  );
  return [...attachedHere, ...fromStore];
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
