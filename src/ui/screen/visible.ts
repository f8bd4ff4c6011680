import { asContainerId, type ContainerId } from "../../domain/ids.ts";
import { lastSeen, type Part } from "../../domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../../domain/snapshot.ts";
import type { Scene } from "./scene.ts";

/** The running containers whose row or detail is on the screen: only these are worth measuring. */
export function visibleContainers(scene: Scene): readonly ContainerId[] {
  const nodes = [...scene.contents.seen.snapshot.nodes.values()];
  const runsOn = (id: ContainerId, node: NodeSnapshot | undefined): boolean =>
    node !== undefined && lastSeen(node.containers)?.get(id)?.state === "running";
  let last: NodeSnapshot | undefined;
  return keysOnScreen(scene).flatMap((key) => {
    const id = asContainerId(key);
    if (id === undefined) return [];
    // Containers of one node stand together.
    if (!runsOn(id, last)) last = nodes.find((node) => runsOn(id, node));
    return last === undefined ? [] : [id];
  });
}

function keysOnScreen(scene: Scene): readonly string[] {
  const { detail } = scene.state;
  if (detail !== undefined) return detail.subject.of === "containers" ? [detail.subject.key] : [];
  const list = scene.panes.find((pane) => pane.place.id === "containers")?.list;
  if (list === undefined) return [];
  return list.rows.slice(list.window.top, list.window.top + list.height).map((row) => row.key);
}

/** Whether two snapshots differ in nothing but what containers use. */
export function sameButUsage(a: Snapshot, b: Snapshot): boolean {
  if (a === b) return true;
  if (a.cluster !== b.cluster || a.membership !== b.membership || a.swarm !== b.swarm) return false;
  if (a.nodes === b.nodes) return true;
  if (a.nodes.size !== b.nodes.size) return false;
  for (const [name, node] of a.nodes) {
    const other = b.nodes.get(name);
    if (other === undefined || !sameNode(node, other)) return false;
  }
  return true;
}

const compared = ["name", "address", "advertise", "link"] as const;
const partsOfItself = ["engine", "facts", "daemon"] as const;
const comparedParts = [...partsOfItself, "containers", "networks"] as const;

/** Whether the node differs in nothing but what its containers use, and when it was last asked. */
export const sameNode = (a: NodeSnapshot, b: NodeSnapshot): boolean =>
  a === b || (compared.every((key) => a[key] === b[key]) && comparedParts.every((part) => samePart(a[part], b[part])));

/** Whether the node itself is as it was, whatever runs on it. */
export const sameNodeItself = (a: NodeSnapshot, b: NodeSnapshot): boolean =>
  a === b || (compared.every((key) => a[key] === b[key]) && partsOfItself.every((part) => samePart(a[part], b[part])));

/** A part that was asked for again and is what it was shows nothing new. */
const samePart = (a: Part<unknown>, b: Part<unknown>): boolean =>
  a === b || (a.state === "fresh" && b.state === "fresh" && a.value === b.value);
