import ipaddr from "ipaddr.js";

/** An IPv4 subnet as numbers. */
interface Block {
  first: number;
  /** How many addresses. */
  size: number;
}

/** Fewest addresses worth giving to one engine: network and broadcast of a small subnet would eat up less. */
const smallestRange = 4;

/**
 * A part of `subnet` for each of `names`, disjoint, none holding one of `kept` (addresses that machines have). Those that
 * have a range keep it; the others get the next free one of a grid wide enough that as many nodes again find a place.
 * Undefined for a name when there is no room. IPv4 only.
 */
export function rangesFor(
  subnet: string,
  names: readonly string[],
  existing: ReadonlyMap<string, string>,
  kept: readonly string[],
): Map<string, string | undefined> {
  const net = blockOf(subnet);
  const found = new Map<string, string | undefined>(names.map((name) => [name, existing.get(name)]));
  if (net === undefined) return found;
  const had = [...existing.values()].flatMap((range) => blockOf(range) ?? []);
  const taken = [...had, ...kept.flatMap((address) => blockOf(`${address}/32`) ?? [])];
  // A range that is there gives the grid its step, so that a node that comes later fits in between.
  const size = Math.min(...had.map((one) => one.size), stepFor(net, names.length));
  for (const name of names) {
    if (found.get(name) !== undefined) continue;
    const free = freeBlock(net, size, taken);
    if (free === undefined) continue;
    taken.push(free);
    found.set(name, spelled(free));
  }
  return found;
}

/** Whether two ranges share an address. */
export function rangesOverlap(a: string, b: string): boolean {
  const [one, other] = [blockOf(a), blockOf(b)];
  return one !== undefined && other !== undefined && overlap(one, other);
}

const overlap = (a: Block, b: Block): boolean => a.first < b.first + b.size && b.first < a.first + a.size;

/** Twice as many parts as there are nodes, eight at least; a power of two. */
function stepFor(net: Block, nodes: number): number {
  const parts = Math.max(8, 2 ** Math.ceil(Math.log2(2 * Math.max(1, nodes))));
  return Math.max(smallestRange, net.size / parts);
}

/** From the top: what hands out addresses in a subnet by hand mostly begins at the bottom. */
function freeBlock(net: Block, size: number, taken: readonly Block[]): Block | undefined {
  // A grid is never finer than this, however large the subnet.
  const most = Math.min(65_536, Math.floor(net.size / size));
  for (let i = 1; i <= most; i += 1) {
    const block = { first: net.first + net.size - i * size, size };
    if (!taken.some((one) => overlap(one, block))) return block;
  }
  return undefined;
}

function blockOf(cidr: string): Block | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return undefined;
  const [, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const bytes = ipaddr.IPv4.networkAddressFromCIDR(cidr).toByteArray();
  return { first: bytes.reduce((sum, byte) => sum * 256 + byte, 0), size: 2 ** (32 - bits) };
}

function spelled({ first, size }: Block): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${bytes.join(".")}/${32 - Math.log2(size)}`;
}

/** The first address that a machine can have in `subnet`; undefined when it is no IPv4 subnet. */
export function firstAddressOf(subnet: string): string | undefined {
  const net = blockOf(subnet);
  return net === undefined ? undefined : spelled({ first: net.first + 1, size: 1 }).replace("/32", "");
}
