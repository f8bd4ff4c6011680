import type { ContainerId, NodeName } from "../domain/ids.ts";
import type { NodeSpec, Spec } from "../domain/spec/spec.ts";
import { clean } from "../domain/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Prompter } from "../ports/prompter.ts";
import type { StoreWatch } from "../ports/store.ts";
import type { NodeAccess, World } from "../ports/world.ts";
import { chance } from "./chance.ts";
import { Cluster, type DemoOptions } from "./cluster.ts";
import type { DemoContainer } from "./containers.ts";
import { DemoEngine } from "./engine.ts";
import { DemoHost, daemonJson } from "./host.ts";
import { DemoLink } from "./link.ts";
import { type Fault, Machine } from "./machine.ts";
import { demoSpec, nodeAddress } from "./spec.ts";
import { DemoStoreWatch } from "./store.ts";
import { storeContainer, storePort } from "./store-model.ts";

export type { DemoOptions } from "./cluster.ts";
export type { Fault, Flavour } from "./machine.ts";

/** An in-memory cluster behind the ports, with what happens to it in the hands of the caller. */
export interface Demo extends World {
  readonly spec: Spec;
  /** `docker run -d` in the overlay. */
  startContainer(node: string, name: string): ContainerId;
  /** `docker stop`. */
  stopContainer(node: string, name: string): void;
  /** `docker rm -f`. */
  removeContainer(node: string, name: string): void;
  /** Gives the container a label named "note", made safe as an adapter makes it. */
  setLabel(node: string, name: string, raw: string): void;
  /** From now on this is wrong with the node; what was wrong before is not any more. */
  breakNode(node: string, fault: Fault): void;
  /** Nothing is wrong any more. What waits for the operator (`refused`) still waits for `retryNow`. */
  mendNode(node: string): void;
  /** `systemctl stop docker`: its containers stop, those run with `--rm` are gone. */
  stopEngine(node: string): void;
  startEngine(node: string): void;
  restartEngine(node: string): void;
  /** The next `count` events reach nobody. */
  dropEvents(node: string, count: number): void;
  /** Open event streams break. */
  cutEventStream(node: string): void;
  /** Writes /etc/docker/daemon.json; nothing is reloaded. */
  setDaemonJson(node: string, content: string): void;
  /** `docker stop consul`. */
  stopStore(): void;
  /** `docker start consul`, and it elects a leader. */
  startStore(): void;
  /** The store answers, and has no leader. */
  loseStoreLeader(): void;
}

/** A cluster that runs when this returns; links connect as the program asks for nodes. All time comes from `options.clock`. */
export function createDemo(options: DemoOptions): Demo {
  const { clock, seed, flavour = "classic" } = options;
  const spec = demoSpec(options.nodes, options.containersPerNode, flavour);
  const store = spec.store === undefined ? undefined : `consul://${nodeAddress(0)}:${storePort}`;
  const every = { flavour, daemonJson: daemonJson(store), seed };
  const machines = new Map<NodeName, Machine>(
    spec.nodes.map((node, index) => [node.name, new Machine(node, nodeAddress(index), every, clock)]),
  );
  const cluster = new Cluster(options, spec, machines);
  const containerOf = (node: string, name: string): [Machine, DemoContainer] => {
    const machine = cluster.machine(node);
    const container = machine.named(name);
    if (container === undefined) throw new Error(`${node} has no container ${name}`);
    return [machine, container];
  };
  const onStore = (then: (machine: Machine, container: DemoContainer) => void): void => {
    const { machine } = cluster.store;
    if (machine !== undefined) then(...containerOf(machine.spec.name, storeContainer));
  };
  return {
    clock,
    spec,
    node: (node, _spec, prompter) => access(node, cluster, prompter, clock, seed),
    store: (wanted, nodes): StoreWatch | undefined =>
      wanted.store === undefined ? undefined : new DemoStoreWatch(cluster.store, nodes, clock),
    startContainer: (node, name) => cluster.runContainer(node, name),
    stopContainer(node, name) {
      const [machine, container] = containerOf(node, name);
      machine.stop(container, 137);
    },
    removeContainer(node, name) {
      const [machine, container] = containerOf(node, name);
      machine.remove(container);
    },
    setLabel(node, name, raw) {
      const [, container] = containerOf(node, name);
      container.labels.set(clean("note"), clean(raw));
    },
    breakNode: (node, fault) => cluster.machine(node).setFault(fault),
    mendNode: (node) => cluster.machine(node).setFault(undefined),
    stopEngine: (node) => cluster.machine(node).stopEngine(),
    startEngine: (node) => cluster.machine(node).startEngine(),
    restartEngine(node) {
      const machine = cluster.machine(node);
      machine.stopEngine();
      machine.startEngine();
    },
    dropEvents: (node, count) => cluster.machine(node).events.drop(count),
    cutEventStream: (node) => cluster.machine(node).events.cut(),
    setDaemonJson(node, content) {
      cluster.machine(node).daemonJson = content;
    },
    stopStore: () => onStore((machine, container) => machine.stop(container, 0)),
    startStore() {
      onStore((machine, container) => machine.start(container));
      cluster.store.setLeader(true);
    },
    loseStoreLeader: () => cluster.store.setLeader(false),
  };
}

function access(node: NodeSpec, cluster: Cluster, prompter: Prompter, clock: Clock, seed: number): NodeAccess {
  const machine = cluster.machine(node.name);
  const link = new DemoLink(machine, clock, prompter, chance(seed, `${node.name} link`));
  return { link, engine: new DemoEngine(link, cluster, clock), host: new DemoHost(link, clock) };
}
