import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { removeGroups, thawGroups } from "./cgroups.ts";
import { ran } from "./command.ts";
import { cache, type Places } from "./places.ts";
import { ancestors, belongs, killAll, namespaceInode, processes, unmountBelow } from "./processes.ts";

/** Network namespaces of a lab, by the names it gives them. */
export function namespacesOf(places: Places): string[] {
  if (!existsSync("/run/netns")) return [];
  return readdirSync("/run/netns").filter((name) => name.startsWith(places.prefix));
}

/** Every process of a lab: those that carry its mark, and all that is in its namespaces or control groups. */
function processesOf(places: Places): (pid: number) => boolean {
  const mine = ancestors();
  const namespaces = new Set(namespacesOf(places).flatMap((name) => namespaceInode(name) ?? []));
  return (pid) => !mine.has(pid) && belongs(pid, { mark: places.mark, groups: places.prefix, namespaces });
}

/** Removes every process, mount, namespace and file of a lab, from whatever state it finds. What is built once stays. */
export async function sweep(places: Places): Promise<void> {
  thawGroups(places.prefix);
  await killAll(`the processes of lab ${places.name}`, processesOf(places));
  await unmountBelow(places.folder);
  for (const name of namespacesOf(places)) await ran(["ip", "netns", "delete", name]);
  await removeGroups(places.prefix);
  rmSync(places.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Ids of the processes of a lab; none after `sweep`. */
export const processesIn = (places: Places): number[] => processes(processesOf(places));

/** Labs that left anything on the machine. */
export function labsPresent(): string[] {
  const folder = path.join(cache, "labs");
  const folders = existsSync(folder) ? readdirSync(folder) : [];
  const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  const named = namespaces.flatMap((name) => /^ovl-lab\.([^.]+)\./.exec(name)?.[1] ?? []);
  return [...new Set([...folders, ...named])].sort();
}
