import type { EngineNetwork } from "../engine.ts";
import type { Finding } from "../finding.ts";
import type { NetworkSpec } from "../spec/spec.ts";
import { networkOf } from "../subnets.ts";
import { clean, type SafeText, text } from "../text.ts";
import type { NetworkDefinition } from "./change.ts";
import { commandPreview, dockerNetworkCreate } from "./command.ts";
import { type Drafted, makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Step, StepId } from "./step.ts";

/** What VXLAN adds to a packet over IPv4: Ethernet, IP, UDP and its own header, bytes (RFC 7348). */
const vxlanBytes = 50;
/** What Docker takes an underlay for when nobody says, bytes. */
const usualMtu = 1500;

export interface OverlayGround {
  mode: "cluster-store" | "swarm";
  sites: readonly Site[];
  /** The node that is told to make it: any engine of a cluster store, a manager of a swarm. */
  maker: Site;
  /** What has to be done before an overlay can be made. */
  needs: readonly StepId[];
}

/** The step that makes an overlay, for all nodes at once; none when it is there. */
export function draftOverlay(network: NetworkSpec, { mode, sites, maker, needs }: OverlayGround): Drafted {
  const present = presentOn(network.name, sites);
  const differs = present.flatMap(({ site, one }) => different(network, site, one, mode));
  if (differs.length > 0) return { steps: [], obstacles: differs };
  if (present.length > 0)
    return {
      steps: [],
      obstacles: mtuDiffers(
        network,
        present.map(({ one }) => one),
      ),
    };
  const definition: NetworkDefinition = {
    ...{ name: network.name, driver: "overlay", subnet: network.subnet, gateway: network.gateway },
    ...{ range: undefined, parent: undefined, mtu: network.mtu ?? underlayMtu(sites), attachable: mode === "swarm" },
  };
  const classic = mode === "cluster-store";
  return {
    steps: [networkStep(maker, definition, classic ? sites.map((site) => site.name) : [], needs)],
    obstacles: [],
  };
}

/** The step that makes a network on the site's engine; `seenBy`: the nodes that have to list it then. */
export function networkStep(
  site: Site,
  definition: NetworkDefinition,
  seenBy: readonly Site["name"][],
  needs: readonly StepId[],
): Step {
  const name = clean(definition.name);
  const where = definition.driver === "overlay" ? text`` : text` on ${site.name}`;
  return makeStep({
    id: stepId(site.name, text`network`, name),
    node: site.name,
    title: text`create the ${clean(definition.driver)} network ${name}${where} (${clean(definition.range ?? definition.subnet ?? "a subnet of Docker's choice")})`,
    needs,
    change: { kind: "create-network", definition, seenBy },
    preview: [commandPreview(...dockerNetworkCreate(definition))],
    proof: seenBy.length > 0 ? text`every node lists it by the same id` : text`the engine lists it`,
    undo: text`it is removed again`,
  });
}

/** The networks of that name, node by node. */
export const presentOn = (name: SafeText, sites: readonly Site[]): { site: Site; one: EngineNetwork }[] =>
  sites.flatMap((site) => site.networks.filter((one) => one.name === name).map((one) => ({ site, one })));

/** What a network has to be to be the one of the spec; another one of its name is left alone. */
function different(network: NetworkSpec, site: Site, one: EngineNetwork, mode: OverlayGround["mode"]): Finding[] {
  const scope = mode === "swarm" ? "swarm" : "global";
  const wrong = [
    ...(one.driver === network.driver ? [] : [text`its driver is ${one.driver}, not ${clean(network.driver)}`]),
    ...subnetDiffers(network, one),
    ...(one.driver !== "overlay" || one.scope === scope
      ? []
      : [text`its scope is ${one.scope}: it is left over from another way of joining`]),
    ...(one.driver === "overlay" && mode === "swarm" && !one.attachable
      ? [text`containers of their own cannot join it: it was made without --attachable`]
      : []),
  ];
  return wrong.length === 0 ? [] : [nameTaken(site, network.name, wrong)];
}

/** Subnet and gateway where ovl.yaml says them. */
export function subnetDiffers(
  { subnet, gateway }: Pick<NetworkSpec, "subnet" | "gateway">,
  one: EngineNetwork,
): SafeText[] {
  const wrong: SafeText[] = [];
  const had = one.subnets.map((each) => each.subnet);
  if (subnet !== undefined && !had.some((each) => networkOf(each) === networkOf(subnet))) {
    wrong.push(text`its subnet is ${had[0] ?? text`none`}, not ${subnet}`);
  }
  const gateways = one.subnets.map((each) => each.gateway);
  if (gateway !== undefined && wrong.length === 0 && !gateways.includes(gateway)) {
    wrong.push(text`its gateway is ${gateways[0] ?? text`none`}, not ${gateway}`);
  }
  return wrong;
}

/** What keeps a network from being the one that `definition` made; nothing when it may be. */
export function networkNotMadeFrom(definition: NetworkDefinition, one: EngineNetwork): SafeText[] {
  const { driver, range, parent, attachable } = definition;
  const [subnet, gateway] = [definition.subnet, definition.gateway].map((each) =>
    each === undefined ? each : clean(each),
  );
  const ranges = one.subnets.map((each) => each.range);
  return [
    ...(one.driver === driver ? [] : [text`its driver is ${one.driver}, not ${clean(driver)}`]),
    ...subnetDiffers({ subnet, gateway }, one),
    ...(range === undefined || ranges.some((each) => each !== undefined && networkOf(each) === networkOf(range))
      ? []
      : [text`its range is ${ranges[0] ?? text`none`}, not ${clean(range)}`]),
    ...(parent === undefined || one.parent === parent
      ? []
      : [text`its parent is ${one.parent ?? text`none`}, not ${clean(parent)}`]),
    ...(attachable && !one.attachable ? [text`it was made without --attachable`] : []),
  ];
}

/** A network of that name is there already, and is another one. */
export const nameTaken = (site: Site, name: SafeText, evidence: readonly SafeText[]): Finding =>
  obstacleOn(site.name, "network-name-taken", text`Another network is named ${name} on ${site.name}`, {
    evidence,
    remedy: text`Give the network in ovl.yaml another name, or what it really has; or remove that one once nothing uses it ("docker network rm ${name}").`,
  });

/** The MTU that fits into the smallest underlay; undefined where Docker's own is right. */
function underlayMtu(sites: readonly Site[]): number | undefined {
  const smallest = Math.min(usualMtu, ...sites.map((site) => site.advertise.link.mtu));
  return smallest < usualMtu ? smallest - vxlanBytes : undefined;
}

function mtuDiffers({ name, mtu }: NetworkSpec, present: readonly EngineNetwork[]): Finding[] {
  const had = present[0]?.mtu;
  if (mtu === undefined || present.length === 0 || had === undefined || had === mtu) return [];
  return [
    {
      id: "network-mtu",
      severity: "warning",
      title: text`${name} has an MTU of ${had}, ovl.yaml says ${mtu}`,
      node: undefined,
      evidence: [],
      remedy: text`A network keeps the MTU it was made with: remove it and apply again to change it, or correct ovl.yaml.`,
    },
  ];
}
