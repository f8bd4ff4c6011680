import type { NodeName } from "./ids.ts";
import type { SafeText } from "./text.ts";

export type Severity = "error" | "warning" | "info";

/** A named problem with evidence and a remedy. */
export interface Finding {
  /** The check's id: stable, scripts rely on it. */
  id: string;
  severity: Severity;
  title: SafeText;
  /** The node it is about; undefined for the cluster. */
  node: NodeName | undefined;
  evidence: readonly SafeText[];
  remedy: SafeText;
}
