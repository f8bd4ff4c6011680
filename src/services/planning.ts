import { noPoolSurvey } from "../domain/condor/member-state.ts";
import type { NodeName } from "../domain/ids.ts";
import { plan } from "../domain/plan/plan.ts";
import { planRemoval } from "../domain/plan/removal.ts";
import type { Plan } from "../domain/plan/step.ts";
import type { Spec } from "../domain/spec/spec.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import { takePoolSurvey } from "./pool/pool-survey.ts";
import { settled } from "./settle.ts";
import { takeSurvey } from "./survey.ts";
import type { ClusterWatch } from "./watch/cluster-watch.ts";

/** What is wanted: the cluster of the file, or the file's cluster without one of its nodes. */
export type Wanted = ({ kind: "spec" } | { kind: "removal"; node: NodeName }) & {
  /** Everything is asked again: the cluster was just changed. */
  anew?: true;
};

/**
 * The plan for what is seen now: waits until every node has answered or could not (`within` at the most), surveys them
 * and plans. A node that cannot be reached is an obstacle of the plan, not an error of this call.
 */
export async function makePlan(
  spec: Spec,
  watch: Pick<ClusterWatch, "state" | "access" | "refresh">,
  clock: Clock,
  within: Deadline,
  wanted: Wanted = { kind: "spec" },
): Promise<Plan> {
  const began = clock.now();
  if (wanted.anew) watch.refresh();
  const seen = await settled(watch, clock, within.ms, wanted.anew ? began : undefined);
  const left = { ...within, ms: Math.max(5000, within.ms - (clock.now() - began)) };
  const [survey, pool] = await Promise.all([
    takeSurvey(spec, seen, watch.access, left),
    wanted.kind === "spec" ? takePoolSurvey(spec, seen, watch.access, left) : noPoolSurvey,
  ]);
  return wanted.kind === "spec" ? plan(spec, seen, survey, pool) : planRemoval(spec, wanted.node, seen, survey);
}
