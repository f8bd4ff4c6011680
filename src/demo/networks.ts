import type { EngineNetwork } from "../domain/engine.ts";
import type { NetworkId, NodeName } from "../domain/ids.ts";
import type { EndpointRecord, OverlayRecord } from "../domain/membership.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { AddressPool, macOf } from "./addresses.ts";
import type { Chance } from "./chance.ts";

/** What a container is attached to. */
export interface Segment {
  readonly id: NetworkId;
  readonly name: SafeText;
  /** An address for the container; undefined when none is left. `locator` is the address of its engine. */
  join(container: SafeText, locator: SafeText): SafeText | undefined;
  /** Gives the address back. */
  leave(address: SafeText): void;
}

/** The bridge of one engine. */
export class Bridge implements Segment {
  readonly id: NetworkId;
  readonly name: SafeText = text`bridge`;
  readonly pool = new AddressPool("172.17.0.0/16");

  constructor(id: NetworkId) {
    this.id = id;
  }

  join(): SafeText | undefined {
    return this.pool.take();
  }

  leave(address: SafeText): void {
    this.pool.give(address);
  }
}

/** A network over all nodes, with its addresses and who holds them. */
export class Overlay implements Segment {
  readonly id: NetworkId;
  readonly name: SafeText;
  readonly scope: "global" | "swarm";
  readonly pool: AddressPool;
  readonly ingress: boolean;
  readonly #createdAt: Instant;
  readonly #chance: Chance;
  readonly #endpoints = new Map<SafeText, EndpointRecord>();
  #vni: number;

  constructor(
    what: { id: NetworkId; name: SafeText; scope: "global" | "swarm"; subnet: string; vni: number; ingress?: boolean },
    createdAt: Instant,
    chance: Chance,
  ) {
    this.id = what.id;
    this.name = what.name;
    this.scope = what.scope;
    this.ingress = what.ingress ?? false;
    this.pool = new AddressPool(what.subnet);
    this.#vni = what.vni;
    this.#createdAt = createdAt;
    this.#chance = chance;
  }

  join(container: SafeText, locator: SafeText): SafeText | undefined {
    const address = this.pool.take();
    if (address === undefined) return undefined;
    const id = clean(this.#chance.digits(64, 16));
    this.#endpoints.set(address, { id, network: this.id, name: container, address, mac: macOf(address), locator });
    return address;
  }

  leave(address: SafeText): void {
    if (this.#endpoints.delete(address)) this.pool.give(address);
  }

  endpoints(): Iterable<EndpointRecord> {
    return this.#endpoints.values();
  }

  /** As the store has it. */
  record(): OverlayRecord {
    const subnets = [{ subnet: this.pool.subnet, gateway: this.pool.gateway, vni: this.#vni }];
    return { id: this.id, name: this.name, subnets, mtu: undefined };
  }

  /** As the engine of `node` lists it. Only swarm's engines tell the VNI, and a gateway that nobody asked for by name. */
  listed(node: NodeName): EngineNetwork {
    const gateway = this.scope === "swarm" ? this.pool.gateway : undefined;
    return {
      ...localNetwork(node, this.id, this.name, "overlay", this.#createdAt, this.pool),
      scope: clean(this.scope),
      subnets: [{ subnet: this.pool.subnet, gateway, range: undefined }],
      vnis: this.scope === "swarm" ? [this.#vni] : [],
      attachable: this.scope === "swarm" && !this.ingress,
    };
  }
}

/** A network of one engine, or the base of one that spans several; `pool` undefined: it has no addresses (host, none). */
export function localNetwork(
  node: NodeName,
  id: NetworkId,
  name: SafeText,
  driver: "bridge" | "host" | "null" | "overlay",
  createdAt: Instant,
  pool: AddressPool | undefined,
): EngineNetwork {
  return {
    id,
    node,
    name,
    driver: clean(driver),
    scope: text`local`,
    subnets: pool === undefined ? [] : [{ subnet: pool.subnet, gateway: pool.gateway, range: undefined }],
    vnis: [],
    mtu: driver === "bridge" ? 1500 : undefined,
    parent: undefined,
    attachable: false,
    internal: false,
    encrypted: false,
    createdAt,
  };
}
