import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cache } from "./places.ts";

/** What stands in a lock: a process id may come again, its start time with it not. */
const owner = (pid: number): string | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return `${pid} ${fields[19]}`;
  } catch {
    return undefined;
  }
};

/** Runs `work` while nobody else holds the lock `name`; waits up to `seconds`, then fails with who holds it. */
export async function locked<T>(name: string, seconds: number, work: () => Promise<T>): Promise<T> {
  const folder = path.join(cache, "locks");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  const mine = owner(process.pid) ?? String(process.pid);
  for (const end = Date.now() + seconds * 1000; !taken(file, mine); ) {
    const holder = holderOf(file);
    if (holder !== undefined && owner(Number(holder.split(" ")[0])) !== holder) rmSync(file, { force: true });
    else if (Date.now() >= end) {
      throw new Error(
        `another run works on ${name.replace("-", " ")} (process ${holder?.split(" ")[0] ?? "unknown"}): wait for it, or end it`,
      );
    } else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function taken(file: string, mine: string): boolean {
  try {
    writeFileSync(file, mine, { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

function holderOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
