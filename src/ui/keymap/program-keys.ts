import type { Binding } from "./binding.ts";
import { everywhere, lists, livingLists } from "./place.ts";

export type ProgramAction =
  | "show.help"
  | "program.quit"
  | "program.quit-anyway"
  | "program.stay"
  | "program.suspend"
  | "program.redraw";

/** Help, and what the program and its terminal are told everywhere. */
export const programKeys: readonly Binding[] = [
  { id: "show.help", keys: ["?"], in: livingLists, label: "help", group: "Program", footer: 2, palette: true },
  { id: "program.quit", keys: ["q"], in: lists, label: "quit", group: "Program", footer: 2, palette: true },
  { id: "program.quit", keys: ["q"], in: ["too-small"], label: "quit", group: "Program" },
  { id: "program.quit", keys: ["ctrl-c"], in: everywhere, label: "quit", group: "Program" },
  { id: "program.stay", keys: ["esc", "enter", "n"], in: ["quit"], label: "stay", group: "Program", footer: 1 },
  { id: "program.quit-anyway", keys: ["y"], in: ["quit"], label: "quit", group: "Program", footer: 2 },
  { id: "program.suspend", keys: ["ctrl-z"], in: everywhere, label: "suspend; fg returns", group: "Program" },
  { id: "program.redraw", keys: ["ctrl-l"], in: everywhere, label: "draw the screen anew", group: "Program" },
];
