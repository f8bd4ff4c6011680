import type { ApplyState, StepState } from "../services/apply/apply-state.ts";
import type { Paint } from "./plan-text.ts";
import { textTable } from "./text-table.ts";

/** What became of every step, as a table, and what is left of those that failed. */
export function resultText({ steps, said }: ApplyState, paint: Paint): string {
  const table = textTable([
    ["NODE", "RESULT", "TIME", "STEP"],
    ...steps.map(({ step, now }) => [step.node, now.state, time(now), step.title]),
  ]).split("\n");
  const rows = table.map((row, index) => {
    const state = steps[index - 1]?.now.state;
    return state === undefined ? paint("dim", row) : state === "failed" || state === "undone" ? paint("red", row) : row;
  });
  const stands = steps.flatMap(({ step, now }) => (now.state === "failed" ? [`${step.node}: ${now.stands}`] : []));
  return `\n${[
    ...rows,
    ...said,
    ...(stands.length === 0 ? [] : ["", "what stands of the failed:", ...stands.map((line) => `  ${line}`)]),
  ].join("\n")}\n`;
}

const time = (now: StepState): string => ("ms" in now ? `${(now.ms / 1000).toFixed(1)} s` : "");
