import type { Pair } from "../domain/ping/matrix.ts";
import type { Plan, Preview, Step } from "../domain/plan/step.ts";
import type { ApplyState, StepState } from "../services/apply/apply-state.ts";

import { type ExitCode, exit } from "./exit.ts";
import { pairDocument } from "./ping-document.ts";

type Result = "pending" | "done" | "unchanged" | "failed" | "undone" | "skipped";

/** What `plan --json` prints. Scripts rely on these names; more may be added, none is taken away. */
export function planDocument(plan: Plan) {
  return {
    changes: plan.steps.length,
    steps: plan.steps.map((step) => stepDocument(step, { state: "pending" })),
    obstacles: obstacles(plan),
  };
}

const obstacles = (plan: Plan) => plan.obstacles.map((one) => ({ ...one, node: one.node ?? null }));

/** What `apply --json` prints: the plan, what became of its steps, and what is still missing. */
export function applyDocument(
  plan: Plan,
  state: ApplyState | undefined,
  outcome: { code: ExitCode; error?: string; remaining?: Plan; pings?: readonly Pair[] },
) {
  const steps = state?.steps ?? plan.steps.map((step) => ({ step, now: { state: "pending" } as const }));
  return {
    ok: outcome.code === exit.fine,
    changes: steps.filter(({ now }) => now.state === "done").length,
    steps: steps.map(({ step, now }) => stepDocument(step, now)),
    obstacles: obstacles(plan),
    said: state?.said ?? [],
    error: outcome.error ?? null,
    pings: (outcome.pings ?? []).map(pairDocument),
    remaining: outcome.remaining === undefined ? null : planDocument(outcome.remaining),
  };
}

function stepDocument(step: Step, now: StepState) {
  return {
    id: step.id,
    node: step.node,
    title: step.title,
    needs: step.needs,
    preview: step.preview.flatMap(previewLines).join("\n"),
    disruptive: step.disturbs.length > 0 || step.endsJobsIn.length > 0,
    disturbs: step.disturbs.map(({ id, name }) => ({ id, name })),
    endsJobsIn: step.endsJobsIn,
    result: resultOf(now),
    ms: "ms" in now ? now.ms : null,
    error: "error" in now ? now.error : null,
    remedy: "remedy" in now ? now.remedy : null,
    stands: "stands" in now ? now.stands : null,
  };
}

/** A run that ended has no running steps; one that is asked in between counts them as pending. */
const resultOf = (now: StepState): Result => (now.state === "running" ? "pending" : now.state);

/** A preview as it is read: a diff with its file above it, a command behind "$". */
export const previewLines = (preview: Preview): readonly string[] =>
  preview.kind === "diff"
    ? [`--- ${preview.path}`, ...preview.lines]
    : preview.lines.map((line, index) => (index === 0 ? `$ ${line}` : `  ${line}`));
