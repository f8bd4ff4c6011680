import ipaddr from "ipaddr.js";
import type { NodeName } from "../ids.ts";
import { firstAddressOf } from "../plan/ranges.ts";
import { isAddress, poolSize, subnetContains } from "../subnets.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { heldAttachments } from "../views/containers.ts";
import type { LaunchGround } from "./ground.ts";
import type { LaunchNetwork } from "./networks.ts";

/** Who has which address of a network, over the whole cluster. */
export type Holders = ReadonlyMap<string, SafeText>;

/**
 * Every address of the network that is somebody's: containers', as their engines and the store tell them; what the engines
 * keep themselves (gateways, a swarm's load balancers); the machines' own; and what the file keeps for its containers.
 */
export function holdersOn(network: LaunchNetwork, ground: LaunchGround): Holders {
  const before = known.get(ground) ?? new Map<string, Holders>();
  known.set(ground, before);
  const holders = before.get(network.name) ?? everyHolder(network, ground);
  before.set(network.name, holders);
  return holders;
}

/** A ground does not change: what one key asks for is there for the next. */
const known = new WeakMap<LaunchGround, Map<string, Holders>>();

function everyHolder(network: LaunchNetwork, ground: LaunchGround): Holders {
  const holders = new Map<string, SafeText>();
  const add = (address: string, holder: SafeText): void => {
    if (!holders.has(address)) holders.set(address, holder);
  };
  for (const { subnet, gateway } of network.subnets) {
    // Engines that were told no gateway take the first address.
    const router = gateway ?? firstAddressOf(subnet);
    if (router !== undefined) add(router, text`the network's gateway`);
  }
  for (const container of ground.containers) {
    for (const { address, networkId } of heldAttachments(container)) {
      if (address === undefined || networkId === undefined || !network.ids.has(networkId)) continue;
      add(address, text`${container.name} on ${container.node}`);
    }
  }
  for (const { address, network: id, name } of ground.records) {
    if (address !== undefined && network.ids.has(id)) add(address, text`${name}, as the store has it`);
  }
  for (const id of network.ids) {
    for (const { address, holder } of ground.held.get(id) ?? []) add(address, holder);
  }
  for (const node of ground.nodes) for (const address of node.addresses) add(address, text`the machine ${node.name}`);
  for (const one of ground.spec.containers) {
    if (one.address !== undefined && one.network === network.name) add(one.address, text`${one.name} of ovl.yaml`);
  }
  return holders;
}

/** Why a container named `name` cannot have the address; undefined when it can. */
export function addressProblem(
  address: string,
  name: string,
  network: LaunchNetwork,
  holders: Holders,
): SafeText | undefined {
  if (!isAddress(address)) return text`${clean(JSON.stringify(address))} is no address`;
  const subnet = network.subnets.find((one) => subnetContains(one.subnet, address));
  if (subnet === undefined) {
    return text`${clean(address)} is not in ${joined(network.subnets.map((one) => one.subnet))} of ${network.name}`;
  }
  if (isEdge(address, subnet.subnet)) return text`${clean(address)} is the network's or broadcast address`;
  const holder = holders.get(address);
  // The file may keep it for this very container.
  if (holder === undefined || holder === `${name} of ovl.yaml`) return undefined;
  return text`${clean(address)} is taken: ${holder}`;
}

/** How many addresses the engine of `node` could still give; undefined where nobody knows. */
export function freeCount(network: LaunchNetwork, node: NodeName | undefined, holders: Holders): number | undefined {
  const pools = poolsOf(network, node);
  if (pools.length === 0) return undefined;
  const held = [...holders.keys()];
  return pools.reduce((sum, { subnet, range }) => {
    const part = usable(subnet, range);
    // Nobody counts what an IPv6 subnet has.
    if (part === undefined) return sum + poolSize(subnet);
    const inside = held.filter((one) => !one.includes(":") && isWithin(numberOf(one), part)).length;
    return sum + Math.max(0, part.last - part.first + 1 - inside);
  }, 0);
}

/**
 * The next `count` addresses that nobody has, `from` itself first; of the range that the engine of `node` gives addresses
 * from, where it has one (macvlan). Fewer, or none, where there are no more; of
 * IPv6 only `from`.
 */
export function freeAddresses(
  network: LaunchNetwork,
  node: NodeName | undefined,
  holders: Holders,
  count: number,
  from?: string,
): SafeText[] {
  if (from?.includes(":") === true) return holders.has(from) ? [] : [clean(from)];
  const found: SafeText[] = [];
  for (const { subnet, range } of poolsOf(network, node)) {
    if (from !== undefined && !subnetContains(subnet, from)) continue;
    const part = usable(subnet, from === undefined ? range : undefined);
    if (part === undefined) continue;
    // What is held is skipped one by one, so this ends after as many steps as are held and wanted.
    for (let at = Math.max(part.first, from === undefined ? 0 : numberOf(from)); at <= part.last; at += 1) {
      if (found.length >= count) return found;
      const address = addressOf(at);
      if (!holders.has(address)) found.push(address);
    }
  }
  return found;
}

/** What the engine of `node` gives addresses from: ranges are an engine's own (macvlan). */
const poolsOf = (network: LaunchNetwork, node: NodeName | undefined): LaunchNetwork["subnets"] =>
  (node === undefined ? undefined : network.on.get(node))?.subnets ?? network.subnets;

/** The addresses of the range, or of the subnet without one, that a container can have. Undefined of IPv6. */
function usable(subnet: string, range: string | undefined): Block | undefined {
  const whole = blockOf(subnet);
  const part = range === undefined ? whole : blockOf(range);
  if (whole === undefined || part === undefined) return undefined;
  return { first: Math.max(part.first, whole.first + 1), last: Math.min(part.last, whole.last - 1) };
}

const isWithin = (number: number, { first, last }: Block): boolean => number >= first && number <= last;

interface Block {
  first: number;
  last: number;
}

function blockOf(cidr: string): Block | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return undefined;
  const first = ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
  const last = ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString();
  return { first: numberOf(first), last: numberOf(last) };
}

function isEdge(address: string, subnet: string): boolean {
  const block = address.includes(":") ? undefined : blockOf(subnet);
  return block !== undefined && [block.first, block.last].includes(numberOf(address));
}

const numberOf = (address: string): number =>
  ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0);

const addressOf = (number: number): SafeText =>
  clean([24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join("."));
