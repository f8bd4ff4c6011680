import type { EngineNetwork } from "../engine.ts";
import type { HostFacts } from "../host.ts";
import { isSubnet, networkOf, subnetsOverlap } from "../subnets.ts";
import { type SafeText, text } from "../text.ts";

/** A subnet that something uses: a route or an address of a machine, a network of an engine or of the draft. */
export interface Used {
  subnet: string;
  /** "a route of node103 through ens33" */
  by: SafeText;
}

/** A machine as far as its subnets go. */
export interface Machine {
  name: SafeText;
  facts: HostFacts;
  networks: readonly EngineNetwork[];
}

/** What the machines route, have addresses in, and have networks of their engines on. */
export function usedBy(machines: readonly Machine[]): Used[] {
  return machines.flatMap(({ name, facts, networks }) => [
    // Networks first: a bridge of Docker's is a route and an address too, and its name tells more.
    ...networks.flatMap((network) =>
      network.subnets.map(({ subnet }) => ({
        subnet,
        by: text`the ${network.driver} network ${network.name} of ${name}`,
      })),
    ),
    ...facts.routes
      .filter((route) => route.destination !== "default")
      .map((route) => ({
        subnet: route.destination.includes("/") ? route.destination : `${route.destination}/32`,
        by: text`a route of ${name} through ${route.device}`,
      })),
    ...facts.interfaces.flatMap((link) =>
      link.addresses.flatMap((address) => {
        const subnet = networkOf(address);
        return subnet === undefined ? [] : [{ subnet, by: text`${link.name} of ${name}` }];
      }),
    ),
  ]);
}

/** What uses an address of `subnet`; undefined when nothing does or it is no subnet. */
export const clashOf = (subnet: string, used: readonly Used[]): Used | undefined =>
  isSubnet(subnet) ? used.find((one) => subnetsOverlap(subnet, one.subnet)) : undefined;

/** Third bytes, 10 first: the classic procedure has 10.10.10.0/24. */
const thirds = [10, ...Array.from({ length: 256 }, (_, third) => third).filter((third) => third !== 10)];
const proposals = ["10.10", "172.30", "192.168"].flatMap((first) => thirds.map((third) => `${first}.${third}.0/24`));

/** The first /24 of 10.10.0.0/16, then of 172.30.0.0/16 and 192.168.0.0/16, that nothing uses; "" when all are used. */
export const freeSubnet = (used: readonly Used[]): string =>
  proposals.find((one) => clashOf(one, used) === undefined) ?? "";
