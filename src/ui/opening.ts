import type { LaunchFrom } from "../domain/launch/prefill.ts";
import type { PaneId } from "./panes/pane.ts";

/** A stage that is opened from the panes, with what it is opened on: full ids, as they stood under the cursor. */
export type Opening =
  | { stage: "set-up" }
  | { stage: "launch"; from: LaunchFrom }
  /** The rows of a pane that can be acted on together. */
  | { stage: "actions"; of: PaneId; keys: readonly string[] };

/** Every stage; which of them there are depends on where the panes are shown. */
export const stageNames = ["set-up", "actions", "launch"] as const satisfies readonly Opening["stage"][];
export type StageName = Opening["stage"];
