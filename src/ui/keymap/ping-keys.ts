import type { Binding } from "./binding.ts";

export type PingAction =
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
  | "ping.close";

/** Pinging: the matrix, both directions of a cell, the TCP port. */
export const pingKeys: readonly Binding[] = [
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
];
