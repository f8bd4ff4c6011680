import type { HostFacts } from "../host.ts";
import { isSubnet, networkOf, subnetsOverlap } from "../subnets.ts";
import { type SafeText, text } from "../text.ts";

/** Subnets that something uses: routes and addresses of machines, networks of engines. */
export interface Used {
  subnet: string;
  /** "route of node103 through ens33" */
  by: SafeText;
}

/** What the machines route or have addresses in. */
export function usedBy(machines: readonly { name: SafeText; facts: HostFacts }[]): Used[] {
  return machines.flatMap(({ name, facts }) => [
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

/** 10.10.10.0/24, as the classic procedure has it, or the next /24 of 10.10.0.0/16 that nothing uses, then of 172.30.0.0/16. */
export function freeSubnet(used: readonly Used[]): string {
  const candidates = [10, ...Array.from({ length: 256 }, (_, third) => third)].flatMap((third) => [
    `10.10.${third}.0/24`,
  ]);
  const more = Array.from({ length: 256 }, (_, third) => `172.30.${third}.0/24`);
  return [...candidates, ...more].find((one) => clashOf(one, used) === undefined) ?? "10.10.10.0/24";
}
