import type { Binding } from "./binding.ts";

export type LogAction =
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
  | "logs.close";

/** Logs: the lines, and what is typed under them. */
export const logKeys: readonly Binding[] = [
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
];
