import type { RowAction } from "./action-keys.ts";
import type { FaultAction } from "./fault-keys.ts";
import type { KeyName } from "./keys.ts";
import type { LaunchAction } from "./launch-keys.ts";
import type { LogAction } from "./log-keys.ts";
import type { PaneAction } from "./pane-keys.ts";
import type { PingAction } from "./ping-keys.ts";
import type { Place } from "./place.ts";
import type { PoolAction } from "./pool-keys.ts";
import type { ProgramAction } from "./program-keys.ts";
import type { QuestionAction } from "./question-keys.ts";
import type { SetUpAction } from "./set-up-keys.ts";

/** What a key does; each subject names its own. */
export type ActionId =
  | FaultAction
  | LaunchAction
  | LogAction
  | PaneAction
  | PingAction
  | PoolAction
  | ProgramAction
  | QuestionAction
  | RowAction
  | SetUpAction;

export type Group =
  | "Move"
  | "Panes and details"
  | "Find"
  | "Cluster"
  | "Actions"
  | "Logs"
  | "Launch"
  | "Ping"
  | "Pool"
  | "Set-up"
  | "Demo"
  | "Questions"
  | "Program";

/** One row of the keymap. Dispatcher, footer, help, palette and the README's table are all made from these. */
export interface Binding {
  id: ActionId;
  /** The first is the one that the footer names. Without any it is a command of the palette alone. */
  keys: readonly KeyName[];
  in: readonly Place[];
  /** A few words, as the footer and the help write them. */
  label: string;
  group: Group;
  /** Named in the footer; where it is narrow, those with the highest number are left out first. */
  footer?: number;
  /** Offered in the palette. */
  palette?: true;
  /** Neighbours with the same words are one row of the help. */
  together?: string;
}
