import type { Container, EngineNetwork } from "../engine.ts";
import type { NodeName } from "../ids.ts";
import { asNodeName } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { isAddress, subnetContains } from "../subnets.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { heldAttachments } from "../views/containers.ts";
import { type ActionName, unfit } from "./menu.ts";
import { type Operation, signals, takesDown } from "./operation.ts";

/** What an action would do, ready to be confirmed. */
export interface Proposal {
  operations: readonly Operation[];
  /** Selected objects that it is not done to, and why. */
  left: readonly SafeText[];
  /** What the operator should know before. */
  warnings: readonly SafeText[];
  /** A word that has to be typed, where more is taken down than one node's containers. */
  typed: { word: SafeText; why: SafeText } | undefined;
}

export type Proposed = { ok: true; proposal: Proposal } | { ok: false; problem: SafeText };

/** Answers to what the menu's entry asks, by its ids. */
export type Answers = Readonly<Record<string, string>>;

/** Names that Docker takes (moby daemon/names/names.go RestrictedNamePattern). */
const dockerName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** What `action` does to the containers, each bound to its full id. */
export function proposeOnContainers(
  action: ActionName,
  answers: Answers,
  selected: readonly Container[],
  seen: Snapshot,
  spec: Spec,
): Proposed {
  const left: SafeText[] = [];
  const operations: Operation[] = [];
  for (const one of selected) {
    const why = unfit(action, one);
    if (why !== undefined) {
      left.push(text`${one.name} on ${one.node} ${why}`);
      continue;
    }
    const made = operationOn(one, action, answers, seen);
    if ("operation" in made) operations.push(made.operation);
    else if (selected.length === 1 || made.problem === undefined) {
      return { ok: false, problem: made.problem ?? text`nothing can be done so` };
    } else left.push(text`${one.name} on ${one.node}: ${made.problem}`);
  }
  if (operations.length === 0) return { ok: false, problem: left[0] ?? text`no container is selected` };
  const distinct = withoutRepeats(operations);
  return {
    ok: true,
    proposal: {
      operations: distinct,
      left,
      warnings: warningsOf(distinct, selected, seen, spec),
      typed: typedFor(action, distinct, spec),
    },
  };
}

function operationOn(
  { node, name, id, image, state, attachments }: Container,
  action: ActionName,
  answers: Answers,
  seen: Snapshot,
): { operation: Operation } | { problem: SafeText | undefined } {
  const here = { node, name, id };
  switch (action) {
    case "start":
    case "stop":
    case "restart":
    case "pause":
    case "unpause":
      return { operation: { ...here, kind: action } };
    case "kill": {
      const signal = signals.find((one) => one === answers.signal);
      return signal === undefined ? { problem: undefined } : { operation: { ...here, kind: "kill", signal } };
    }
    case "remove":
      return {
        operation: { ...here, kind: "remove", force: ["running", "paused", "restarting"].includes(state) },
      };
    case "rename": {
      const to = (answers.to ?? "").trim();
      const problem = takenName(to, name, seen);
      return problem === undefined ? { operation: { ...here, kind: "rename", to } } : { problem };
    }
    case "connect": {
      const network = networkNamed(answers.network ?? "", node, seen);
      if (network === undefined) return { problem: text`${node} has no such network` };
      if (attachments.some((one) => one.networkId === network.id)) return { problem: text`is on it already` };
      const address = (answers.address ?? "").trim();
      const problem = address === "" ? undefined : unfitAddress(address, network, seen);
      if (problem !== undefined) return { problem };
      const ip = address === "" ? undefined : address;
      return {
        operation: { ...here, kind: "connect", network: network.id, networkName: network.name, address: ip },
      };
    }
    case "disconnect": {
      const place = attachments.find((one) => one.network === answers.network);
      const network = place?.networkId ?? networkNamed(answers.network ?? "", node, seen)?.id;
      if (place === undefined || network === undefined) return { problem: text`is not on that network` };
      return { operation: { ...here, kind: "disconnect", network, networkName: place.network } };
    }
    case "copy-image": {
      const to = asNodeName(answers.to ?? "");
      if (to === undefined) return { problem: undefined };
      if (to === node) return { problem: text`is on ${to} itself` };
      return { operation: { node: to, name: image, kind: "copy-image", image, from: node } };
    }
    default:
      return { problem: undefined };
  }
}

function networkNamed(name: string, node: NodeName, seen: Snapshot): EngineNetwork | undefined {
  const snapshot = seen.nodes.get(node);
  return (snapshot === undefined ? undefined : lastSeen(snapshot.networks))?.find((one) => one.name === name);
}

/** Names are kept apart over the whole cluster: an overlay has one endpoint of a name, and people mix up two. */
function takenName(to: string, from: SafeText, seen: Snapshot): SafeText | undefined {
  if (!dockerName.test(to)) return text`two characters or more: letters, digits, dot, dash, underscore`;
  if (to === from) return text`that is its name already`;
  for (const node of seen.nodes.values()) {
    for (const one of lastSeen(node.containers)?.values() ?? []) {
      if (one.name === to) return text`${clean(to)} is taken on ${node.name}`;
    }
  }
  return undefined;
}

/** Why a container cannot have the address; what the engine alone knows it refuses itself. */
function unfitAddress(address: string, { id: network, subnets }: EngineNetwork, seen: Snapshot): SafeText | undefined {
  if (!isAddress(address)) return text`${clean(address)} is no address`;
  if (subnets.length > 0 && !subnets.some(({ subnet }) => subnetContains(subnet, address))) {
    return text`${clean(address)} is not in ${joined(subnets.map((one) => one.subnet))}`;
  }
  if (subnets.some(({ gateway }) => gateway === address)) return text`that is the network's gateway`;
  for (const node of seen.nodes.values()) {
    for (const one of lastSeen(node.containers)?.values() ?? []) {
      const held = heldAttachments(one).some((each) => each.networkId === network && each.address === address);
      if (held) return text`${one.name} on ${node.name} has that address`;
    }
  }
  return undefined;
}

/** Two containers of one image ask for one copy. */
function withoutRepeats(operations: readonly Operation[]): Operation[] {
  const copies = new Set<string>();
  return operations.filter((one) => {
    if (one.kind !== "copy-image") return true;
    const key = `${one.image} ${one.node}`;
    if (copies.has(key)) return false;
    copies.add(key);
    return true;
  });
}

function warningsOf(
  operations: readonly Operation[],
  selected: readonly Container[],
  seen: Snapshot,
  spec: Spec,
): SafeText[] {
  const warnings: SafeText[] = [];
  for (const one of operations.filter(takesDown)) {
    if (isStore(one, spec)) {
      warnings.push(text`${one.name} on ${one.node} is the store: without it no engine can change an overlay`);
    }
    if (one.name === spec.condor?.manager) {
      warnings.push(text`${one.name} is the pool's manager: without it no job is matched`);
    }
  }
  const away = new Set(
    operations.map((one) => one.node).filter((node) => seen.nodes.get(node)?.containers.state !== "fresh"),
  );
  for (const node of away) warnings.push(text`${node} does not answer now; what it holds may have changed`);
  if (operations.some((one) => one.kind === "rename") && selected.some((one) => holdsSwarmAddress(one, seen))) {
    // Seen on 26.1: "could not add service state for endpoint … already exists" (moby daemon/rename.go).
    warnings.push(text`engines in swarm mode refuse this for a container that runs on an overlay: stop it before`);
  }
  const removed = operations.filter((one) => one.kind === "remove").length;
  if (removed > 0) warnings.push(text`what they hold beside named volumes is gone for good`);
  const inSpec = selected.filter((one) => spec.containers.some((each) => each.name === one.name));
  if (removed > 0 && inSpec.length > 0) warnings.push(text`ovl.yaml has them: the next apply makes them anew`);
  return warnings;
}

function holdsSwarmAddress(container: Container, seen: Snapshot): boolean {
  const node = seen.nodes.get(container.node);
  const networks = (node === undefined ? undefined : lastSeen(node.networks)) ?? [];
  const swarm = new Set(networks.filter((one) => one.scope === "swarm").map((one) => one.id));
  return heldAttachments(container).some((one) => one.networkId !== undefined && swarm.has(one.networkId));
}

/** The store's own containers carry the store's name (plan/store-container.ts). */
const isStore = ({ node, name }: Operation, { store }: Spec): boolean =>
  store?.at === "nodes" && name === store.kind && store.nodes.includes(node);

function typedFor(action: ActionName, operations: readonly Operation[], spec: Spec): Proposal["typed"] {
  const down = operations.filter(takesDown);
  const nodes = new Set(down.map((one) => one.node));
  const store = down.find((one) => isStore(one, spec));
  if (store !== undefined && down.length === 1) {
    return { word: store.name, why: text`This takes down the store of every node.` };
  }
  if (nodes.size < 2) return undefined;
  return {
    word: text`${clean(action)} ${down.length}`,
    why: text`This takes down containers on ${nodes.size} nodes.`,
  };
}
