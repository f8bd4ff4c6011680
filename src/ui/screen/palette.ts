import type { Binding } from "../keymap/keymap.ts";
import { offered, type Scene, under } from "./scene.ts";

/** Spelled-out names, for those that the footer's short words are not enough for. */
const longer: Partial<Record<Binding["id"], string>> = {
  "pane.nodes": "go to nodes",
  "pane.membership": "go to membership",
  "pane.networks": "go to networks",
  "pane.containers": "go to containers",
  "view.zoom": "zoom the pane",
  "find.filter": "filter this list",
  "show.findings": "show the findings",
  "cluster.refresh": "refresh: ask the nodes again, try refused ones anew",
  "cluster.read-only": "read-only on and off",
  "show.help": "help: every key",
  "program.quit": "quit",
};

/** A command as the palette calls it. */
export const commandName = (binding: Binding): string => longer[binding.id] ?? binding.label;

/** The commands that hold every word typed; those that begin with it first. */
export function commands(scene: Scene, typed: string): readonly Binding[] {
  const words = typed
    .toLowerCase()
    .split(" ")
    .filter((word) => word !== "");
  const all = offered(scene, under(scene.state)).filter((one) => one.palette);
  const named = (one: Binding): string => commandName(one).toLowerCase();
  const found = all.filter((one) => words.every((word) => named(one).includes(word)));
  const first = words[0] ?? "";
  return [...found].sort((a, b) => Number(named(b).startsWith(first)) - Number(named(a).startsWith(first)));
}
