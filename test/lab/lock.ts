import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ran } from "./command.ts";
import { cache } from "./places.ts";

/** Who has a lock, in its own words. */
export interface Holder {
  pid: number;
  doing: string;
}

const fileOf = (name: string): string => path.join(cache, "locks", name);

/**
 * Runs `work` while nobody else holds the lock `name`. It is the kernel's lock (flock(2)), held by a child that reads from
 * us: when this process dies, in whichever way, the child reads the end and the lock is free.
 * @param seconds how long to wait for it
 * @throws Error that names the holder when it is not to be had in time
 */
export async function locked<T>(name: string, doing: string, seconds: number, work: () => Promise<T>): Promise<T> {
  const file = fileOf(name);
  mkdirSync(path.dirname(file), { recursive: true });
  const hold = 'echo "$2" > "$1"; echo held; exec cat';
  const child = spawn(
    "flock",
    ["-w", String(seconds), file, "sh", "-c", hold, "sh", file, `${process.pid} ${doing}`],
    // Not of our process group: ctrl-c is for us, who let go of the lock when all is tidied up.
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  const ended = once(child, "close");
  const held = await Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
  if (!held) {
    const holder = readHolder(file);
    throw new Error(
      `another run works on ${name.replace("-", " ")}` +
        (holder === undefined ? "" : ` (process ${holder.pid}, ${holder.doing})`) +
        ": wait for it, or end it",
    );
  }
  try {
    return await work();
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** Who holds the lock now; undefined when nobody does. */
export async function holderOf(name: string): Promise<Holder | undefined> {
  const file = fileOf(name);
  mkdirSync(path.dirname(file), { recursive: true });
  const { code } = await ran(["flock", "-n", file, "true"]);
  return code === 0 ? undefined : readHolder(file);
}

function readHolder(file: string): Holder | undefined {
  const [, pid, doing] = /^(\d+) (.*)/.exec(readFileSync(file, "utf8")) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), doing: doing ?? "" };
}
