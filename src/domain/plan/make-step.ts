import type { Finding } from "../finding.ts";
import type { NodeName } from "../ids.ts";
import { joined, type SafeText } from "../text.ts";
import type { Step, StepId } from "./step.ts";

/** What one part of the planning comes to. */
export interface Drafted {
  steps: Step[];
  obstacles: Finding[];
}

/** "node103/container/node2" */
export const stepId = (node: NodeName, ...parts: readonly SafeText[]): StepId =>
  joined([node, ...parts], "/") as StepId;

type Disturbance = "disturbs" | "endsJobsIn";

/** A step that disturbs nobody, unless it says so. */
export const makeStep = (step: Omit<Step, Disturbance> & Partial<Pick<Step, Disturbance>>): Step => ({
  disturbs: [],
  endsJobsIn: [],
  ...step,
});

/** Ids of steps, to be needed by others. */
export const idsOf = (steps: readonly Step[]): StepId[] => steps.map((step) => step.id);
