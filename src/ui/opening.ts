import type { FaultName } from "../domain/faults.ts";
import type { NodeName } from "../domain/ids.ts";
import type { LaunchFrom } from "../domain/launch/prefill.ts";
import type { SafeText } from "../domain/text.ts";
import type { Binding } from "./keymap/keymap.ts";
import type { PaneId } from "./panes/pane.ts";

/** What a shell is opened in, as it stood under the cursor. */
export type ShellTarget = { at: "container"; container: string } | { at: "node"; node: NodeName };

/** A stage that is opened from the panes, with what it is opened on: full ids, as they stood under the cursor. */
export type Opening =
  | { stage: "set-up" }
  /** What can be forwarded of the selected rows, beside the forwards that are open. */
  | { stage: "forward"; of: PaneId; keys: readonly string[] }
  /** Faults of the demo, beginning with one; `node`: the one under the cursor. */
  | { stage: "faults"; fault: FaultName; node: NodeName | undefined }
  | { stage: "timeline" }
  | { stage: "copy"; of: PaneId; key: string }
  /** Containers by their ids, or the engines of nodes by the nodes' names. */
  | { stage: "logs"; of: "containers" | "nodes"; keys: readonly string[] }
  | { stage: "launch"; from: LaunchFrom }
  /** On a network, the first of all when undefined; `on`: the containers that are selected, if any. */
  | { stage: "ping"; network: SafeText | undefined; on: readonly string[] }
  | { stage: "shell"; in: ShellTarget }
  /** The pool of the file; without one that which the container knows. */
  | { stage: "pool"; container: string | undefined }
  /** The rows of a pane that can be acted on together, and the keys of the panes that mean something on them. */
  | { stage: "actions"; of: PaneId; keys: readonly string[]; also: readonly Binding[] };

/** Every stage; which of them there are depends on where the panes are shown. */
export const stageNames = [
  "set-up",
  "actions",
  "launch",
  "logs",
  "ping",
  "shell",
  "pool",
  "forward",
  "timeline",
  "copy",
  "faults",
] as const satisfies readonly Opening["stage"][];
export type StageName = Opening["stage"];
