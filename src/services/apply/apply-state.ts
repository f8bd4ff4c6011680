import type { NodeName } from "../../domain/ids.ts";
import type { Locked } from "../../domain/lock.ts";
import type { Step, StepId } from "../../domain/plan/step.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Transfer } from "../../ports/engine-control.ts";

/** Where one step is. */
export type StepState =
  | { state: "pending" }
  /** `says`: what it waits for just now. `transfer`: of an image. */
  | { state: "running"; since: Instant; says: SafeText | undefined; transfer: Transfer | undefined }
  | { state: "done"; ms: number }
  /** It was so already. */
  | { state: "unchanged"; ms: number }
  /** Failed, and could not be taken back or needs not be; `stands` says what is left of it. */
  | { state: "failed"; ms: number; error: SafeText; remedy: SafeText; stands: SafeText }
  /** Failed, and the node is as before. */
  | { state: "undone"; ms: number; error: SafeText; remedy: SafeText }
  /** Never begun, because another failed or the operator cancelled; or cancelled before anything came of it. */
  | { state: "skipped" };

export interface StepProgress {
  step: Step;
  now: StepState;
}

export type ApplyEnd =
  | { kind: "done" }
  | { kind: "failed"; steps: readonly StepId[] }
  | { kind: "cancelled" }
  /** Nothing was touched: another run works on that node. */
  | { kind: "locked"; node: NodeName; by: Locked }
  /** Between two steps: another run has taken a lock of this one. What is done stands. */
  | { kind: "stopped"; why: SafeText; remedy: SafeText }
  /** Nothing was touched: read-only, an obstacle, a node that cannot be reached. */
  | { kind: "refused"; why: SafeText; remedy: SafeText };

/** A run of a plan, as it is shown. */
export interface ApplyState {
  phase: "locking" | "running" | "cancelling" | "ended";
  steps: readonly StepProgress[];
  /** What is worth knowing besides the steps: a lock that was taken over. */
  said: readonly SafeText[];
  end: ApplyEnd | undefined;
}
