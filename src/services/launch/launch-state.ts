import type { ContainerId } from "../../domain/ids.ts";
import type { ContainerSpec } from "../../domain/spec/spec.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Transfer } from "../../ports/engine-control.ts";

/** Where one container is. */
export type Launched =
  | { state: "waits" }
  /** `transfer`: of its image. */
  | { state: "running"; since: Instant; says: SafeText | undefined; transfer: Transfer | undefined }
  | { state: "up"; ms: number; id: ContainerId | undefined; address: SafeText | undefined }
  /** Nothing of it is left on its node. */
  | { state: "not-made"; error: SafeText; remedy: SafeText }
  /** It failed and `stands` says what is left of it. */
  | { state: "failed"; error: SafeText; remedy: SafeText; stands: SafeText }
  /** Its node went away after it was sent, and did not come back in time to tell. */
  | { state: "unknown"; error: SafeText; remedy: SafeText; stands: SafeText }
  /** Never begun: the operator cancelled. */
  | { state: "skipped" };

export interface LaunchProgress {
  container: ContainerSpec;
  now: Launched;
}

/** Why nothing was touched. `why`: one sentence each. */
export interface LaunchRefusal {
  why: readonly SafeText[];
  remedy: SafeText;
}

/** A launch, as it is shown. */
export type LaunchState =
  /** Every node is asked again whether all of it is still free. */
  | { phase: "checking"; containers: readonly LaunchProgress[] }
  | { phase: "running"; containers: readonly LaunchProgress[] }
  | { phase: "refused"; containers: readonly LaunchProgress[]; refusal: LaunchRefusal }
  | { phase: "ended"; containers: readonly LaunchProgress[] };
