import type { EngineEvent } from "../../domain/engine.ts";
import type { ContainerId, NodeName } from "../../domain/ids.ts";
import { type Observation, reduce } from "../../domain/reduce.ts";
import { type Snapshot, unseen } from "../../domain/snapshot.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import type { Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { StoreWatch } from "../../ports/store.ts";
import type { NodeAccess, World } from "../../ports/world.ts";
import { CalmHolder, type State } from "../state.ts";
import { NodeWatch } from "./node-watch.ts";
import { SwarmWatch } from "./swarm-watch.ts";
import { UsageWatch } from "./usage-watch.ts";

/** What is told of the cluster: what was observed, and each event of an engine. */
export type Heard = { of: "event"; node: NodeName; event: EngineEvent; at: Instant } | Observation;

/** How long changes of networks are gathered before the other engines are asked for theirs, ms. */
const gatherMs = 1_000;

/** Watches the whole cluster and holds what was last seen of it. */
export class ClusterWatch {
  readonly state: State<Snapshot>;
  /** What the watch watches through, for services that do more than watch. */
  readonly access: ReadonlyMap<NodeName, NodeAccess>;
  readonly store: StoreWatch | undefined;
  readonly #heard = new Set<(what: Heard) => void>();
  readonly #snapshot: CalmHolder<Snapshot>;
  readonly #nodes: ReadonlyMap<NodeName, NodeWatch>;
  readonly #usage: UsageWatch;
  readonly #swarm: SwarmWatch;
  readonly #storeSubscription: Subscription | undefined;
  readonly #clock: Clock;
  /** Whose networks changed since the others were asked last. */
  readonly #changedOn = new Set<NodeName>();
  #cancelGathering: (() => void) | undefined;

  /** Begins at once. `prompter` answers what the connections have to ask. */
  constructor(spec: Spec, world: World, prompter: Prompter) {
    const { clock } = world;
    this.#clock = clock;
    const identities = spec.nodes.map(({ name, ssh, advertise }) => ({ name, address: ssh.host, advertise }));
    this.#snapshot = new CalmHolder(unseen(spec.cluster, identities, spec.store !== undefined, clock.now()), clock);
    this.state = this.#snapshot;
    const access = new Map<NodeName, NodeAccess>(
      spec.nodes.map((node) => [node.name, world.node(node, spec, prompter)]),
    );
    this.access = access;
    const emit = (what: Observation) => this.#observe(what);
    this.#usage = new UsageWatch(access, emit);
    this.#swarm = new SwarmWatch(access, clock, emit);
    this.#nodes = new Map(
      [...access].map(([name, one]) => [
        name,
        new NodeWatch(name, one, clock, {
          emit,
          heard: (event) => this.#tell({ of: "event", node: name, event, at: clock.now() }),
          networksChanged: () => this.#networksChanged(name),
        }),
      ]),
    );
    for (const node of this.#nodes.values()) node.start();
    this.store = world.store(spec, access);
    this.#storeSubscription = this.store?.watch((outcome) => {
      this.#observe({ of: "membership", outcome, at: clock.now() });
    });
  }

  /** Asks every node anew, and tries those again that are down. */
  refresh(): void {
    for (const node of this.#nodes.values()) node.refresh();
    this.#swarm.refresh();
  }

  /** The same for one node. */
  retry(node: NodeName): void {
    this.#nodes.get(node)?.refresh();
  }

  /** The containers that are on the screen now: only these are measured. */
  show(containers: readonly ContainerId[]): void {
    this.#usage.show(containers, this.#snapshot.get());
  }

  /** Ends every connection. */
  async stop(): Promise<void> {
    this.#cancelGathering?.();
    this.#usage.stop();
    this.#swarm.stop();
    this.#storeSubscription?.close();
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
  }

  /** Engines tell only of networks that they made or removed themselves. Where many change, the others are asked once. */
  #networksChanged(on: NodeName): void {
    this.#changedOn.add(on);
    this.#cancelGathering ??= this.#clock.after(gatherMs, () => {
      const [first, second] = this.#changedOn;
      this.#changedOn.clear();
      this.#cancelGathering = undefined;
      for (const [name, node] of this.#nodes) if (second !== undefined || name !== first) node.askNetworks();
    });
  }

  /** Hears everything that is told of the cluster as it comes; the result ends it. */
  listen(heard: (what: Heard) => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  #tell(what: Heard): void {
    for (const heard of this.#heard) heard(what);
  }

  #observe(what: Observation): void {
    this.#tell(what);
    const before = this.#snapshot.get();
    const after = reduce(before, what);
    if (after === before) return;
    this.#snapshot.set(after);
    if (what.of === "containers" || what.of === "container" || what.of === "link") this.#usage.follow(after);
    if (what.of === "engine" || what.of === "link") this.#swarm.follow(after);
  }
}
