import type { FaultName } from "../../domain/faults.ts";
import { faultKeys } from "./fault-keys.ts";
import type { KeyName } from "./keys.ts";
import { poolKeys, poolPlaces } from "./pool-keys.ts";

/** Where a key means something. A text field takes the keys that its place does not bind. */
export type Place =
  | "panes"
  | "detail"
  | "filter"
  | "palette"
  | "help"
  | "host-key"
  | "secret"
  | "quit"
  | "too-small"
  // Of the set-up: its pages of fields, the hosts to pick from, the plan, the question before it, its run, its end.
  | "form"
  | "picker"
  | "review"
  | "confirm"
  | "accept"
  | "applying"
  | "result"
  | "copy"
  // Of the faults that the demo can be made to suffer.
  | "faults"
  | "forward"
  // Of logs: the lines, and what is typed under them.
  | "logs"
  | "log-field"
  // Of the actions on what is selected: the menu, what an action asks, the question before it, its results.
  | "actions"
  | "action-fields"
  | "action-confirm"
  | "action-typed"
  | "action-results"
  // Of launching: its form, what there is to pick from, the review, the question before it, its run, its end.
  | "launch"
  | "launch-pick"
  | "launch-review"
  | "launch-confirm"
  | "launch-run"
  | "launch-end"
  // Of pinging: the matrix, both directions of a cell, the TCP port.
  | "ping"
  | "ping-cell"
  | "ping-port"
  // Of shells: while one is opened, where there is none to open, and why it was not.
  | "shell-opening"
  | "shell-offer"
  | "shell-failed"
  // Of the pool: its lists, what a test job asks, the question before it, its run.
  | "pool"
  | "pool-fields"
  | "pool-confirm"
  | "pool-job"
  | "pool-remove";

export type ActionId =
  | "move.down"
  | "move.up"
  | "move.left"
  | "move.right"
  | "move.half-down"
  | "move.half-up"
  | "move.page-down"
  | "move.page-up"
  | "move.first"
  | "move.last"
  | "pane.nodes"
  | "pane.membership"
  | "pane.networks"
  | "pane.containers"
  | "pane.next"
  | "pane.previous"
  | "view.open"
  | "view.back"
  | "view.zoom"
  | "tab.next"
  | "tab.previous"
  | "find.filter"
  | "find.keep"
  | "find.clear"
  | "find.palette"
  | "find.run"
  | "mark.toggle"
  | "mark.all"
  | "show.findings"
  | "show.help"
  | "cluster.refresh"
  | "cluster.read-only"
  | "answer.accept-once"
  | "answer.accept-and-remember"
  | "answer.send"
  | "answer.refuse"
  | `fault.${FaultName}`
  | "faults.switch"
  | "faults.close"
  | "copy.open"
  | "copy.choose"
  | "copy.back"
  | "forward.open"
  | "forward.choose"
  | "forward.copy-command"
  | "forward.close"
  | "forward.back"
  | "timeline.open"
  | "logs.open"
  | "logs.pause"
  | "logs.search"
  | "logs.older"
  | "logs.newer"
  | "logs.matching"
  | "logs.times"
  | "logs.wrap"
  | "logs.left"
  | "logs.right"
  | "logs.start"
  | "logs.save"
  | "logs.field-done"
  | "logs.field-back"
  | "logs.close"
  | "actions.open"
  | "actions.choose"
  | "actions.preview"
  | "actions.do"
  | "actions.back"
  | "actions.cancel"
  | "actions.close"
  | "launch.open"
  | "launch.review"
  | "launch.leave"
  | "launch.pick"
  | "launch.mark"
  | "launch.ask"
  | "launch.form"
  | "launch.copy"
  | "launch.cancel"
  | "ping.open"
  | "ping.again"
  | "ping.watch"
  | "ping.side"
  | "ping.network"
  | "ping.all"
  | "ping.port"
  | "ping.take-port"
  | "ping.leave-port"
  | "ping.cell"
  | "ping.copy"
  | "ping.matrix"
  | "ping.close"
  | "shell.open"
  | "shell.node"
  | "shell.in-network"
  | "shell.close"
  | "set-up.open"
  | "form.next-field"
  | "form.previous-field"
  | "form.next-page"
  | "form.previous-page"
  | "form.pick"
  | "form.take-out"
  | "picker.choose"
  | "picker.close"
  | "review.fold"
  | "review.apply"
  | "review.again"
  | "review.back"
  | "confirm.yes"
  | "confirm.no"
  | "applying.cancel"
  | "result.open"
  | "result.back"
  | "pool.open"
  | "pool.back"
  | "pool.slots"
  | "pool.queue"
  | "pool.changes"
  | "pool.printed"
  | "pool.unfold"
  | "pool.test"
  | "pool.preview"
  | "pool.submit"
  | "pool.remove"
  | "pool.remove-now"
  | "program.quit"
  | "program.quit-anyway"
  | "program.stay"
  | "program.suspend"
  | "program.redraw";

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

const lists: readonly Place[] = ["panes", "detail"];
/** Lists that can be filtered and asked for anew. */
const livingLists: readonly Place[] = [...lists, "pool"];
const scrolling: readonly Place[] = ["panes", "detail", "help"];
const acting: readonly Place[] = ["actions", "action-fields", "action-confirm", "action-typed", "action-results"];
const pinging: readonly Place[] = ["ping", "ping-cell", "ping-port"];
const shells: readonly Place[] = ["shell-opening", "shell-offer", "shell-failed"];
const launching: readonly Place[] = [
  "launch",
  "launch-pick",
  "launch-review",
  "launch-confirm",
  "launch-run",
  "launch-end",
];
const reading: readonly Place[] = [
  ...scrolling,
  ...(["launch-pick", "launch-review", "launch-run", "launch-end"] as const),
  ...(["picker", "review", "applying", "result", "actions", "action-confirm", "action-results"] as const),
  "logs",
  "ping",
  "ping-cell",
  ...(["pool", "pool-confirm"] as const),
  "forward",
  "copy",
  "faults",
];
const setUp: readonly Place[] = ["form", "picker", "review", "confirm", "accept", "applying", "result"];
const everywhere: readonly Place[] = [
  ...scrolling,
  ...(["filter", "palette", "host-key", "secret", "quit", "too-small"] as const),
  ...setUp,
  ...acting,
  "logs",
  "log-field",
  ...launching,
  ...pinging,
  ...shells,
  ...poolPlaces,
  "forward",
  "copy",
  "faults",
];

const goTo = { in: lists, group: "Panes and details", palette: true, together: "go to a pane" } as const;

/** Every key. Only what works now is in it. */
export const keymap: readonly Binding[] = [
  { id: "move.down", keys: ["j", "down"], in: reading, label: "down", group: "Move" },
  { id: "move.up", keys: ["k", "up"], in: reading, label: "up", group: "Move" },
  { id: "move.down", keys: ["down", "ctrl-n"], in: ["palette", "filter"], label: "down", group: "Move" },
  { id: "move.up", keys: ["up", "ctrl-p"], in: ["palette", "filter"], label: "up", group: "Move" },
  { id: "move.first", keys: ["g", "home"], in: reading, label: "first row", group: "Move" },
  { id: "move.last", keys: ["G", "end"], in: reading, label: "last row", group: "Move" },
  { id: "move.left", keys: ["h", "left"], in: ["ping", "faults"], label: "left", group: "Move" },
  { id: "move.right", keys: ["l", "right"], in: ["ping", "faults"], label: "right", group: "Move" },
  { id: "move.half-down", keys: ["ctrl-d"], in: reading, label: "half a page down", group: "Move" },
  { id: "move.half-up", keys: ["ctrl-u"], in: reading, label: "half a page up", group: "Move" },
  { id: "move.page-down", keys: ["pagedown", "ctrl-f"], in: reading, label: "a page down", group: "Move" },
  { id: "move.page-up", keys: ["pageup", "ctrl-b"], in: reading, label: "a page up", group: "Move" },

  { id: "view.open", keys: ["enter"], in: ["panes"], label: "details", group: "Panes and details", footer: 1 },
  { id: "view.back", keys: ["esc"], in: ["detail"], label: "back", group: "Panes and details", footer: 1 },
  { id: "view.back", keys: ["esc"], in: ["panes"], label: "no filter, no zoom", group: "Panes and details" },
  { id: "view.back", keys: ["esc", "?", "enter"], in: ["help"], label: "back", group: "Panes and details", footer: 1 },
  { id: "pane.next", keys: ["tab"], in: ["panes"], label: "next pane", group: "Panes and details", footer: 5 },
  { id: "pane.previous", keys: ["shift-tab"], in: ["panes"], label: "previous pane", group: "Panes and details" },
  { ...goTo, id: "pane.nodes", keys: ["1"], label: "nodes" },
  { ...goTo, id: "pane.membership", keys: ["2"], label: "membership" },
  { ...goTo, id: "pane.networks", keys: ["3"], label: "networks" },
  { ...goTo, id: "pane.containers", keys: ["4"], label: "containers" },
  { id: "view.zoom", keys: ["z"], in: ["panes"], label: "zoom", group: "Panes and details", footer: 7, palette: true },
  { id: "tab.next", keys: ["]", "tab"], in: ["detail"], label: "next tab", group: "Panes and details", footer: 3 },
  {
    id: "tab.previous",
    keys: ["[", "shift-tab"],
    in: ["detail"],
    label: "previous tab",
    group: "Panes and details",
    footer: 6,
  },

  { id: "mark.toggle", keys: ["space"], in: ["panes"], label: "mark", group: "Find" },
  { id: "mark.all", keys: ["*"], in: ["panes"], label: "mark all or none", group: "Find", palette: true },
  { id: "find.filter", keys: ["/"], in: livingLists, label: "filter", group: "Find", footer: 3, palette: true },
  { id: "find.keep", keys: ["enter"], in: ["filter"], label: "keep", group: "Find", footer: 1 },
  { id: "find.clear", keys: ["esc"], in: ["filter"], label: "no filter", group: "Find", footer: 2 },
  { id: "find.palette", keys: [":"], in: lists, label: "command", group: "Find", footer: 6 },
  { id: "find.run", keys: ["enter"], in: ["palette"], label: "do it", group: "Find", footer: 1 },
  { id: "view.back", keys: ["esc"], in: ["palette"], label: "back", group: "Find", footer: 2 },

  { id: "show.findings", keys: ["f"], in: lists, label: "findings", group: "Cluster", footer: 4, palette: true },
  { id: "cluster.refresh", keys: ["R"], in: livingLists, label: "refresh", group: "Cluster", footer: 5, palette: true },
  {
    id: "cluster.read-only",
    keys: ["ctrl-r"],
    in: livingLists,
    label: "read-only on and off",
    group: "Cluster",
    palette: true,
  },

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
  { id: "launch.open", keys: ["n"], in: lists, label: "new container", group: "Actions", footer: 4, palette: true },
  { id: "launch.review", keys: ["ctrl-n", "pagedown"], in: ["launch"], label: "review", group: "Launch", footer: 1 },
  { id: "launch.leave", keys: ["esc"], in: ["launch"], label: "back", group: "Launch", footer: 2 },
  {
    id: "form.next-field",
    keys: ["down", "tab", "enter"],
    in: ["launch"],
    label: "next field",
    group: "Launch",
    footer: 4,
  },
  { id: "form.previous-field", keys: ["up", "shift-tab"], in: ["launch"], label: "field before", group: "Launch" },
  { id: "launch.pick", keys: ["ctrl-o"], in: ["launch"], label: "pick", group: "Launch", footer: 3 },
  { id: "picker.choose", keys: ["enter"], in: ["launch-pick"], label: "take it", group: "Launch", footer: 1 },
  { id: "picker.close", keys: ["esc"], in: ["launch-pick"], label: "back", group: "Launch", footer: 2 },
  { id: "launch.mark", keys: ["space"], in: ["launch-pick"], label: "mark several", group: "Launch", footer: 3 },
  { id: "launch.ask", keys: ["a", "enter"], in: ["launch-review"], label: "launch", group: "Launch", footer: 1 },
  { id: "launch.copy", keys: ["y"], in: ["launch-review"], label: "copy the command", group: "Launch", footer: 3 },
  { id: "launch.form", keys: ["esc"], in: ["launch-review"], label: "back to the form", group: "Launch", footer: 2 },
  { id: "confirm.no", keys: ["enter", "esc", "n"], in: ["launch-confirm"], label: "no", group: "Launch", footer: 1 },
  { id: "confirm.yes", keys: ["y"], in: ["launch-confirm"], label: "launch", group: "Launch", footer: 2 },
  { id: "launch.leave", keys: ["esc"], in: ["launch-run"], label: "leave it running", group: "Launch", footer: 1 },
  { id: "launch.cancel", keys: ["c"], in: ["launch-run"], label: "begin no more", group: "Launch", footer: 2 },
  { id: "launch.leave", keys: ["enter", "q"], in: ["launch-end"], label: "back", group: "Launch", footer: 1 },
  { id: "launch.form", keys: ["esc"], in: ["launch-end"], label: "back to the form", group: "Launch", footer: 2 },

  { id: "logs.search", keys: ["/"], in: ["logs"], label: "search", group: "Logs", footer: 2 },
  { id: "logs.older", keys: ["n"], in: ["logs"], label: "older match", group: "Logs", footer: 7 },
  { id: "logs.newer", keys: ["N"], in: ["logs"], label: "newer match", group: "Logs" },
  { id: "logs.matching", keys: ["f"], in: ["logs"], label: "only matches", group: "Logs", footer: 6 },
  { id: "logs.pause", keys: ["space", "p"], in: ["logs"], label: "pause", group: "Logs", footer: 3 },
  { id: "logs.times", keys: ["t"], in: ["logs"], label: "times", group: "Logs", footer: 5 },
  { id: "logs.wrap", keys: ["w"], in: ["logs"], label: "wrap", group: "Logs", footer: 5 },
  { id: "logs.start", keys: ["T"], in: ["logs"], label: "from when", group: "Logs", footer: 6 },
  { id: "logs.save", keys: ["s"], in: ["logs"], label: "save", group: "Logs", footer: 4 },
  { id: "logs.left", keys: ["left"], in: ["logs"], label: "to the left", group: "Logs" },
  { id: "logs.right", keys: ["right"], in: ["logs"], label: "to the right", group: "Logs" },
  { id: "logs.close", keys: ["esc", "q"], in: ["logs"], label: "back", group: "Logs", footer: 1 },
  { id: "logs.field-done", keys: ["enter"], in: ["log-field"], label: "do it", group: "Logs", footer: 1 },
  { id: "logs.field-back", keys: ["esc"], in: ["log-field"], label: "back", group: "Logs", footer: 2 },

  { id: "ping.cell", keys: ["enter"], in: ["ping"], label: "both directions", group: "Ping", footer: 1 },
  { id: "ping.close", keys: ["esc", "q"], in: ["ping"], label: "back", group: "Ping", footer: 2 },
  { id: "ping.again", keys: ["R"], in: ["ping", "ping-cell"], label: "again", group: "Ping", footer: 3 },
  { id: "ping.watch", keys: ["w"], in: ["ping", "ping-cell"], label: "watch", group: "Ping", footer: 4 },
  { id: "ping.all", keys: ["f"], in: ["ping"], label: "full", group: "Ping", footer: 3 },
  { id: "ping.side", keys: ["tab"], in: ["ping"], label: "containers or nodes", group: "Ping", footer: 5 },
  { id: "ping.port", keys: ["t"], in: ["ping"], label: "TCP port", group: "Ping", footer: 6 },
  { id: "ping.network", keys: ["o"], in: ["ping"], label: "other network", group: "Ping", footer: 7 },
  { id: "ping.copy", keys: ["y"], in: ["ping", "ping-cell"], label: "copy the command", group: "Ping", footer: 8 },
  { id: "ping.matrix", keys: ["esc", "enter", "q"], in: ["ping-cell"], label: "matrix", group: "Ping", footer: 1 },
  { id: "ping.take-port", keys: ["enter"], in: ["ping-port"], label: "ping with it", group: "Ping", footer: 1 },
  { id: "ping.leave-port", keys: ["esc"], in: ["ping-port"], label: "as it was", group: "Ping", footer: 2 },
  ...poolKeys,
  ...faultKeys,

  { id: "set-up.open", keys: ["s"], in: lists, label: "set up", group: "Set-up", footer: 6, palette: true },
  { id: "form.next-page", keys: ["ctrl-n", "pagedown"], in: ["form"], label: "next page", group: "Set-up", footer: 1 },
  { id: "form.previous-page", keys: ["esc", "pageup"], in: ["form"], label: "page before", group: "Set-up", footer: 2 },
  {
    id: "form.next-field",
    keys: ["down", "tab", "enter"],
    in: ["form"],
    label: "next field",
    group: "Set-up",
    footer: 3,
  },
  { id: "form.previous-field", keys: ["up", "shift-tab"], in: ["form"], label: "field before", group: "Set-up" },
  { id: "form.pick", keys: ["ctrl-o"], in: ["form"], label: "known hosts", group: "Set-up", footer: 4 },
  { id: "form.take-out", keys: ["ctrl-x"], in: ["form"], label: "take out", group: "Set-up", footer: 5 },
  { id: "picker.choose", keys: ["enter", "space"], in: ["picker"], label: "add the host", group: "Set-up", footer: 1 },
  { id: "picker.close", keys: ["esc"], in: ["picker"], label: "back", group: "Set-up", footer: 2 },
  { id: "review.apply", keys: ["a"], in: ["review"], label: "apply", group: "Set-up", footer: 1 },
  { id: "review.back", keys: ["esc"], in: ["review"], label: "page before", group: "Set-up", footer: 2 },
  { id: "review.fold", keys: ["enter", "space"], in: ["review"], label: "unfold", group: "Set-up", footer: 3 },
  { id: "review.again", keys: ["R"], in: ["review"], label: "plan again", group: "Set-up", footer: 4 },
  { id: "confirm.no", keys: ["enter", "esc", "n"], in: ["confirm"], label: "no", group: "Set-up", footer: 1 },
  { id: "confirm.yes", keys: ["y"], in: ["confirm"], label: "apply", group: "Set-up", footer: 2 },
  { id: "confirm.yes", keys: ["enter"], in: ["accept"], label: "apply", group: "Set-up", footer: 1 },
  { id: "confirm.no", keys: ["esc"], in: ["accept"], label: "no", group: "Set-up", footer: 2 },
  {
    id: "applying.cancel",
    keys: ["esc", "c"],
    in: ["applying"],
    label: "end after the running step",
    group: "Set-up",
    footer: 1,
  },
  { id: "result.open", keys: ["enter"], in: ["result"], label: "open the cluster", group: "Set-up", footer: 1 },
  { id: "result.back", keys: ["esc"], in: ["result"], label: "back to the plan", group: "Set-up", footer: 2 },

  { id: "answer.refuse", keys: ["enter", "esc"], in: ["host-key"], label: "refuse", group: "Questions", footer: 1 },
  { id: "answer.accept-once", keys: ["A"], in: ["host-key"], label: "accept once", group: "Questions", footer: 2 },
  {
    id: "answer.accept-and-remember",
    keys: ["M"],
    in: ["host-key"],
    label: "accept and remember",
    group: "Questions",
    footer: 3,
  },
  { id: "answer.send", keys: ["enter"], in: ["secret"], label: "send", group: "Questions", footer: 1 },
  { id: "answer.refuse", keys: ["esc"], in: ["secret"], label: "refuse", group: "Questions", footer: 2 },

  { id: "show.help", keys: ["?"], in: livingLists, label: "help", group: "Program", footer: 2, palette: true },
  { id: "program.quit", keys: ["q"], in: lists, label: "quit", group: "Program", footer: 2, palette: true },
  { id: "program.quit", keys: ["q"], in: ["too-small"], label: "quit", group: "Program" },
  { id: "program.quit", keys: ["ctrl-c"], in: everywhere, label: "quit", group: "Program" },
  { id: "program.stay", keys: ["esc", "enter", "n"], in: ["quit"], label: "stay", group: "Program", footer: 1 },
  { id: "program.quit-anyway", keys: ["y"], in: ["quit"], label: "quit", group: "Program", footer: 2 },
  { id: "program.suspend", keys: ["ctrl-z"], in: everywhere, label: "suspend; fg returns", group: "Program" },
  { id: "program.redraw", keys: ["ctrl-l"], in: everywhere, label: "draw the screen anew", group: "Program" },
];

/** What a key does in a place. */
export function bound(key: KeyName, place: Place): Binding | undefined {
  return keymap.find((one) => one.in.includes(place) && one.keys.includes(key));
}

/** Groups whose keys of the panes open something beside them. */
const opening: readonly Group[] = ["Actions", "Cluster", "Pool", "Set-up"];

/** What the menu of actions offers besides changes: the keys that open something, on a row or on the cluster. */
export const shortcuts: readonly Binding[] = keymap.filter(
  (one) =>
    opening.includes(one.group) &&
    one.in.includes("panes") &&
    /\.open$|^shell\.node$/.test(one.id) &&
    one.id !== "actions.open",
);

/** What can be done in a place, in the keymap's order. */
export const inPlace = (place: Place): readonly Binding[] => keymap.filter((one) => one.in.includes(place));
