import type { FaultName } from "../domain/faults.ts";
import type { NodeName } from "../domain/ids.ts";
import type { SafeText } from "../domain/text.ts";

/** Faults of a cluster that is there to be broken. Only the demo has any. */
export interface Faults {
  /** Whether it is there now; of one that the cluster has as a whole `node` says nothing. */
  isOn(fault: FaultName, node: NodeName): boolean;
  /** Begins or mends it, at once. The result is why that cannot be; undefined when it is done. */
  set(fault: FaultName, node: NodeName, on: boolean): SafeText | undefined;
}
