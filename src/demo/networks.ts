import type { EngineNetwork } from "../domain/engine.ts";
import type { NetworkId, NodeName } from "../domain/ids.ts";
import type { EndpointRecord, OverlayRecord } from "../domain/membership.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import { type AddressPool, macOf } from "./addresses.ts";
import type { Chance } from "./chance.ts";
import { refused } from "./refusal.ts";

/** What a container is attached to. */
export interface Segment {
  readonly id: NetworkId;
  readonly name: SafeText;
  readonly driver: LocalNetworkOptions["driver"] | "overlay";
  /** Undefined: it has no addresses (host, none). */
  readonly pool: AddressPool | undefined;
  /** How many addresses are held. */
  readonly used: number;
  /**
   * An address for the container, the `wanted` one if any; undefined where the network has none to give. `locator` is the
   * address of the container's engine.
   */
  join(container: SafeText, locator: SafeText, wanted: string | undefined): Outcome<SafeText | undefined>;
  /** Gives the address back. */
  leave(address: SafeText): void;
  /** As the engine of `node` lists it. */
  listed(node: NodeName): EngineNetwork;
}

/** What a network of one engine is made of. */
export interface LocalNetworkOptions {
  id: NetworkId;
  name: string;
  driver: "bridge" | "host" | "null" | "macvlan";
  pool?: AddressPool;
  mtu?: number | undefined;
  parent?: string | undefined;
  createdAt: Instant;
}

/** A network of one engine. */
export class LocalNetwork implements Segment {
  readonly id: NetworkId;
  readonly name: SafeText;
  readonly driver: LocalNetworkOptions["driver"];
  readonly pool: AddressPool | undefined;
  readonly parent: string | undefined;
  readonly #options: LocalNetworkOptions;
  #used = 0;

  constructor(options: LocalNetworkOptions) {
    this.id = options.id;
    this.name = clean(options.name);
    this.driver = options.driver;
    this.pool = options.pool;
    this.parent = options.parent;
    this.#options = options;
  }

  get used(): number {
    return this.#used;
  }

  join(_container: SafeText, _locator: SafeText, wanted: string | undefined): Outcome<SafeText | undefined> {
    if (this.pool === undefined) return good(undefined);
    const address = addressFrom(this.pool, wanted, this);
    if (address.ok) this.#used += 1;
    return address;
  }

  leave(address: SafeText): void {
    this.#used -= 1;
    this.pool?.give(address);
  }

  listed(node: NodeName): EngineNetwork {
    const { driver, mtu, createdAt } = this.#options;
    return {
      ...listing(this, node, driver, createdAt),
      mtu: mtu ?? (driver === "bridge" ? 1500 : undefined),
      parent: this.parent === undefined ? undefined : clean(this.parent),
    };
  }
}

/** What a network over all nodes is made of. */
export interface OverlayOptions {
  id: NetworkId;
  name: SafeText;
  scope: "global" | "swarm";
  pool: AddressPool;
  /** Whether somebody chose the gateway. */
  hasGateway: boolean;
  mtu: number | undefined;
  ingress: boolean;
  /** Whether containers of their own can join. */
  attachable: boolean;
  /** Whether it has its subnet already: a swarm's manager allocates networks after they were made. */
  allocated: boolean;
  createdAt: Instant;
  chance: Chance;
  /** The next VXLAN network identifier: engines of a cluster store ask for it when the first container joins. */
  nextVni: () => number;
}

/** A network over all nodes, with its addresses and who holds them. */
export class Overlay implements Segment {
  readonly id: NetworkId;
  readonly name: SafeText;
  readonly driver = "overlay";
  readonly scope: "global" | "swarm";
  readonly pool: AddressPool;
  readonly attachable: boolean;
  /** The swarm's own, for published ports. */
  readonly isIngress: boolean;
  readonly #options: OverlayOptions;
  readonly #endpoints = new Map<SafeText, EndpointRecord>();
  readonly #names = new Set<SafeText>();
  #vni = 0;
  #allocated: boolean;

  constructor(options: OverlayOptions) {
    this.id = options.id;
    this.name = options.name;
    this.scope = options.scope;
    this.pool = options.pool;
    this.attachable = options.attachable;
    this.isIngress = options.ingress;
    this.#options = options;
    this.#allocated = options.scope === "global";
    if (options.allocated) this.allocate();
  }

  get used(): number {
    return this.#endpoints.size;
  }

  get isAllocated(): boolean {
    return this.#allocated;
  }

  /** A swarm's manager gives it its subnet and VNI, without which nobody can join. */
  allocate(): void {
    if (this.#allocated) return;
    this.#allocated = true;
    this.#vni = this.#options.nextVni();
  }

  join(container: SafeText, locator: SafeText, wanted: string | undefined): Outcome<SafeText | undefined> {
    if (!this.#allocated) return attachTimedOut;
    // A swarm's engines keep their endpoints to themselves.
    if (this.scope === "global" && this.#names.has(container)) {
      return refused(403, text`endpoint with name ${container} already exists in network ${this.name}`);
    }
    const address = addressFrom(this.pool, wanted, this);
    if (!address.ok) return this.scope === "swarm" ? attachTimedOut : address;
    if (this.#vni === 0) this.#vni = this.#options.nextVni();
    const id = clean(this.#options.chance.digits(64, 16));
    const { value } = address;
    this.#names.add(container);
    this.#endpoints.set(value, { id, network: this.id, name: container, address: value, mac: macOf(value), locator });
    return address;
  }

  leave(address: SafeText): void {
    const held = this.#endpoints.get(address);
    if (held === undefined) return;
    this.#endpoints.delete(address);
    this.#names.delete(held.name);
    this.pool.give(address);
  }

  endpoints(): Iterable<EndpointRecord> {
    return this.#endpoints.values();
  }

  /** Who holds the address. */
  holder(address: string): EndpointRecord | undefined {
    return this.#endpoints.get(clean(address));
  }

  /** As the store has it. */
  record(): OverlayRecord {
    const subnets = [{ subnet: this.pool.subnet, gateway: this.pool.gateway, vni: this.#vni }];
    return { id: this.id, name: this.name, subnets, mtu: this.#options.mtu };
  }

  /** Only swarm's engines tell the VNI, and a gateway that nobody asked for by name. */
  listed(node: NodeName): EngineNetwork {
    const { hasGateway, mtu, createdAt } = this.#options;
    const swarm = this.scope === "swarm";
    const gateway = (swarm && this.#allocated) || hasGateway ? this.pool.gateway : undefined;
    return {
      ...listing(this, node, "overlay", createdAt),
      scope: clean(this.scope),
      subnets: [{ subnet: this.pool.subnet, gateway, range: this.pool.range }],
      vnis: swarm && this.#allocated ? [this.#vni] : [],
      mtu,
      attachable: swarm && this.attachable,
    };
  }
}

/** How long an engine waits for a swarm's manager to let a container into a network (moby daemon/cluster, swarmRequestTimeout). */
export const attachMs = 20_000;

/** What it says then (moby daemon/cluster/networks.go, AttachNetwork): why the manager gave nothing is in its log alone. */
export const attachTimedOut = refused(
  500,
  text`attaching to network failed, make sure your network options are correct and check manager logs: context deadline exceeded`,
);

/** In the words of libnetwork (libnetwork/ipamapi/contract.go; libnetwork/network.go for an address of another subnet). */
function addressFrom(pool: AddressPool, wanted: string | undefined, { name, id }: Segment): Outcome<SafeText> {
  const address = wanted === undefined ? (pool.take() ?? "none left") : pool.claim(wanted);
  switch (address) {
    case "none left":
      return refused(500, text`no available IPv4 addresses on this network's address pools: ${name} (${id})`);
    case "taken":
      return refused(403, text`Address already in use`);
    case "outside": {
      const given = clean(wanted ?? "");
      return refused(400, text`Invalid address ${given}: It does not belong to any of this network's subnets`);
    }
    default:
      return good(address);
  }
}

function listing(
  { id, name, pool }: Segment,
  node: NodeName,
  driver: LocalNetworkOptions["driver"] | "overlay",
  createdAt: Instant,
): EngineNetwork {
  return {
    ...{ id, node, name, driver: clean(driver), scope: text`local` },
    subnets: pool === undefined ? [] : [{ subnet: pool.subnet, gateway: pool.gateway, range: pool.range }],
    ...{ vnis: [], mtu: undefined, parent: undefined },
    ...{ attachable: false, internal: false, encrypted: false, createdAt },
  };
}
