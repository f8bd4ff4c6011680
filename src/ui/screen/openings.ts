import { faultNames } from "../../domain/faults.ts";
import type { SafeText } from "../../domain/text.ts";
import { type ActionId, type Binding, shortcuts } from "../keymap/keymap.ts";
import type { Opening } from "../opening.ts";
import type { Scene } from "./scene.ts";
import { launchFrom, pingOn, selectedContainers, selectionOf, shellContainer, shellNode } from "./selection.ts";

/** What a key opens; or why it opens nothing on these rows; undefined where it means nothing. */
type Opens = Opening | { not: SafeText } | undefined;

/** Keys of the panes that open a stage, each with what it opens on the rows that are selected. */
const openings: Partial<Record<ActionId, (scene: Scene) => Opens>> = {
  ...Object.fromEntries(
    faultNames.map((fault) => [
      `fault.${fault}`,
      (scene: Scene): Opens => ({ stage: "faults", fault, node: shellNode(scene) }),
    ]),
  ),
  "set-up.open": () => ({ stage: "set-up" }),
  "launch.open": (scene) => ({ stage: "launch", from: launchFrom(scene) }),
  "actions.open": (scene) => {
    const { of, keys } = selectionOf(scene);
    // Of networks there is something to do where there are none as well: one can be made.
    return of === "networks" || keys.length > 0 ? { stage: "actions", of, keys, also: alsoOn(scene) } : undefined;
  },
  "shell.open": (scene) => {
    if (selectionOf(scene).of !== "containers") return undefined;
    const row = shellContainer(scene);
    return "not" in row ? row : { stage: "shell", in: { at: "container", container: row.key } };
  },
  "shell.node": (scene) => {
    const node = shellNode(scene);
    return node === undefined ? undefined : { stage: "shell", in: { at: "node", node } };
  },
  "pool.open": (scene) => ({ stage: "pool", container: selectedContainers(scene)[0]?.key }),
  "ping.open": (scene) => ({ stage: "ping", ...pingOn(scene) }),
  "forward.open": (scene) => ({ stage: "forward", ...selectionOf(scene) }),
  "copy.open": (scene) => {
    const { of, keys } = selectionOf(scene);
    const [key] = keys;
    return key === undefined ? undefined : { stage: "copy", of, key };
  },
  "timeline.open": () => ({ stage: "timeline" }),
  "logs.open": (scene) => {
    const { of, keys } = selectionOf(scene);
    return (of === "containers" || of === "nodes") && keys.length > 0 ? { stage: "logs", of, keys } : undefined;
  },
};

/** What else the menu of actions offers: the keys that open something on the same rows. */
const alsoOn = (scene: Scene): readonly Binding[] =>
  shortcuts.filter(({ id }) => !opens(id) || openingOf(id, scene) !== undefined);

/** Whether the action is one that opens a stage. */
export const opens = (id: ActionId): boolean => id in openings;

/** What the action opens here and now. */
export function openingOf(id: ActionId, scene: Scene): Opens {
  const opening = openings[id]?.(scene);
  if (opening === undefined || "not" in opening) return opening;
  return scene.contents.seen.stages.has(opening.stage) ? opening : undefined;
}
