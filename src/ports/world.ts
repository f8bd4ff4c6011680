import type { NodeName } from "../domain/ids.ts";
import type { NodeSpec, Spec } from "../domain/spec/spec.ts";
import type { Clock } from "./clock.ts";
import type { Engine } from "./engine.ts";
import type { Host } from "./host.ts";
import type { Link } from "./link.ts";
import type { Logs } from "./logs.ts";
import type { NodeControl } from "./node-control.ts";
import type { Probes } from "./probes.ts";
import type { Prompter } from "./prompter.ts";
import type { Shells } from "./shells.ts";
import type { StoreWatch } from "./store.ts";
import type { Tunnels } from "./tunnels.ts";

/** Everything that can be reached of one node. */
export interface NodeAccess {
  link: Link;
  engine: Engine;
  host: Host;
  logs: Logs;
  tunnels: Tunnels;
  control: NodeControl;
  /** Undefined: nothing can be run there. Its users ask `ReadOnly` first. */
  shells?: Shells | undefined;
  /** Undefined: nothing can be sent from there. */
  probes?: Probes | undefined;
}

/** The outside: real hosts over SSH, or the demo's in-memory cluster. */
export interface World {
  readonly clock: Clock;
  /** Begins to connect. */
  node(node: NodeSpec, spec: Spec, prompter: Prompter): NodeAccess;
  /** The spec's store, reached through `nodes`; undefined when the spec has none. */
  store(spec: Spec, nodes: ReadonlyMap<NodeName, NodeAccess>): StoreWatch | undefined;
}
