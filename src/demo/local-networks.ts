import type { NetworkDefinition } from "../domain/plan/change.ts";
import { subnetsOverlap } from "../domain/subnets.ts";
import { clean, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import { AddressPool } from "./addresses.ts";
import { type Chance, newNetworkId } from "./chance.ts";
import { LocalNetwork } from "./networks.ts";
import { refused } from "./refusal.ts";

/** The default pools after docker0's and docker_gwbridge's (libnetwork/ipamutils/utils.go): 172.19.0.0/16 to 172.31.0.0/16. */
const defaultPools = Array.from({ length: 13 }, (_, at) => `172.${19 + at}.0.0/16`);

/** The networks that one engine has for itself. */
export class LocalNetworks {
  readonly bridge: LocalNetwork;
  readonly #chance: Chance;
  readonly #all: LocalNetwork[];
  readonly #gwbridge: LocalNetwork;

  /** `gwbridge`: whether the bridge by which overlays leave the host was made already. */
  constructor(chance: Chance, createdAt: Instant, gwbridge: boolean) {
    this.#chance = chance;
    const make = (name: string, driver: LocalNetwork["driver"], subnet?: string): LocalNetwork =>
      new LocalNetwork({
        ...{ id: newNetworkId(chance, "hex"), name, driver, createdAt },
        ...(subnet === undefined ? {} : { pool: new AddressPool(subnet) }),
      });
    this.bridge = make("bridge", "bridge", "172.17.0.0/16");
    this.#gwbridge = make("docker_gwbridge", "bridge", "172.18.0.0/16");
    this.#all = [this.bridge, make("host", "host"), make("none", "null")];
    if (gwbridge) this.needGwbridge();
  }

  get all(): readonly LocalNetwork[] {
    return this.#all;
  }

  get hasGwbridge(): boolean {
    return this.#all.includes(this.#gwbridge);
  }

  /** Made when the first container joins an overlay, or with the swarm (moby libnetwork, defaultGwNetwork). */
  needGwbridge(): void {
    if (!this.hasGwbridge) this.#all.splice(1, 0, this.#gwbridge);
  }

  find(nameOrId: string): LocalNetwork | undefined {
    return this.#all.find((one) => one.name === nameOrId || one.id === nameOrId);
  }

  /** In the words of moby daemon/network.go and libnetwork (ipam, drivers/macvlan). */
  createMacvlan(definition: NetworkDefinition, createdAt: Instant): Outcome<LocalNetwork> {
    const { name, subnet, gateway, range, parent, mtu } = definition;
    const taken = this.#all.flatMap((one) => one.pool?.subnet ?? []);
    const chosen = subnet ?? defaultPools.find((pool) => !taken.some((one) => subnetsOverlap(one, pool)));
    if (this.find(name) !== undefined) return refused(409, text`network with name ${clean(name)} already exists`);
    if (chosen === undefined) {
      return refused(
        500,
        text`could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network`,
      );
    }
    if (taken.some((one) => subnetsOverlap(one, chosen))) {
      return refused(403, text`Pool overlaps with other one on this address space`);
    }
    const twin = this.#all.find((one) => one.driver === "macvlan" && one.parent === parent);
    if (twin !== undefined && parent !== undefined) {
      // It is known by the name that its interface would have (libnetwork drivers/macvlan, createNetwork).
      const name = text`dm-${clean(twin.id.slice(0, 12))}`;
      return refused(500, text`network ${name} is already using parent interface ${clean(parent)}`);
    }
    const network = new LocalNetwork({
      ...{ id: newNetworkId(this.#chance, "hex"), name, driver: "macvlan", mtu, parent, createdAt },
      pool: new AddressPool(chosen, { gateway, range }),
    });
    this.#all.push(network);
    return good(network);
  }

  remove(network: LocalNetwork): Outcome<void> {
    const { id, name, used, driver } = network;
    if (driver !== "macvlan" && network !== this.#gwbridge) {
      return refused(403, text`${name} is a pre-defined network and cannot be removed`);
    }
    if (used > 0) {
      return refused(403, text`error while removing network: network ${name} id ${id} has active endpoints`);
    }
    this.#all.splice(this.#all.indexOf(network), 1);
    return good(undefined);
  }
}
