import type { Finding } from "../../finding.ts";
import { overlappingRoutes } from "../../findings/overlay-overlaps-route.ts";
import { subnetsOverlap } from "../../subnets.ts";
import { clean, type SafeText, text } from "../../text.ts";
import type { CreateNetwork, NetworkDefinition } from "../change.ts";
import { obstacleOn, type Site } from "../site.ts";
import type { Ahead, Preflight } from "./ahead.ts";

/** The subnet of a new swarm's own ingress network (docker swarm init --default-addr-pool, 10.0.0.0/8 in parts of /24). */
const ingressSubnet = "10.0.0.0/24";

/** Subnets of networks to be made that a machine routes elsewhere, or that another network has. */
export const subnetsTaken: Preflight = (ahead) => {
  const made = new Map(
    ahead.steps
      .map(({ change }) => change)
      .filter((change): change is CreateNetwork => change.kind === "create-network")
      .map(({ definition }) => [definition.name, definition]),
  );
  return [...made.values()].flatMap((definition) => clashes(ahead, definition));
};

function clashes({ sites, steps }: Ahead, definition: NetworkDefinition): Finding[] {
  const { name, subnet, driver } = definition;
  if (subnet === undefined) return [];
  const evidence = sites.flatMap((site) => [...routes(site, subnet, definition), ...networks(site, subnet, name)]);
  const begins = steps.some(({ change }) => change.kind === "init-swarm");
  if (driver === "overlay" && begins && subnetsOverlap(subnet, ingressSubnet)) {
    evidence.push(text`the new swarm's ingress network takes ${clean(ingressSubnet)}`);
  }
  if (evidence.length === 0) return [];
  return [
    obstacleOn(undefined, "subnet-overlaps", text`The subnet ${clean(subnet)} of ${clean(name)} is in use`, {
      evidence: [...new Set(evidence)],
      remedy: text`Choose a subnet for ${clean(name)} in ovl.yaml that no node routes and no other network has.`,
    }),
  ];
}

/** A macvlan is meant to be the wire that its parent is on. */
function routes({ name, facts }: Site, subnet: string, { driver, parent }: NetworkDefinition): SafeText[] {
  const others = facts.routes.filter(({ device }) => driver !== "macvlan" || device !== parent);
  return overlappingRoutes({ ...facts, routes: others }, clean(subnet)).map((route) => text`${name} routes ${route}`);
}

function networks(site: Site, subnet: string, own: string): SafeText[] {
  return site.networks
    .filter((one) => one.name !== own)
    .flatMap((one) =>
      one.subnets
        .filter((each) => subnetsOverlap(each.subnet, subnet))
        .map((each) => text`${site.name} has the network ${one.name} with ${each.subnet}`),
    );
}
