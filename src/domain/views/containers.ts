import type { Attachment, Container, EngineNetwork, Usage } from "../engine.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { clean, compareNames, type SafeText, text } from "../text.ts";
import { age, type Instant } from "../time.ts";
import type { Tone } from "./condition.ts";

export interface ContainerRow {
  key: string;
  container: Container;
  name: SafeText;
  node: SafeText;
  image: SafeText;
  /** On the first overlay or macvlan network; a container that does not run has none, whatever its engine remembers. */
  overlayAddress: SafeText | undefined;
  tone: Tone;
  usage: Usage | undefined;
  /** Set when the node is lost: the time the row was seen. */
  staleAt: Instant | undefined;
}

/** Containers of all nodes together: by node in the order of the spec, running ones first, then by name. */
export function containerRows(snapshot: Snapshot): readonly ContainerRow[] {
  const before = all.get(snapshot);
  if (before !== undefined) return before;
  const rows = containersByNode(snapshot).flat();
  all.set(snapshot, rows);
  return rows;
}

/** The same, each node's own together. */
export function containersByNode(snapshot: Snapshot): readonly (readonly ContainerRow[])[] {
  const before = grouped.get(snapshot);
  if (before !== undefined) return before;
  const groups = [...snapshot.nodes.values()].map((node) => {
    const own = known.get(node) ?? rowsOf(node);
    known.set(node, own);
    return own;
  });
  grouped.set(snapshot, groups);
  return groups;
}

const all = new WeakMap<Snapshot, readonly ContainerRow[]>();
const grouped = new WeakMap<Snapshot, readonly (readonly ContainerRow[])[]>();

/** An event changes one node; the rows of all others are what they were. */
const known = new WeakMap<NodeSnapshot, readonly ContainerRow[]>();

function rowsOf(node: NodeSnapshot): ContainerRow[] {
  const containers = lastSeen(node.containers);
  if (containers === undefined) return [];
  const spread = spreadNetworks(lastSeen(node.networks) ?? []);
  const staleAt = node.containers.state === "stale" ? node.containers.at : undefined;
  return [...containers.values()]
    .sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name))
    .map((container) => ({
      key: container.id,
      container,
      name: container.name,
      node: node.name,
      image: container.image,
      overlayAddress: spreadAttachment(container, spread)?.address,
      tone: stateTone(container),
      usage: node.usage.get(container.id),
      staleAt,
    }));
}

const rank = (container: Container): number => (container.state === "running" ? 0 : 1);

/** Names of the networks that reach other nodes. */
export function spreadNetworks(networks: readonly EngineNetwork[]): ReadonlySet<SafeText> {
  return new Set(networks.filter((one) => one.driver === "overlay" || one.driver === "macvlan").map((one) => one.name));
}

function spreadAttachment(container: Container, spread: ReadonlySet<SafeText>): Attachment | undefined {
  return heldAttachments(container).find((one) => spread.has(one.network));
}

/** The places where a container really holds an address now. */
export function heldAttachments(container: Container): readonly Attachment[] {
  const runs = container.state === "running" || container.state === "paused" || container.state === "restarting";
  return runs ? container.attachments.filter((one) => one.address !== undefined) : [];
}

/** "up 4m", "exited 137", "paused". */
export function stateWords(container: Container, now: Instant): SafeText {
  if (container.state === "running") {
    return container.startedAt === undefined ? text`up` : text`up ${age(now - container.startedAt)}`;
  }
  if (container.state === "exited" && container.exitCode !== undefined) return text`exited ${container.exitCode}`;
  return clean(container.state);
}

function stateTone(container: Container): Tone {
  switch (container.state) {
    case "running":
      return "good";
    case "paused":
    case "restarting":
    case "removing":
      return "warn";
    case "created":
      return "busy";
    case "dead":
      return "bad";
    case "exited":
      return container.exitCode === 0 ? "busy" : "warn";
  }
}
