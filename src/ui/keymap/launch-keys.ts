import type { Binding } from "./binding.ts";
import { lists } from "./place.ts";

export type LaunchAction =
  | "launch.open"
  | "launch.review"
  | "launch.leave"
  | "launch.pick"
  | "launch.mark"
  | "launch.ask"
  | "launch.form"
  | "launch.copy"
  | "launch.cancel";

/** Launching: its form, what there is to pick from, the review, the question before it, its run, its end. */
export const launchKeys: readonly Binding[] = [
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
];
