import type { Binding } from "./binding.ts";
import { lists } from "./place.ts";

export type RowAction =
  | "copy.open"
  | "copy.choose"
  | "copy.back"
  | "forward.open"
  | "forward.choose"
  | "forward.copy-command"
  | "forward.close"
  | "forward.back"
  | "timeline.open"
  | "actions.open"
  | "actions.choose"
  | "actions.preview"
  | "actions.do"
  | "actions.back"
  | "actions.cancel"
  | "actions.close"
  | "shell.open"
  | "shell.node"
  | "shell.in-network"
  | "shell.close";

/** What opens beside the panes, and the small dialogs over them: the menu of actions, copying, forwarding, shells. */
export const actionKeys: readonly Binding[] = [
  { id: "actions.open", keys: ["a"], in: lists, label: "actions", group: "Actions", footer: 3, palette: true },
  { id: "copy.open", keys: ["y"], in: lists, label: "copy", group: "Actions", footer: 7, palette: true },
  { id: "copy.choose", keys: ["enter", "y"], in: ["copy"], label: "copy", group: "Actions", footer: 1 },
  { id: "copy.back", keys: ["esc", "q"], in: ["copy"], label: "back", group: "Actions", footer: 2 },
  { id: "forward.open", keys: ["o"], in: lists, label: "forward a port", group: "Actions", footer: 6, palette: true },
  {
    id: "forward.choose",
    keys: ["enter"],
    in: ["forward"],
    label: "open, or copy the address",
    group: "Actions",
    footer: 1,
  },
  { id: "forward.close", keys: ["d"], in: ["forward"], label: "close", group: "Actions", footer: 2 },
  { id: "forward.copy-command", keys: ["y"], in: ["forward"], label: "copy the command", group: "Actions", footer: 3 },
  { id: "forward.back", keys: ["esc", "q", "o"], in: ["forward"], label: "back", group: "Actions", footer: 1 },
  { id: "timeline.open", keys: ["e"], in: lists, label: "events", group: "Cluster", footer: 6, palette: true },
  { id: "logs.open", keys: ["l"], in: lists, label: "logs", group: "Actions", footer: 4, palette: true },
  { id: "ping.open", keys: ["p"], in: lists, label: "ping", group: "Actions", footer: 4, palette: true },
  { id: "actions.choose", keys: ["enter"], in: ["actions"], label: "choose", group: "Actions", footer: 1 },
  { id: "actions.close", keys: ["esc", "q"], in: ["actions"], label: "back", group: "Actions", footer: 2 },
  { id: "actions.preview", keys: ["enter"], in: ["action-fields"], label: "preview", group: "Actions", footer: 1 },
  {
    id: "form.next-field",
    keys: ["down", "tab"],
    in: ["action-fields"],
    label: "next field",
    group: "Actions",
    footer: 3,
  },
  {
    id: "form.previous-field",
    keys: ["up", "shift-tab"],
    in: ["action-fields"],
    label: "field before",
    group: "Actions",
  },
  { id: "actions.back", keys: ["esc"], in: ["action-fields"], label: "back", group: "Actions", footer: 2 },
  { id: "actions.back", keys: ["enter", "esc", "n"], in: ["action-confirm"], label: "no", group: "Actions", footer: 1 },
  { id: "actions.do", keys: ["y"], in: ["action-confirm"], label: "do it", group: "Actions", footer: 2 },
  { id: "actions.do", keys: ["enter"], in: ["action-typed"], label: "do it", group: "Actions", footer: 1 },
  { id: "actions.back", keys: ["esc"], in: ["action-typed"], label: "no", group: "Actions", footer: 2 },
  {
    id: "actions.close",
    keys: ["enter", "esc", "q"],
    in: ["action-results"],
    label: "back",
    group: "Actions",
    footer: 1,
  },
  { id: "actions.cancel", keys: ["c"], in: ["action-results"], label: "begin no more", group: "Actions", footer: 2 },
  { id: "shell.open", keys: ["x"], in: lists, label: "shell", group: "Actions", footer: 4, palette: true },
  { id: "shell.node", keys: ["X"], in: lists, label: "shell on the node", group: "Actions", footer: 8, palette: true },
  { id: "shell.close", keys: ["esc", "q"], in: ["shell-opening"], label: "give up", group: "Actions", footer: 1 },
  { id: "shell.close", keys: ["enter", "esc", "q"], in: ["shell-failed"], label: "back", group: "Actions", footer: 1 },
  { id: "shell.close", keys: ["enter", "esc", "q"], in: ["shell-offer"], label: "back", group: "Actions", footer: 1 },
  {
    id: "shell.in-network",
    keys: ["y"],
    in: ["shell-offer"],
    label: "the node's shell in its network",
    group: "Actions",
    footer: 2,
  },
];
