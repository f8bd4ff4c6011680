import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { clean, type SafeText } from "../../domain/text.ts";
import type { LockHolder } from "../../ports/node-lock.ts";

/** Who runs this program, for the locks on nodes; `doing` is what it is about to do. */
export function lockHolder(doing: SafeText): LockHolder {
  return { run: randomUUID(), operator: operatorName(), machine: machineId(), pid: process.pid, doing };
}

/** "operator@workstation" */
export function operatorName(): SafeText {
  const name = process.env.SUDO_USER ?? userName();
  return clean(`${name}@${hostname()}`, 100);
}

/** Whether the run that holds a lock is known to be over: it ran on this machine, and no such process does now. */
export function isOver(holder: Pick<LockHolder, "machine" | "pid">): boolean {
  if (holder.machine === "" || holder.machine !== machineId() || holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
    // Our own number, and not our run: the other one ended, and the kernel gave its number anew.
    return holder.pid === process.pid;
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
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

/** machine-id(5), with the boot: a pid of before a reboot says nothing. Elsewhere the host's name. */
function machineId(): string {
  try {
    const read = (file: string) => readFileSync(file, "utf8").trim();
    return `${read("/etc/machine-id")} ${read("/proc/sys/kernel/random/boot_id")}`;
  } catch {
    return hostname();
  }
}
