import type { Locked, LockHolder } from "../domain/lock.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** One operator at a time on a node. A lease: a run that dies stops renewing it. It is kept on the node, away from disks (/run). */
export interface NodeLock {
  /** Takes it, or renews it when `holder.run` has it already. "busy" with the holder otherwise. */
  take(holder: LockHolder, within: Deadline): Promise<Outcome<{ state: "held" } | { state: "busy"; by: Locked }>>;
  /** Good also when another run has taken it since. */
  release(holder: LockHolder, within: Deadline): Promise<Outcome<void>>;
  /** Takes away the lock of the run `run`, and of no other. */
  break(run: string, within: Deadline): Promise<Outcome<void>>;
}
