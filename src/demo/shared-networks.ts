import type { NetworkDefinition } from "../domain/plan/change.ts";
import { subnetsOverlap } from "../domain/subnets.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import { AddressPool, addressAt } from "./addresses.ts";
import { type Chance, newNetworkId } from "./chance.ts";
import { Overlay } from "./networks.ts";
import { refused } from "./refusal.ts";

/** The first VNI that libnetwork gives: of a cluster store (drivers/overlay vxlanIDStart), and of swarm (vxlanIDStart 4096 is the ingress network's). */
const firstVni = { global: 256, swarm: 4096 } as const;
/** The default pools of overlays: 10.0.0.0/8 in parts of /24 (libnetwork/ipamutils/utils.go). */
const defaultPools = 65_536;

/** What an overlay is made from; without a subnet it gets one of the default pools. */
export type OverlayDefinition = Pick<NetworkDefinition, "name" | "subnet" | "gateway" | "mtu" | "attachable">;

/** The overlay networks that a store or a swarm knows. */
export class SharedNetworks {
  readonly scope: "global" | "swarm";
  readonly #chance: Chance;
  readonly #overlays = new Map<string, Overlay>();
  #nextVni: number;

  constructor(scope: "global" | "swarm", chance: Chance) {
    this.scope = scope;
    this.#chance = chance;
    this.#nextVni = firstVni[scope];
  }

  all(): IterableIterator<Overlay> {
    return this.#overlays.values();
  }

  find(nameOrId: string): Overlay | undefined {
    return this.#overlays.get(nameOrId) ?? [...this.#overlays.values()].find((one) => one.name === nameOrId);
  }

  /** The swarm's own network, for published ports (moby daemon/cluster, "ingress"). */
  createIngress(createdAt: Instant): void {
    const definition = { name: "ingress", subnet: undefined, gateway: undefined, mtu: undefined, attachable: false };
    this.#add(definition, "10.0.0.0/24", createdAt, { ingress: true, allocated: true });
  }

  create(definition: OverlayDefinition, createdAt: Instant): Outcome<Overlay> {
    const subnets = this.#taken();
    const subnet = definition.subnet ?? freeSubnet(subnets);
    if (this.find(definition.name) !== undefined) {
      return refused(409, text`network with name ${clean(definition.name)} already exists`);
    }
    const isFree = !subnets.some((one) => subnetsOverlap(one, subnet));
    // A swarm's network is made all the same, and waits for its subnet to be free.
    if (!isFree && this.scope === "global") {
      return refused(403, text`Pool overlaps with other one on this address space`);
    }
    return good(this.#add(definition, subnet, createdAt, { ingress: false, allocated: isFree }));
  }

  remove({ id, name, used }: Overlay): Outcome<void> {
    if (used > 0) {
      return refused(403, text`error while removing network: network ${name} id ${id} has active endpoints`);
    }
    this.#overlays.delete(id);
    for (const one of this.#overlays.values()) {
      if (one.isAllocated || this.#taken().some((taken) => subnetsOverlap(taken, one.pool.subnet))) continue;
      one.allocate();
    }
    return good(undefined);
  }

  /** Subnets that somebody has. */
  #taken(): SafeText[] {
    return [...this.#overlays.values()].filter((one) => one.isAllocated).map((one) => one.pool.subnet);
  }

  #add(
    definition: OverlayDefinition,
    subnet: string,
    createdAt: Instant,
    how: { ingress: boolean; allocated: boolean },
  ): Overlay {
    const { name, gateway, mtu, attachable } = definition;
    const overlay = new Overlay({
      id: newNetworkId(this.#chance, this.scope === "swarm" ? "swarm" : "hex"),
      name: clean(name),
      scope: this.scope,
      pool: new AddressPool(subnet, { gateway }),
      hasGateway: gateway !== undefined,
      ...{ ...how, mtu, createdAt, chance: this.#chance },
      attachable: this.scope === "global" || attachable,
      nextVni: () => this.#nextVni++,
    });
    this.#overlays.set(overlay.id, overlay);
    return overlay;
  }
}

function freeSubnet(taken: readonly string[]): string {
  for (let number = 0; number < defaultPools; number++) {
    const subnet = `${addressAt("10.0.0.0", number * 256)}/24`;
    if (!taken.some((one) => subnetsOverlap(one, subnet))) return subnet;
  }
  throw new Error("the demo has used up 10.0.0.0/8");
}
