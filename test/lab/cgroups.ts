import { existsSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const mounted = "/sys/fs/cgroup";

/** The trees of control groups: one in version 2, one a controller in version 1 (cgroups(7)). */
function trees(): string[] {
  if (existsSync(path.join(mounted, "cgroup.controllers"))) return [mounted];
  if (!existsSync(mounted)) return [];
  return readdirSync(mounted)
    .map((name) => path.join(mounted, name))
    .filter((tree) => existsSync(path.join(tree, "cgroup.procs")));
}

/**
 * A shell script that moves the shell into a group `name` of its own in every tree. Without it two hosts' systemds share
 * their slices, and stopping a service on one would kill it on the other. A cpuset group takes nobody before it has
 * processors and memory.
 */
export function enterGroup(name: string): string {
  return trees()
    .map((tree) => {
      const group = path.join(tree, name);
      const inherit = ["cpuset.cpus", "cpuset.mems"]
        .map((file) => `[ -e "${tree}/${file}" ] && cat "${tree}/${file}" > "${group}/${file}"`)
        .join("; ");
      return `mkdir -p "${group}"; { ${inherit}; } 2>/dev/null; echo $$ > "${group}/cgroup.procs"`;
    })
    .join("\n");
}

/** Control groups whose names begin with `prefix`. */
export const groupsOf = (prefix: string): string[] =>
  trees().flatMap((tree) =>
    readdirSync(tree)
      .filter((name) => name.startsWith(prefix))
      .map((name) => path.join(tree, name)),
  );

/** Lets go on what is frozen in these groups (a container that was paused): it could not even be killed (cgroups(7)). */
export function thawGroups(prefix: string): void {
  for (const group of groupsOf(prefix)) thawGroup(group);
}

function thawGroup(folder: string): void {
  for (const [file, thawed] of [
    ["freezer.state", "THAWED"],
    ["cgroup.freeze", "0"],
  ] as const) {
    try {
      if (existsSync(path.join(folder, file))) writeFileSync(path.join(folder, file), thawed);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  for (const below of groupsIn(folder)) thawGroup(below);
}

/** The groups right below one. A host that is still at work removes its own meanwhile: then there are none. */
function groupsIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((one) => one.isDirectory()).map((one) => path.join(folder, one.name));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** ENODEV is what a file says that was opened before its group was removed (cgroups(7)). */
const isGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENODEV");

/**
 * Removes the groups whose names begin with `prefix`, with all below them; those in use stay. The kernel keeps a group for
 * a moment after its last process has ended.
 */
export async function removeGroups(prefix: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    for (const group of groupsOf(prefix)) removeGroup(group);
    if (groupsOf(prefix).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function removeGroup(folder: string): void {
  for (const below of groupsIn(folder)) removeGroup(below);
  try {
    rmdirSync(folder);
  } catch {
    // Busy: something that is not ours went in there. Or gone by itself.
  }
}
