import { asContainerId, type ContainerId } from "../../domain/ids.ts";
import { lastSeen } from "../../domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../../domain/snapshot.ts";
import type { Scene } from "./scene.ts";

/** The running containers whose row or detail is on the screen: only these are worth measuring. */
export function visibleContainers(scene: Scene): readonly ContainerId[] {
  const nodes = [...scene.contents.seen.snapshot.nodes.values()];
  return keysOnScreen(scene).flatMap((key) => {
    const id = asContainerId(key);
    if (id === undefined) return [];
    return nodes.some((node) => lastSeen(node.containers)?.get(id)?.state === "running") ? [id] : [];
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

const compared = [
  "name",
  "address",
  "advertise",
  "link",
  "engine",
  "containers",
  "networks",
  "facts",
  "daemon",
] as const;

const sameNode = (a: NodeSnapshot, b: NodeSnapshot): boolean => a === b || compared.every((key) => a[key] === b[key]);
