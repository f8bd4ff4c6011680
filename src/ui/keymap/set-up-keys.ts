import type { Binding } from "./binding.ts";
import { lists } from "./place.ts";

export type SetUpAction =
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
  | "result.back";

/** The set-up: its pages of fields, the hosts to pick from, the plan, the question before it, its run, its end. */
export const setUpKeys: readonly Binding[] = [
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
  { id: "form.pick", keys: ["ctrl-o"], in: ["form"], label: "pick", group: "Set-up", footer: 4 },
  { id: "form.take-out", keys: ["ctrl-x"], in: ["form"], label: "take out", group: "Set-up", footer: 5 },
  { id: "picker.choose", keys: ["enter", "space"], in: ["picker"], label: "take it", group: "Set-up", footer: 1 },
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
];
