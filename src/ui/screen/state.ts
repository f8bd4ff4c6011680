import type { SafeText } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Question } from "../../ports/prompter.ts";
import type { Subject } from "../details/detail.ts";
import { emptyField, type Field } from "../dialogs/text-field.ts";
import type { Style } from "../draw/style.ts";
import type { PaneId } from "../panes/pane.ts";
import { type ListState, untouched } from "../table/list.ts";

/** Where the operator is in one list. */
export interface ListView {
  list: ListState;
  filter: string;
}

export const freshList: ListView = { list: untouched, filter: "" };

/** What lies over the panes or the detail view. */
export type Overlay =
  | { kind: "filter"; field: Field }
  | { kind: "palette"; field: Field; index: number }
  | { kind: "help"; list: ListState }
  | { kind: "quit" };

/** Where the operator is on the screen. Immutable, and free of anything that was seen of the cluster. */
export interface ScreenState {
  focus: PaneId;
  zoomed: boolean;
  panes: Readonly<Record<PaneId, ListView>>;
  /** Keys of marked rows; those of rows that are gone count for nothing. */
  marks: Readonly<Record<PaneId, ReadonlySet<string>>>;
  detail: { subject: Subject; tab: number; lists: Readonly<Record<string, ListView>> } | undefined;
  overlay: Overlay | undefined;
  /** The answer being typed, and to which question: another question starts empty. */
  answer: { to: Question | undefined; field: Field };
  message: { text: SafeText; style: Style; until: Instant } | undefined;
}

const noMarks: ReadonlySet<string> = new Set();

export const startState: ScreenState = {
  focus: "nodes",
  zoomed: false,
  panes: { nodes: freshList, membership: freshList, networks: freshList, containers: freshList },
  marks: { nodes: noMarks, membership: noMarks, networks: noMarks, containers: noMarks },
  detail: undefined,
  overlay: undefined,
  answer: { to: undefined, field: emptyField },
  message: undefined,
};
