import { existsSync } from "node:fs";
import path from "node:path";
import { groupsOf } from "./cgroups.ts";
import { type Ran, type RunOptions, ran } from "./command.ts";
import { placesOf } from "./places.ts";
import { mountsBelow } from "./processes.ts";
import { namespacesOf, processesIn } from "./sweep.ts";

/** What `npm run lab --` starts. */
export const entry = [process.execPath, "--import", "tsx", path.resolve(import.meta.dirname, "main.ts")] as const;

/** `npm run lab -- WORDS…` to its end. */
export const command = (words: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  ran([...entry, ...words], { seconds: 900, ...options });

/** What a lab has on the machine. */
export function remains(name: string) {
  const places = placesOf(name);
  return {
    processes: processesIn(places).length,
    mounts: mountsBelow(places.folder),
    namespaces: namespacesOf(places),
    controlGroups: groupsOf(places.prefix),
    files: existsSync(places.folder),
  };
}

export const nothing: ReturnType<typeof remains> = {
  processes: 0,
  mounts: [],
  namespaces: [],
  controlGroups: [],
  files: false,
};
