import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { removeGroups } from "./cgroups.ts";
import { ran } from "./command.ts";
import { cache, type Places } from "./places.ts";
import { ancestors, belongs, killAll, namespaceInode, unmountBelow } from "./processes.ts";

/** Network namespaces of a lab, by the names it gives them. */
export function namespacesOf(places: Places): string[] {
  if (!existsSync("/run/netns")) return [];
  const prefix = places.switch.replace(/switch$/, "");
  return readdirSync("/run/netns").filter((name) => name.startsWith(prefix));
}

/** Removes every process, mount, namespace and file of a lab, from whatever state it finds. What is built once stays. */
export async function sweep(places: Places): Promise<void> {
  const mine = ancestors();
  const inodes = new Set(namespacesOf(places).flatMap((name) => namespaceInode(name) ?? []));
  await killAll(`the processes of lab ${places.name}`, (pid) => !mine.has(pid) && belongs(pid, places.mark, inodes));
  await unmountBelow(places.folder);
  for (const name of namespacesOf(places)) await ran(["ip", "netns", "delete", name]);
  removeGroups(places.switch.replace(/switch$/, ""));
  rmSync(places.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Labs that left anything on the machine. */
export function labsPresent(): string[] {
  const folder = path.join(cache, "labs");
  const folders = existsSync(folder) ? readdirSync(folder) : [];
  const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  const named = namespaces.flatMap((name) => /^ovl-lab\.([^.]+)\./.exec(name)?.[1] ?? []);
  return [...new Set([...folders, ...named])].sort();
}
