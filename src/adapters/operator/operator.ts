import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { LockHolder } from "../../domain/lock.ts";
import { clean, type SafeText } from "../../domain/text.ts";

/**
 * This run of the program, as the locks on nodes name it; `doing` is what it is about to do. The run's name begins with
 * the start of its process, so that a process that got its number later is not taken for it.
 */
export function thisRun(doing: SafeText): LockHolder {
  const run = `${startOf(process.pid) ?? "unknown"}-${randomUUID()}`;
  return { run, operator: operatorName(), machine: machine(), pid: process.pid, doing };
}

/** "operator@workstation": who logged in, also behind sudo. */
export function operatorName(env: NodeJS.ProcessEnv = process.env): SafeText {
  return clean(`${env.SUDO_USER || userName()}@${hostname()}`, 100);
}

/** Whether the run that holds a lock still runs here. Undefined: it ran on another machine, and nobody here can tell. */
export function isAlive(holder: Pick<LockHolder, "run" | "machine" | "pid">): boolean | undefined {
  if (holder.machine !== machine() || holder.pid <= 0) return undefined;
  const [begun] = holder.run.split("-");
  if (begun !== "unknown") return startOf(holder.pid) === begun;
  try {
    return process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A uid that no passwd file knows, as in some containers.
    return `uid${process.getuid?.() ?? ""}`;
  }
}

/** When a process was started, in ticks since boot: the 22nd field, counted behind the name (proc_pid_stat(5)). Undefined where none runs, or no /proc is. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/**
 * Where a pid means something: machine-id(5), the boot, and the namespace of pids, since containers are often made of one
 * image with one machine-id. The host's name where there are none of these.
 */
function machine(): string {
  try {
    const [id, boot] = ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"].map((file) =>
      readFileSync(file, "utf8").trim(),
    );
    return `${id} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}
