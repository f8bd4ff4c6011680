import { asNodeName, type ContainerId, type NodeName } from "../domain/ids.ts";
import type { NodeSpec, Spec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import { chance } from "./chance.ts";
import { Members } from "./condor/members.ts";
import { PoolModel } from "./condor/pool-model.ts";
import type { DemoContainer } from "./containers.ts";
import { bigComputing, consulImage, type DemoImage, nginxImage } from "./images.ts";
import { type Flavour, Machine, type MachineOptions } from "./machine.ts";
import { bigComputingName } from "./names.ts";
import type { ContainerPlan } from "./runtime.ts";
import { nodeAddress } from "./spec.ts";
import { StoreModel, storeContainer, storePort } from "./store-model.ts";
import { Swarm } from "./swarm-model.ts";

/** How a demo cluster is to be. The same `seed` tells the same story. */
export interface DemoOptions {
  nodes: number;
  /** On every node, the store's container not counted. */
  containersPerNode: number;
  seed: number;
  clock: Clock;
  /** "classic" when left out. */
  flavour?: Flavour;
  /** Engines that know nothing of each other, as before the set-up: no store, no swarm, no network, no container. */
  bare?: boolean;
}

/** The demo's machines and what they share: the store, the swarm, the overlays of one of them. */
export class Cluster {
  readonly seed: number;
  readonly machines: ReadonlyMap<NodeName, Machine>;
  readonly store: StoreModel;
  /** What HTCondor in its containers makes of them. */
  readonly pool: PoolModel;
  /** HTCondor's files and processes in its containers. */
  readonly members: Members;
  readonly #options: DemoOptions;
  readonly #overlay: SafeText;

  constructor(options: DemoOptions, spec: Spec) {
    const { clock, seed, flavour = "classic", bare = false } = options;
    const draw = chance(seed, "cluster");
    const createdAt = clock.now() - draw.between(3600, 20 * 86_400) * 1000;
    this.seed = seed;
    this.#options = options;
    this.store = new StoreModel(clock, draw);
    const url = spec.store === undefined || bare ? undefined : `consul://${nodeAddress(0)}:${storePort}`;
    const every = { flavour, store: url, gwbridge: !bare, seed };
    this.machines = new Map(
      spec.nodes.map((node, index) => {
        const machine = { ...every, images: imagesOf(index, bare) } satisfies MachineOptions;
        return [node.name, new Machine(node, nodeAddress(index), machine, this.store, clock)];
      }),
    );
    this.members = new Members(() => [...this.machines.values()], clock);
    this.pool = new PoolModel(seed, clock, () => this.members.workers());
    const [network] = spec.networks;
    if (network?.subnet === undefined) throw new Error("the demo's spec has one network with a subnet");
    this.#overlay = network.name;
    if (bare) return;
    const definition = { ...network, subnet: network.subnet, attachable: true };
    if (flavour === "swarm") this.#joinSwarm(new Swarm(draw, createdAt), definition, createdAt);
    else {
      this.#runStore();
      this.store.networks.create(definition, createdAt);
    }
    this.#fill(options.containersPerNode);
    this.members.configure(spec, createdAt);
  }

  /** The machine of that name; throws when there is none. */
  machine(node: string): Machine {
    const name = asNodeName(node);
    const machine = name === undefined ? undefined : this.machines.get(name);
    if (machine === undefined) throw new Error(`the demo has no node ${node}`);
    return machine;
  }

  /** The machine with that address; else of that name; undefined when there is none. */
  reachedBy({ name, ssh }: NodeSpec): Machine | undefined {
    const all = [...this.machines.values()];
    return (
      all.find((one) => one.address === ssh.host) ??
      all.find((one) => one.hostname === ssh.host) ??
      this.machines.get(name)
    );
  }

  /** What is behind an address that no machine has: nothing that answers. */
  nobody(node: NodeSpec): Machine {
    const { clock, flavour = "classic", seed } = this.#options;
    const options = { flavour, store: undefined, gwbridge: false, images: [], seed };
    const machine = new Machine(node, node.ssh.host, options, new StoreModel(clock, chance(seed, "nobody")), clock);
    machine.setFault("power-off");
    return machine;
  }

  /** A container as the demo's own are: in the overlay, back after an engine restart. */
  runContainer(node: string, name: string): Outcome<ContainerId> {
    return this.machine(node).runtime.run({ ...web, name: clean(name), network: this.#overlay });
  }

  /** What a container's name resolves to on the overlays; undefined while none of that name runs. */
  overlayAddress(name: string): SafeText[] | undefined {
    const found = this.#containers().find((one) => one.name === name && one.run.state === "running");
    return found?.places.flatMap((one) => one.held?.address ?? []);
  }

  #containers(): DemoContainer[] {
    return [...this.machines.values()].flatMap((machine) => [...machine.runtime.all.values()]);
  }

  #joinSwarm(swarm: Swarm, definition: Parameters<Swarm["networks"]["create"]>[0], createdAt: number): void {
    for (const machine of this.machines.values()) {
      const role = swarm.managers().length === 0 ? "manager" : "worker";
      machine.swarm = swarm.admit(machine, role, machine.address);
    }
    swarm.networks.create(definition, createdAt);
  }

  /** As the classic procedure starts it: in a network of its own, its port published on every address. */
  #runStore(): void {
    const machine = this.machines.values().next().value;
    if (machine === undefined) return;
    mustRun(machine, {
      name: clean(storeContainer),
      image: text`consul:1.8.7`,
      command: ["docker-entrypoint.sh", "consul", "agent", "-server", "-bootstrap-expect=1", "-ui"],
      network: "bridge",
      restart: "unless-stopped",
      ports: [{ container: storePort, protocol: text`tcp`, host: { address: text`0.0.0.0`, port: storePort } }],
      at: this.#since(machine)(),
    });
    this.store.setLeader(true);
  }

  #fill(containersPerNode: number): void {
    let webs = 0;
    let bigs = 0;
    for (const machine of this.machines.values()) {
      const since = this.#since(machine);
      for (let made = 0; made < containersPerNode; made++) {
        const plan = made === 0 ? { ...big, name: bigComputingName(bigs++) } : { ...web, name: text`web-${++webs}` };
        mustRun(machine, { ...plan, network: this.#overlay, at: since() });
      }
    }
  }

  /** When containers of the machine were started: within the last hours, and after its boot. */
  #since(machine: Machine): () => number {
    const now = this.#options.clock.now();
    const draw = chance(this.seed, `${machine.hostname} containers`);
    return () => Math.max(machine.bootedAt + 5000, now - draw.between(60, 6 * 3600) * 1000);
  }
}

/** What the demo begins with runs on a cluster in which nothing is wrong yet. */
function mustRun(machine: Machine, plan: ContainerPlan): void {
  const ran = machine.runtime.run(plan);
  if (!ran.ok) throw new Error(`${plan.name} on ${machine.hostname}: ${JSON.stringify(ran.trouble)}`);
}

const big: Omit<ContainerPlan, "name" | "network"> = {
  image: text`big_computing`,
  command: bigComputing.command,
  restart: "no",
  remove: true,
};

const web: Omit<ContainerPlan, "name" | "network"> = {
  image: text`nginx:1.25`,
  command: nginxImage.command,
  restart: "unless-stopped",
};

/** Before a set-up the second node lacks what the others have: it has to be copied. */
const imagesOf = (index: number, bare: boolean): readonly DemoImage[] => {
  if (!bare) return [consulImage, bigComputing, nginxImage];
  return index === 1 ? [] : [consulImage, bigComputing];
};
