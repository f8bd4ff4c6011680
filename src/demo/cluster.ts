import type { EngineNetwork, SwarmNode } from "../domain/engine.ts";
import { asNodeName, type ContainerId, type NodeName } from "../domain/ids.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import { chance, newNetworkId } from "./chance.ts";
import type { Flavour, Machine } from "./machine.ts";
import { localNetwork, Overlay } from "./networks.ts";
import { StoreModel } from "./store-model.ts";

/** How a demo cluster is to be. The same `seed` tells the same story. */
export interface DemoOptions {
  nodes: number;
  /** On every node, the store's container not counted. */
  containersPerNode: number;
  seed: number;
  clock: Clock;
  /** "classic" when left out. */
  flavour?: Flavour;
}

/** The first VNI that libnetwork gives: of a cluster store (drivers/overlay vxlanIDStart) and of swarm (vxlanIDStart 4096 is the ingress network's). */
const firstVni = { classic: 256, swarm: 4097 } as const;

/** What the demo's machines share: overlay networks, the store, the swarm. */
export class Cluster {
  readonly seed: number;
  readonly flavour: Flavour;
  readonly machines: ReadonlyMap<NodeName, Machine>;
  readonly overlay: Overlay;
  readonly store: StoreModel;
  readonly swarmId: SafeText;
  readonly #ingress: Overlay | undefined;
  readonly #swarmNodeIds = new Map<NodeName, SafeText>();
  readonly #clock: Clock;

  constructor(options: DemoOptions, spec: Spec, machines: ReadonlyMap<NodeName, Machine>) {
    const { clock, seed, flavour = "classic" } = options;
    this.seed = seed;
    this.flavour = flavour;
    this.machines = machines;
    this.#clock = clock;
    const draw = chance(seed, "cluster");
    const createdAt = clock.now() - draw.between(3600, 20 * 86_400) * 1000;
    const swarm = flavour === "swarm";
    this.swarmId = clean(draw.digits(25, 36));
    for (const name of machines.keys()) this.#swarmNodeIds.set(name, clean(draw.digits(25, 36)));
    const ofSpec = spec.networks[0];
    if (ofSpec?.subnet === undefined) throw new Error("the demo's spec has one network with a subnet");
    this.overlay = new Overlay(
      {
        id: newNetworkId(draw, swarm ? "swarm" : "hex"),
        name: ofSpec.name,
        scope: swarm ? "swarm" : "global",
        subnet: ofSpec.subnet,
        vni: firstVni[flavour],
      },
      createdAt,
      draw,
    );
    this.#ingress = swarm
      ? new Overlay(
          {
            id: newNetworkId(draw, "swarm"),
            name: text`ingress`,
            scope: "swarm",
            subnet: "10.0.0.0/24",
            vni: 4096,
            ingress: true,
          },
          createdAt,
          draw,
        )
      : undefined;
    this.#fill(options.containersPerNode);
    this.store = new StoreModel(machines, [this.overlay], clock);
  }

  /** The machine of that name; throws when there is none. */
  machine(node: string): Machine {
    const name = asNodeName(node);
    const machine = name === undefined ? undefined : this.machines.get(name);
    if (machine === undefined) throw new Error(`the demo has no node ${node}`);
    return machine;
  }

  /** The machine that manages the swarm. */
  manager(): Machine | undefined {
    return this.flavour === "swarm" ? this.machines.values().next().value : undefined;
  }

  swarmNodeId(machine: Machine): SafeText | undefined {
    return this.#swarmNodeIds.get(machine.spec.name);
  }

  /** A container as the demo's own are: in the overlay, back after an engine restart. */
  runContainer(node: string, name: string): ContainerId {
    const machine = this.machine(node);
    return machine.run({
      name: clean(name),
      image: text`nginx:1.25`,
      command: text`nginx -g 'daemon off;'`,
      network: this.overlay,
      restarts: true,
    });
  }

  /** What the machine's engine answers to `GET /networks`. */
  networksOf(machine: Machine): EngineNetwork[] {
    const node = machine.spec.name;
    const { bridge, localNetworks, bootedAt } = machine;
    const networks = [
      localNetwork(node, bridge.id, bridge.name, "bridge", bootedAt, bridge.pool),
      localNetwork(node, localNetworks.gwbridge, text`docker_gwbridge`, "bridge", bootedAt, machine.gwbridgePool),
      localNetwork(node, localNetworks.host, text`host`, "host", bootedAt, undefined),
      localNetwork(node, localNetworks.none, text`none`, "null", bootedAt, undefined),
    ];
    if (this.#ingress !== undefined) networks.push(this.#ingress.listed(node));
    if (this.#knowsOverlay(machine)) networks.push(this.overlay.listed(node));
    return networks;
  }

  /** What the machine's engine answers to `GET /nodes`. */
  swarmNodes(machine: Machine): Outcome<readonly SwarmNode[]> {
    if (machine !== this.manager()) {
      const detail = text`This node is not a swarm manager.`;
      return bad({ kind: "engine-refused", status: 503, detail });
    }
    return good([...this.machines.values()].map((one) => this.#swarmNode(one, one === machine)));
  }

  #swarmNode(machine: Machine, manager: boolean): SwarmNode {
    const up = machine.reachable && machine.engine !== undefined;
    return {
      id: this.swarmNodeId(machine) ?? text``,
      hostname: machine.spec.name,
      address: machine.address,
      role: manager ? "manager" : "worker",
      availability: "active",
      state: up ? "ready" : "down",
      manager: manager
        ? { leader: true, reachability: "reachable", address: text`${machine.address}:2377` }
        : undefined,
    };
  }

  /**
   * With a store every engine does, as long as the store answers it: else it lists what is local and says nothing (moby
   * libnetwork/store.go, getNetworksFromStore). Of a swarm the managers do, and workers while a container of theirs is in it.
   */
  #knowsOverlay(machine: Machine): boolean {
    if (this.flavour === "classic") return this.store.answers(machine);
    if (machine === this.manager()) return true;
    for (const { run, network } of machine.containers.values()) {
      if (network === this.overlay && run.state === "running") return true;
    }
    return false;
  }

  #fill(containersPerNode: number): void {
    let webs = 0;
    let bigs = 0;
    const now = this.#clock.now();
    for (const machine of this.machines.values()) {
      const draw = chance(this.seed, `${machine.spec.name} containers`);
      const at = (): number => Math.max(machine.bootedAt + 5000, now - draw.between(60, 6 * 3600) * 1000);
      if (bigs === 0 && this.flavour === "classic") {
        machine.run({
          name: text`consul`,
          image: text`consul:1.8.7`,
          command: text`consul agent -server -bootstrap-expect=1 -ui`,
          network: "bridge",
          restarts: true,
          ports: [{ container: 8500, protocol: text`tcp`, host: { address: text`0.0.0.0`, port: 8500 } }],
          at: at(),
        });
      }
      for (let made = 0; made < containersPerNode; made++) {
        if (made === 0) {
          machine.run({
            name: bigComputingName(bigs++),
            image: text`big_computing`,
            command: text`/usr/sbin/init`,
            network: this.overlay,
            restarts: false,
            at: at(),
          });
          continue;
        }
        machine.run({
          name: text`web-${++webs}`,
          image: text`nginx:1.25`,
          command: text`nginx -g 'daemon off;'`,
          network: this.overlay,
          restarts: true,
          at: at(),
        });
      }
    }
  }
}

/** The classic procedure starts node2 on the first host and node1 on the second; further hosts follow in order. */
export const bigComputingName = (index: number): SafeText =>
  index === 0 ? text`node2` : index === 1 ? text`node1` : text`node${index + 1}`;
