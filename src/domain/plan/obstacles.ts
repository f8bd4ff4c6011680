import type { Finding } from "../finding.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import type { Site } from "./site.ts";
import type { Step } from "./step.ts";
import type { StoreLayout } from "./store-layout.ts";

/** What the checks before a plan look at. */
export interface Ahead {
  spec: Spec;
  seen: Snapshot;
  sites: readonly Site[];
  mode: "cluster-store" | "swarm" | undefined;
  layout: StoreLayout | undefined;
  steps: readonly Step[];
}

/** Everything that is checked before anything is touched, and is not right. */
export function obstaclesOf(_ahead: Ahead): Finding[] {
  return [];
}
