import type { NodeName } from "../../domain/ids.ts";
import type { LaunchFrom } from "../../domain/launch/prefill.ts";
import { sharedNetworks } from "../../domain/ping/place.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { type ContainerRow, containerRows, heldAttachments } from "../../domain/views/containers.ts";
import { networkRowsOf } from "../panes/network-rows.ts";
import type { PaneId } from "../panes/pane.ts";
import { keysOf } from "../table/table.ts";
import { activeList, type Scene } from "./scene.ts";

/** What a key that acts on rows acts on: the marked ones of the pane, else the one under the cursor, or that of the detail. */
export interface Selection {
  of: PaneId;
  /** In the order of the pane. Empty where there is no row. */
  keys: readonly string[];
}

/** What is selected in the pane that has the keys. */
export function selectionOf(scene: Scene): Selection {
  const { state } = scene;
  if (state.detail !== undefined) {
    const { subject } = state.detail;
    return subject.of === "findings" ? { of: state.focus, keys: [] } : { of: subject.of, keys: [subject.key] };
  }
  const list = activeList(scene);
  const marks = state.marks[state.focus];
  // Marked and filtered away is still marked: the pane's title says how many there are.
  const marked = marks.size === 0 ? [] : keysOf(list?.table.rows ?? []).filter((key) => marks.has(key));
  const under = list?.rows[list.window.index]?.key;
  return { of: state.focus, keys: marked.length > 0 ? marked : under === undefined ? [] : [under] };
}

/** Where a launch begins: the marked nodes, whichever pane has the keys, and what the keys are on. */
export function launchFrom(scene: Scene): LaunchFrom {
  const { of, keys } = selectionOf(scene);
  const marked = [...scene.state.marks.nodes];
  const rows = keysOf(scene.contents.pane("nodes").table.rows);
  const nodes = marked.length > 0 ? rows.filter((key) => marked.includes(key)) : of === "nodes" ? keys : [];
  const [first] = keys;
  return {
    nodes,
    network:
      of === "networks" ? networkRowsOf(scene.contents.seen.counted).find((row) => row.key === first)?.name : undefined,
    container: of === "containers" ? first : undefined,
  };
}

/** What is pinged: the network under the cursor, or that of the containers which are selected. */
export function pingOn(scene: Scene): { network: SafeText | undefined; on: readonly string[] } {
  const { of, keys } = selectionOf(scene);
  const { snapshot } = scene.contents.seen;
  const joining = sharedNetworks(snapshot);
  if (of === "networks") {
    const name = networkRowsOf(scene.contents.seen.counted).find((one) => one.key === keys[0])?.name;
    return { network: joining.find((one) => one === name), on: [] };
  }
  const rows = selectedContainers(scene);
  const networks = rows.flatMap((row) => heldAttachments(row.container).map((one) => one.network));
  return { network: networks.find((one) => joining.includes(one)), on: rows.map((row) => row.key) };
}

/** The footer and several keys ask of one scene what is selected in it. */
const containersOf = new WeakMap<Scene, readonly ContainerRow[]>();

/** The containers that are selected; none while another pane has the keys. */
export function selectedContainers(scene: Scene): readonly ContainerRow[] {
  const before = containersOf.get(scene);
  if (before !== undefined) return before;
  const { of, keys } = selectionOf(scene);
  const wanted = new Set(of === "containers" ? keys : []);
  const rows: ContainerRow[] = [];
  for (const row of wanted.size === 0 ? [] : containerRows(scene.contents.seen.snapshot)) {
    if (wanted.has(row.key)) rows.push(row);
    // One of twenty thousand is the usual case.
    if (rows.length === wanted.size) break;
  }
  containersOf.set(scene, rows);
  return rows;
}

/** The one running container that is selected, or why there is none for a shell. */
export function shellContainer(scene: Scene): ContainerRow | { not: SafeText } {
  const [first, ...more] = selectedContainers(scene);
  if (first === undefined) return { not: text`no container under the cursor` };
  if (more.length > 0) return { not: text`a shell opens in one container, and ${more.length + 1} are marked` };
  const { state, name } = first.container;
  if (state === "running") return first;
  return { not: state === "paused" ? text`${name} is paused` : text`${name} does not run` };
}

/** The node that is selected, or that of the container which is; undefined where there is neither. */
export function shellNode(scene: Scene): NodeName | undefined {
  const { of, keys } = selectionOf(scene);
  if (of === "containers") return selectedContainers(scene)[0]?.container.node;
  const nodes = [...scene.contents.seen.snapshot.nodes.keys()];
  return of === "nodes" ? nodes.find((one) => one === keys[0]) : undefined;
}
