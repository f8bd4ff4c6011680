import { interfaceOf } from "../findings/advertised.ts";
import type { HostFacts, Interface } from "../host.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { isAddress, withoutPrefix } from "../subnets.ts";
import { clean, type SafeText } from "../text.ts";

/** Where a node's cluster traffic goes. */
export interface Advertise {
  /** As it is configured: an interface, so that it follows a change of address, or the address of ovl.yaml. */
  said: SafeText;
  link: Interface;
  /** The address that it means now. */
  address: SafeText;
}

/** Port in cluster-advertise: libnetwork takes only the host of it (moby libnetwork/hostdiscovery), nothing has to listen there. */
export const advertisePort = 2376;

/**
 * What the node advertises by ovl.yaml: the interface's first IPv4 address, as dockerd takes it (moby pkg/discovery
 * ParseAdvertise), or the address itself; else the interface that the machine's default route leaves by, else the one
 * that SSH reaches. Undefined when the machine has no such thing.
 */
export function advertiseOf(
  { advertise, address }: Pick<NodeSnapshot, "advertise" | "address">,
  facts: HostFacts,
): Advertise | undefined {
  if (advertise !== undefined) return advertiseBy(facts, advertise);
  const way = facts.routes.find((route) => route.destination === "default")?.device;
  return (way === undefined ? undefined : advertiseBy(facts, way)) ?? advertiseBy(facts, address);
}

function advertiseBy({ interfaces }: HostFacts, said: SafeText): Advertise | undefined {
  const link = interfaceOf(interfaces, said);
  if (link === undefined) return undefined;
  const address = isAddress(said) ? said : firstAddress(link);
  return address === undefined ? undefined : { said: isAddress(said) ? said : link.name, link, address };
}

const firstAddress = (link: Interface): SafeText | undefined =>
  link.addresses.map((one) => clean(withoutPrefix(one))).find((one) => isAddress(one) && !one.includes(":"));

/** host:port, with an IPv6 address in brackets. */
export const hostPort = (host: string, port: number): SafeText =>
  clean(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
