import type { ContainerId } from "../domain/ids.ts";
import type { NodeSpec, Spec } from "../domain/spec/spec.ts";
import { clean } from "../domain/text.ts";
import type { Faults } from "../ports/faults.ts";
import type { Prompter } from "../ports/prompter.ts";
import type { StoreWatch } from "../ports/store.ts";
import type { NodeAccess, World } from "../ports/world.ts";
import { chance } from "./chance.ts";
import { Cluster, type DemoOptions } from "./cluster.ts";
import type { DemoContainer } from "./containers.ts";
import { DemoControl } from "./control/control.ts";
import { daemonJsonPath } from "./daemon-files.ts";
import { DemoEngine } from "./engine.ts";
import { DemoFaults } from "./faults.ts";
import { DemoHost } from "./host.ts";
import { madeImage } from "./images.ts";
import { DemoLink } from "./link.ts";
import { DemoLogs } from "./logs.ts";
import type { Fault, Hindrance, Machine } from "./machine.ts";
import { DemoProbes } from "./probes.ts";
import { DemoShells } from "./shell/shells.ts";
import { demoSpec } from "./spec.ts";
import { DemoStoreWatch } from "./store.ts";
import { storeContainer } from "./store-model.ts";
import type { Cast, Story } from "./story.ts";
import { playStory } from "./story-player.ts";
import { DemoTunnels } from "./tunnels.ts";

export type { DemoOptions } from "./cluster.ts";
export type { Fault, Flavour, Hindrance } from "./machine.ts";

/** An in-memory cluster behind the ports, with what happens to it in the hands of the caller. */
export interface Demo extends World {
  readonly spec: Spec;
  /** Faults by name, as the operator switches them. */
  readonly faults: Faults;
  /** What a story may speak of. */
  readonly cast: Cast;
  /** Lets the story happen from now on; the result ends it. */
  play(story: Story): () => void;
  /** `docker run -d` in the overlay. */
  startContainer(node: string, name: string): ContainerId;
  /** `docker stop`. */
  stopContainer(node: string, name: string): void;
  /** `docker rm -f`. */
  removeContainer(node: string, name: string): void;
  /** Gives the container a label named "note", made safe as an adapter makes it. */
  setLabel(node: string, name: string, raw: string): void;
  /** An image of a few bytes under that name, which no other node has. */
  makeImage(node: string, name: string): void;
  /** From now on this is wrong with the node; what was wrong before is not any more. */
  breakNode(node: string, fault: Fault): void;
  /** From now on this stands in the way of changes there, beside all else. */
  hinder(node: string, hindrance: Hindrance): void;
  unhinder(node: string, hindrance: Hindrance): void;
  /** The connection breaks as soon as the next change there is made; its answer never comes. */
  breakAtNextChange(node: string): void;
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
  /** Its servers will not agree on a leader, as long as this holds. */
  setElectionForbidden(forbidden: boolean): void;
  /** Somebody else writes a file there. */
  writeFile(node: string, path: string, content: string): void;
  /** A file as it stands there. */
  readFile(node: string, path: string): string | undefined;
}

/** A cluster that runs when this returns; links connect as the program asks for nodes. All time comes from `options.clock`. */
export function createDemo(options: DemoOptions): Demo {
  const { clock, flavour = "classic" } = options;
  const spec = demoSpec(options.nodes, options.containersPerNode, flavour);
  const cluster = new Cluster(options, spec);
  const faults = new DemoFaults(cluster);
  const containerOf = (node: string, name: string): [Machine, DemoContainer] => {
    const machine = cluster.machine(node);
    const container = machine.runtime.named(name);
    if (container === undefined) throw new Error(`${node} has no container ${name}`);
    return [machine, container];
  };
  const onStore = (then: (machine: Machine, container: DemoContainer) => void): void => {
    const machine = cluster.machines.values().next().value;
    if (machine !== undefined) then(...containerOf(machine.hostname, storeContainer));
  };
  return {
    clock,
    spec,
    faults,
    cast: {
      nodes: spec.nodes.map((node) => node.name),
      get containers() {
        return [...cluster.machines.values()].flatMap(({ containers }) =>
          [...containers.values()].map((one) => one.name),
        );
      },
    },
    play: (story) => playStory(story, { cluster, faults, clock }),
    node: (node, _spec, prompter) => access(node, cluster, prompter, options),
    store: (wanted, nodes): StoreWatch | undefined =>
      wanted.store === undefined ? undefined : new DemoStoreWatch(cluster.store, wanted.store, nodes, clock),
    startContainer(node, name) {
      const ran = cluster.runContainer(node, name);
      if (!ran.ok) throw new Error(`${name} on ${node}: ${JSON.stringify(ran.trouble)}`);
      return ran.value;
    },
    stopContainer(node, name) {
      const [machine, container] = containerOf(node, name);
      machine.runtime.stop(container, 137);
    },
    removeContainer(node, name) {
      const [machine, container] = containerOf(node, name);
      machine.runtime.remove(container);
    },
    setLabel(node, name, raw) {
      const [, container] = containerOf(node, name);
      container.labels.set(clean("note"), clean(raw));
    },
    makeImage: (node, name) => cluster.machine(node).images.add(madeImage(name, 1, ["none"])),
    breakNode: (node, fault) => cluster.machine(node).setFault(fault),
    hinder(node, hindrance) {
      cluster.machine(node).hindrances.add(hindrance);
    },
    unhinder(node, hindrance) {
      cluster.machine(node).hindrances.delete(hindrance);
    },
    breakAtNextChange(node) {
      cluster.machine(node).breaksAtChange = true;
    },
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
    setDaemonJson: (node, content) => cluster.machine(node).files.put(daemonJsonPath, content),
    stopStore: () => onStore((machine, container) => machine.runtime.stop(container, 0)),
    startStore() {
      onStore((machine, container) => machine.runtime.start(container));
      cluster.store.setLeader(true);
    },
    loseStoreLeader: () => cluster.store.setLeader(false),
    setElectionForbidden: (forbidden) => cluster.store.setElectionForbidden(forbidden),
    writeFile: (node, path, content) => cluster.machine(node).files.put(path, content),
    readFile: (node, path) => cluster.machine(node).files.read(path)?.content,
  };
}

function access(node: NodeSpec, cluster: Cluster, prompter: Prompter, { clock, seed }: DemoOptions): NodeAccess {
  const machine = cluster.reachedBy(node) ?? cluster.nobody(node);
  const link = new DemoLink(node, machine, clock, prompter, chance(seed, `${node.name} link`));
  return {
    link,
    engine: new DemoEngine(link, seed, clock),
    host: new DemoHost(link, clock),
    logs: new DemoLogs(link, clock),
    tunnels: new DemoTunnels(link, cluster, clock),
    control: new DemoControl(link, cluster, clock),
    probes: new DemoProbes(link, cluster, clock),
    shells: new DemoShells(link, cluster, clock),
  };
}
