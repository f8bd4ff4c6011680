import type { Container } from "../../src/domain/engine.ts";
import type { ContainerId, NodeName } from "../../src/domain/ids.ts";
import { isUp } from "../../src/domain/link.ts";
import type { NodeSpec, Spec } from "../../src/domain/spec/spec.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Prompter } from "../../src/ports/prompter.ts";
import type { NodeAccess, World } from "../../src/ports/world.ts";

/** What happens to a cluster behind the program's back. */
export interface Hands {
  /** `docker run -d --name NAME` in the overlay network. */
  runContainer(node: NodeName, name: string): Promise<ContainerId>;
  /** `docker stop NAME` */
  stopContainer(node: NodeName, name: string): Promise<void>;
  /** `docker rm -f NAME` */
  removeContainer(node: NodeName, name: string): Promise<void>;
  /** An image of a few bytes, which no other node has. */
  makeImage(node: NodeName, name: string): Promise<void>;
  /** `systemctl stop docker`, its socket included. */
  stopEngine(node: NodeName): Promise<void>;
  startEngine(node: NodeName): Promise<void>;
  /** No packet reaches the node any more, and no one is told. */
  cutLink(node: NodeName): Promise<void>;
  mendLink(node: NodeName): Promise<void>;
  /** Ends the store's process. */
  stopStore(): Promise<void>;
  startStore(): Promise<void>;
  /** The node as somebody sees it who never met its host key; undo with `restoreAccess`. */
  unknownHostKey(node: NodeSpec): Promise<NodeSpec>;
  /** As somebody whose known_hosts has another key for it. */
  changedHostKey(node: NodeSpec): Promise<NodeSpec>;
  /** As somebody whose key it does not accept. */
  wrongKey(node: NodeSpec): Promise<NodeSpec>;
  restoreAccess(node: NodeSpec): Promise<void>;
}

/** A running cluster with two nodes or more, an overlay network and a container in it on every node, and the hands for it. */
export interface Arena {
  world: World;
  spec: Spec;
  hands: Hands;
  close(): Promise<void>;
}

/** One of the two that have to keep the contract. */
export interface Side {
  name: "demo" | "lab";
  /** Why it cannot be had on this machine. */
  unavailable: string | undefined;
  open(flavour: "classic" | "swarm"): Promise<Arena>;
}

/** Enough for a call that is answered at all. */
export const within = { ms: 20_000 };

export const refuseAll: Prompter = { ask: async () => ({ kind: "refuse" }) };

/** A promise that settles after `ms` of the clock. */
export const pass = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/** Asks until `look` gives something; an error that says what was awaited when it never does. */
export async function until<T>(
  clock: Clock,
  what: string | (() => string),
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 120_000,
): Promise<T> {
  const end = clock.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (clock.now() >= end) {
      throw new Error(`not within ${withinMs / 1000} s: ${typeof what === "string" ? what : what()}`);
    }
    await pass(clock, 50);
  }
}

/** The value of a good outcome; a bad one fails the test with its trouble. */
export async function value<T>(outcome: Promise<Outcome<T>> | Outcome<T>): Promise<T> {
  const settled = await outcome;
  if (!settled.ok) throw new Error(`refused: ${JSON.stringify(settled.trouble)}`);
  return settled.value;
}

/** Connections of one test, which end with it. */
export class Connections {
  readonly #open: NodeAccess[] = [];
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Begins to connect to `node`. */
  begin(node: NodeSpec, prompter = refuseAll): NodeAccess {
    const access = this.#arena.world.node(node, this.#arena.spec, prompter);
    this.#open.push(access);
    return access;
  }

  /** Connected to `node`. */
  async to(node: NodeSpec): Promise<NodeAccess> {
    const access = this.begin(node);
    await until(this.#arena.world.clock, `${node.name} is live`, () => isUp(access.link.state));
    return access;
  }

  /** Connected to every node of the spec. */
  async toAll(): Promise<ReadonlyMap<NodeName, NodeAccess>> {
    const { nodes } = this.#arena.spec;
    const all = await Promise.all(nodes.map((node) => this.to(node)));
    return new Map(all.map((access) => [access.link.node, access]));
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((access) => access.link.close()));
  }
}

/** The first two nodes; the store runs on the first. */
export function twoNodes(spec: Spec): [NodeSpec, NodeSpec] {
  const [first, second] = spec.nodes;
  if (first === undefined || second === undefined) throw new Error("the contract needs two nodes");
  return [first, second];
}

/** A running container on the overlay. */
export async function onOverlay(access: NodeAccess, spec: Spec): Promise<Container> {
  const network = spec.networks[0]?.name;
  const containers = await value(access.engine.containers(within));
  const found = containers.find(
    (one) => one.state === "running" && one.attachments.some((place) => place.network === network),
  );
  if (found === undefined) throw new Error(`no container on ${network}: ${containers.map((one) => one.name)}`);
  return found;
}
