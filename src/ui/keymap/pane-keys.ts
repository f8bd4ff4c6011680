import type { Binding } from "./binding.ts";
import { lists, livingLists, reading } from "./place.ts";

export type PaneAction =
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
  | "cluster.refresh"
  | "cluster.read-only";

const goTo = { in: lists, group: "Panes and details", palette: true, together: "go to a pane" } as const;

/** Moving, panes and details, finding, and what is asked of the whole cluster. */
export const paneKeys: readonly Binding[] = [
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
];
