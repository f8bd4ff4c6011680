import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { ran, until } from "./command.ts";

/** Ids of all processes for which `holds`; one that has ended, waited for by its parent or not, is none. */
export function processes(holds: (pid: number) => boolean): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && !isZombie(pid) && tried(() => holds(pid)) === true);
}

/** By what the processes of a lab are known. Each alone can be lost: an environment is cleared, a namespace loses its name. */
export interface Traits {
  /** A word of the environment. */
  mark: string;
  /** How the names of its control groups begin. */
  groups: string;
  /** Inodes of network namespaces. */
  namespaces: ReadonlySet<number>;
}

export function belongs(pid: number, { mark, groups, namespaces }: Traits): boolean {
  const inode = Number(/\[(\d+)\]/.exec(tried(() => readlinkSync(`/proc/${pid}/ns/net`)) ?? "")?.[1]);
  if (namespaces.has(inode)) return true;
  if (tried(() => readFileSync(`/proc/${pid}/cgroup`, "latin1"))?.includes(`/${groups}`) === true) return true;
  return carries(pid, mark);
}

/** Whether `mark` stands in the environment that the process was started with. */
export function carries(pid: number, mark: string): boolean {
  return (tried(() => readFileSync(`/proc/${pid}/environ`, "latin1")) ?? "").split("\0").includes(mark);
}

/** The inode of a named network namespace, if it exists. */
export const namespaceInode = (name: string): number | undefined => tried(() => statSync(`/run/netns/${name}`).ino);

/** Kills what `holds` until nothing of it is left; what those processes start meanwhile is found the next time round. */
export async function killAll(what: string, holds: (pid: number) => boolean): Promise<void> {
  await until(`the end of ${what}`, 120, () => {
    const left = processes(holds);
    for (const pid of left) tried(() => process.kill(pid, "SIGKILL"));
    return left.length === 0;
  });
}

const isZombie = (pid: number): boolean =>
  / Z |^$/.test(tried(() => readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "")) ?? "");

/** Mount points at or below `folder`, the innermost first. */
export function mountsBelow(folder: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) =>
      (line.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((place) => place === folder || place.startsWith(`${folder}/`))
    .reverse();
}

export async function unmountBelow(folder: string): Promise<void> {
  for (const place of mountsBelow(folder)) await ran(["umount", "-l", place]);
}

/** The name of the program that a process runs; undefined when it is gone. */
export const commandOf = (pid: number): string | undefined =>
  tried(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim());

/** The words that a process was started with; none when it is gone. */
export const argumentsOf = (pid: number): string[] =>
  (tried(() => readFileSync(`/proc/${pid}/cmdline`, "latin1")) ?? "").split("\0");

/** What the open files of a process are: paths, "socket:[…]", "anon_inode:inotify". */
export function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return (tried(() => readdirSync(folder)) ?? []).flatMap((fd) => tried(() => readlinkSync(`${folder}/${fd}`)) ?? []);
}

/** The first process that `pid` started of those that are still there. */
export function firstChild(pid: number): number | undefined {
  const first = Number(tried(() => readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ")[0]));
  return first > 0 ? first : undefined;
}

/** The process's parents and itself: a command must not kill the shell that called it. */
export function ancestors(): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pid: number = process.pid; pid > 1 && !found.has(pid); ) {
    found.add(pid);
    pid = Number(tried(() => /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) ?? 1);
  }
  return found;
}

/** /proc changes while it is read; what is gone has no value. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
