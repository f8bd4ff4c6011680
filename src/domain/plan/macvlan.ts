import type { Finding } from "../finding.ts";
import type { NetworkSpec } from "../spec/spec.ts";
import { subnetContains, subnetsOverlap, withoutPrefix } from "../subnets.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import type { Drafted } from "./make-step.ts";
import { nameTaken, networkStep, presentOn, subnetDiffers } from "./networks.ts";
import { firstAddressOf, rangesFor, rangesOverlap } from "./ranges.ts";
import { obstacleOn, type Site } from "./site.ts";

/**
 * The steps that make a macvlan on every node that lacks it: one subnet, and a part of it for each engine to give addresses
 * from, since none of them knows what the others gave. Ranges that are there stay, so a node may be added at any time.
 */
export function draftMacvlan(network: NetworkSpec, sites: readonly Site[]): Drafted {
  const { name, subnet } = network;
  const present = presentOn(name, sites);
  const obstacles = [
    ...present.flatMap(({ site, one }) => {
      const wrong =
        one.driver === "macvlan" ? subnetDiffers(network, one) : [text`its driver is ${one.driver}, not macvlan`];
      return wrong.length === 0 ? [] : [nameTaken(site, name, wrong)];
    }),
    ...sites.flatMap((site) => (hasParent(site, parentOf(network, site)) ? [] : [noParent(site, network)])),
  ];
  if (obstacles.length > 0) return { steps: [], obstacles };
  const missing = sites.filter((site) => !present.some((one) => one.site === site));
  if (missing.length === 0) return { steps: [], obstacles: shared(network, present) };
  if (subnet === undefined || subnet.includes(":")) return { steps: [], obstacles: [noSubnet(name)] };
  const had = new Map(
    present.flatMap(({ site, one }) =>
      one.subnets.map((each) => [site.name as string, each.range ?? each.subnet] as const),
    ),
  );
  const gateway = network.gateway ?? clean(firstAddressOf(subnet) ?? "");
  const machines = sites.flatMap((site) => site.facts.interfaces.flatMap((link) => link.addresses.map(withoutPrefix)));
  const kept = [gateway, ...machines].filter((address) => subnetContains(subnet, address));
  const ranges = rangesFor(
    subnet,
    sites.map((site) => site.name),
    had,
    kept,
  );
  const steps = missing.flatMap((site) => {
    const range = ranges.get(site.name);
    if (range === undefined) return [];
    const definition = {
      ...{ name, driver: "macvlan" as const, subnet, gateway, range, parent: parentOf(network, site) },
      ...{ mtu: network.mtu, attachable: false },
    };
    return [networkStep(site, definition, [], [])];
  });
  const without = missing.filter((site) => ranges.get(site.name) === undefined);
  return {
    steps,
    obstacles: [
      ...(without.length === 0 ? [] : [noRange(network, without)]),
      ...shared(network, present),
      ...(steps.length === 0 ? [] : onTheSameWire(network, subnet, missing)),
    ],
  };
}

const parentOf = ({ parent }: NetworkSpec, site: Site): SafeText => parent ?? site.advertise.link.name;

/** "eth0.50" is made by Docker itself of eth0 (moby libnetwork/drivers/macvlan/macvlan_setup.go). */
const hasParent = ({ facts }: Site, parent: SafeText): boolean =>
  facts.interfaces.some((link) => link.name === parent || link.name === parent.replace(/\.\d+$/, ""));

const noParent = (site: Site, network: NetworkSpec): Finding =>
  obstacleOn(
    site.name,
    "macvlan-parent-missing",
    text`${site.name} has no interface ${parentOf(network, site)} for ${network.name}`,
    {
      evidence: [text`it has ${joined(site.facts.interfaces.map((link) => link.name))}`],
      remedy: text`Correct parent of ${network.name} in ovl.yaml, or leave it out: then it is each node's advertise interface.`,
    },
  );

const noSubnet = (name: SafeText): Finding =>
  obstacleOn(undefined, "macvlan-subnet", text`The macvlan ${name} has no IPv4 subnet`, {
    remedy: text`Write the subnet of the wire under "subnet:" of ${name} in ovl.yaml: each engine gets a part of it of its own.`,
  });

const noRange = ({ name, subnet }: NetworkSpec, sites: readonly Site[]): Finding =>
  obstacleOn(
    sites.length === 1 ? sites[0]?.name : undefined,
    "macvlan-range",
    text`No part of ${subnet ?? text`the subnet`} is free for ${joined(sites.map((one) => one.name))}`,
    {
      evidence: [text`${name} gives every engine a range of its own, without the addresses that machines have`],
      remedy: text`Use a larger subnet for ${name}, or make the network anew with smaller ranges.`,
    },
  );

/** Engines that give addresses from one range give the same address twice, sooner or later. */
function shared({ name }: NetworkSpec, present: ReturnType<typeof presentOn>): Finding[] {
  const ranges = present.flatMap(({ site, one }) =>
    one.subnets.map((each) => ({ site, range: each.range ?? each.subnet })),
  );
  const clash = ranges.find((a, i) =>
    ranges.slice(i + 1).some((b) => a.site !== b.site && rangesOverlap(a.range, b.range)),
  );
  if (clash === undefined) return [];
  return [
    {
      id: "macvlan-range",
      severity: "warning",
      title: text`Engines give addresses of ${name} from the same range`,
      node: undefined,
      evidence: ranges.map(({ site, range }) => text`${site.name}: ${range}`),
      remedy: text`Remove ${name} on all nodes but one once no container uses it, and apply again: each then gets a range of its own.`,
    },
  ];
}

/** The containers live on the machines' own wire: whoever else gives addresses there has to know. */
function onTheSameWire({ name }: NetworkSpec, subnet: string, sites: readonly Site[]): Finding[] {
  const own = sites.flatMap((site) => site.advertise.link.addresses).find((one) => subnetsOverlap(one, subnet));
  if (own === undefined) return [];
  return [
    {
      id: "macvlan-shares-subnet",
      severity: "info",
      title: text`${name} takes its addresses from the machines' own subnet`,
      node: undefined,
      evidence: [text`${clean(subnet)} holds ${own}`],
      remedy: text`See that no DHCP server and no other machine uses the ranges that the plan shows.`,
    },
  ];
}
