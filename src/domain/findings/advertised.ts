import type { Interface } from "../host.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { isAddress, withoutPrefix } from "../subnets.ts";
import { clean, type SafeText } from "../text.ts";

/** Interface or address of "ens33:2376", "192.168.44.103:2376" or "[fd00::1]:2376". */
export const withoutPort = (advertise: SafeText): SafeText =>
  clean(advertise.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"));

/** The machine's interface that `said` names, or that has it as address; undefined when there is none. */
export const interfaceOf = (links: readonly Interface[], said: SafeText): Interface | undefined =>
  links.find((link) => link.name === said || link.addresses.some((address) => withoutPrefix(address) === said));

/** Whether the machine can be asked for `said`: where `ip` is missing, interfaces have names and no addresses. */
export const canTell = (links: readonly Interface[], said: SafeText): boolean =>
  links.length > 0 && (!isAddress(said) || links.some((link) => link.addresses.length > 0));

/** What dockerd's configuration says to advertise, as its files or command line have it. */
export const configuredAdvertise = (node: NodeSnapshot): SafeText | undefined =>
  lastSeen(node.daemon)?.flags.find((flag) => flag.name === "cluster-advertise")?.value;

/** The interface that carries the node's cluster traffic: by what the engine advertises, else by its files, else by ovl.yaml. */
export function clusterInterface(node: NodeSnapshot): Interface | undefined {
  const links = lastSeen(node.facts)?.interfaces ?? [];
  const engine = lastSeen(node.engine);
  const said = engine?.swarm.nodeAddress ?? engine?.advertise ?? configuredAdvertise(node) ?? node.advertise;
  return said === undefined ? undefined : interfaceOf(links, withoutPort(said));
}
