import { asContainerId, type NodeName } from "../../domain/ids.ts";
import type { Membership } from "../../domain/membership.ts";
import { lastSeen, type Part } from "../../domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../../domain/snapshot.ts";
import { condition } from "../../domain/views/condition.ts";
import type { PaneId } from "../panes/pane.ts";
import type { Scene } from "./scene.ts";
import { sameNode, sameNodeItself } from "./visible.ts";

/**
 * Whether something changed that a row on the screen shows, or how a node or the store is, wherever it stands. All else
 * moves no more than a count: of a thousand nodes that is nearly every event, and each would cost a frame.
 */
export function changesInSight(before: Snapshot, after: Snapshot, scene: Scene): boolean {
  if (before.cluster !== after.cluster || before.swarm !== after.swarm) return true;
  if (!sameStore(before.membership, after.membership)) return true;
  if (before.nodes === after.nodes) return false;
  if (before.nodes.size !== after.nodes.size) return true;
  let sight: Sight | undefined;
  for (const [name, node] of after.nodes) {
    const was = before.nodes.get(name);
    if (was === node) continue;
    if (was === undefined || condition(was).word !== condition(node).word) return true;
    sight ??= sightOf(scene);
    if (isIn(sight.whole, name) && !sameNode(was, node)) return true;
    if (isIn(sight.rows, name) && !sameNodeItself(was, node)) return true;
  }
  return false;
}

/** Nodes of which something is on the screen; "all" where any of them could get a row there. */
type Nodes = ReadonlySet<NodeName> | "all";

interface Sight {
  /** What runs on them is seen, row by row. */
  whole: Nodes;
  /** Their own rows, where what runs on them is a count. */
  rows: Nodes;
}

const none: Nodes = new Set();
const isIn = (nodes: Nodes, name: NodeName): boolean => nodes === "all" || nodes.has(name);

function sightOf(scene: Scene): Sight {
  const { detail } = scene.state;
  if (detail === undefined) return { whole: inPane(scene, "containers"), rows: inPane(scene, "nodes") };
  const { subject } = detail;
  if (subject.of === "networks") return { whole: "all", rows: none };
  const isOfNode = subject.of === "nodes" || subject.of === "containers";
  return { whole: isOfNode ? owners(scene, [subject.key]) : none, rows: none };
}

/** The nodes that the rows of a pane belong to, each to one. */
function inPane(scene: Scene, id: PaneId): Nodes {
  const list = scene.panes.find(({ place }) => place.id === id)?.list;
  if (list === undefined) return none;
  if (list.rows.length < list.height) return "all";
  const { top } = list.window;
  return owners(
    scene,
    list.rows.slice(top, top + list.height).map((row) => row.key),
  );
}

/** The nodes that are named by `keys`, and those that have the containers named there. */
function owners(scene: Scene, keys: readonly string[]): ReadonlySet<NodeName> {
  const nodes = [...scene.contents.seen.snapshot.nodes.values()];
  const found = new Set<NodeName>();
  let last: NodeSnapshot | undefined;
  for (const key of keys) {
    const id = asContainerId(key);
    const has = (node: NodeSnapshot): boolean =>
      id === undefined ? node.name === key : lastSeen(node.containers)?.has(id) === true;
    // Containers of one node stand together.
    if (last === undefined || !has(last)) last = nodes.find(has);
    if (last !== undefined) found.add(last.name);
  }
  return found;
}

/** Whether the store is as it was: its members, its leader and who is registered; addresses that it gives out are counted. */
function sameStore(before: Part<Membership> | undefined, after: Part<Membership> | undefined): boolean {
  if (before === after) return true;
  if (before?.state !== "fresh" || after?.state !== "fresh") return false;
  const [a, b] = [before.value, after.value];
  return (
    a.leader === b.leader &&
    a.registrations.length === b.registrations.length &&
    a.overlays.length === b.overlays.length &&
    a.members.length === b.members.length &&
    a.members.every((one, index) => one.state === b.members[index]?.state && one.name === b.members[index]?.name)
  );
}
