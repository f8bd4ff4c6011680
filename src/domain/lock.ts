import type { SafeText } from "./text.ts";

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

/** How often a lease is renewed, and after how long without it the run behind it counts as dead, ms. */
export const leaseRenewMs = 10_000;
export const leaseDeadMs = 45_000;
