import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Subnet = readonly [Address, number];

/** Whether `raw` is an IPv4 address of four decimal parts or an IPv6 address, without prefix length. */
export const isAddress = (raw: string): boolean => addressOf(raw) !== undefined;

/** Whether `raw` is an address with a prefix length: "10.10.10.0/24"; host bits may be set. */
export const isSubnet = (raw: string): boolean => subnetOf(raw) !== undefined;

/** "192.168.44.103/24" as its network, "192.168.44.0/24"; undefined when it is no subnet. */
export function networkOf(raw: string): string | undefined {
  const subnet = subnetOf(raw);
  if (subnet === undefined) return undefined;
  const family = subnet[0].kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(raw)}/${subnet[1]}`;
}

/** "192.168.44.103/24" as "192.168.44.103"; an address without prefix length as it is. */
export const withoutPrefix = (raw: string): string => raw.slice(0, raw.includes("/") ? raw.indexOf("/") : undefined);

/** Whether `address` lies in `subnet`; false when either cannot be read or their families differ. */
export function subnetContains(subnet: string, address: string): boolean {
  const [net, one] = [subnetOf(subnet), addressOf(address)];
  return net !== undefined && one !== undefined && contains(net, one);
}

/** Whether the subnets share an address; false when either cannot be read or their families differ. */
export function subnetsOverlap(a: string, b: string): boolean {
  const [one, other] = [subnetOf(a), subnetOf(b)];
  if (one === undefined || other === undefined) return false;
  // Prefixes nest or are disjoint: the shorter one, if any, holds the other.
  return one[1] <= other[1] ? contains(one, other[0]) : contains(other, one[0]);
}

/**
 * How many containers a network can have in `subnet`: its addresses without network, broadcast (IPv4) and gateway,
 * so 253 in a /24. 0 when it cannot be read or is too small; a large IPv6 subnet's count is as exact as a double.
 */
export function poolSize(subnet: string): number {
  const net = subnetOf(subnet);
  if (net === undefined) return 0;
  const [bits, kept] = net[0].kind() === "ipv4" ? [32, 3] : [128, 2];
  return Math.max(0, 2 ** (bits - net[1]) - kept);
}

/** Order for sorting: IPv4 before IPv6, by number within; what is no address comes last, by its text. */
export function compareAddresses(a: string, b: string): number {
  const [one, other] = [bytesOf(a), bytesOf(b)];
  if (one === undefined || other === undefined) {
    if (one !== other) return one === undefined ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (one.length !== other.length) return one.length - other.length;
  const differs = one.findIndex((byte, i) => byte !== other[i]);
  return differs < 0 ? 0 : (one[differs] ?? 0) - (other[differs] ?? 0);
}

const bytesOf = (raw: string): number[] | undefined => addressOf(withoutPrefix(raw))?.toByteArray();

const contains = (net: Subnet, address: Address): boolean =>
  net[0].kind() === address.kind() && address.match([net[0], net[1]]);

/** What was read before: a snapshot's addresses are asked for many times a second. Emptied when it grows past any cluster. */
function remembered<T>(read: (raw: string) => T): (raw: string) => T {
  const known = new Map<string, T>();
  return (raw) => {
    const before = known.get(raw);
    if (before !== undefined || known.has(raw)) return before as T;
    if (known.size > 50_000) known.clear();
    const value = read(raw);
    known.set(raw, value);
    return value;
  };
}

// ipaddr.js also reads "10.1" and "0x7f.1" as IPv4, as inet_aton does; nothing that we read is written so.
const addressOf = remembered((raw): Address | undefined => {
  if (ipaddr.IPv4.isValidFourPartDecimal(raw)) return ipaddr.IPv4.parse(raw);
  return ipaddr.IPv6.isValid(raw) ? ipaddr.IPv6.parse(raw) : undefined;
});

const subnetOf = remembered((raw): Subnet | undefined => {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(raw)) return ipaddr.IPv4.parseCIDR(raw);
  return ipaddr.IPv6.isValidCIDR(raw) ? ipaddr.IPv6.parseCIDR(raw) : undefined;
});
