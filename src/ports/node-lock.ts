import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** Who works on a node. */
export interface LockHolder {
  /** Random, of one run. */
  run: string;
  /** "operator@workstation" */
  operator: SafeText;
  /** machine-id of the operator's machine, and the process there: what tells that a run there is dead. */
  machine: string;
  pid: number;
  /** What the run does: "apply", "remove node104". */
  doing: SafeText;
}

/** A lock that another run has. `idleMs`: since it was last renewed, by the node's own clock. */
export interface Locked extends LockHolder {
  idleMs: number;
}

/** One operator at a time on a node. A lease: a run that dies stops renewing it. It is kept on the node, away from disks (/run). */
export interface NodeLock {
  /** Takes it, or renews it when `holder.run` has it already. "busy" with the holder otherwise. */
  take(holder: LockHolder, within: Deadline): Promise<Outcome<{ state: "held" } | { state: "busy"; by: Locked }>>;
  /** Good also when another run has taken it since. */
  release(holder: LockHolder, within: Deadline): Promise<Outcome<void>>;
  /** Takes away the lock of the run `run`, and of no other. */
  break(run: string, within: Deadline): Promise<Outcome<void>>;
}

/** How often a lease is renewed, and after how long without it the run behind it counts as dead, ms. */
export const leaseRenewMs = 10_000;
export const leaseDeadMs = 45_000;
