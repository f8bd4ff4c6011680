import { styleText } from "node:util";
import type { Finding } from "../domain/finding.ts";
import { disturbanceOf, warningOf } from "../domain/plan/disturbance.ts";
import type { Plan, Step } from "../domain/plan/step.ts";
import { previewLines } from "./plan-document.ts";

/** Colours for a terminal; none where `wanted` is false. */
export type Paint = (format: "red" | "green" | "yellow" | "bold" | "dim", words: string) => string;

export const painter =
  (wanted: boolean): Paint =>
  (format, words) =>
    wanted ? styleText(format, words, { validateStream: false }) : words;

/** The plan as a person reads it: what forbids it first, then every step of every node with what it would do. */
export function planText(plan: Plan, paint: Paint): string {
  const obstacles = plan.obstacles.map((one) => obstacleText(one, paint));
  if (plan.steps.length === 0) {
    const words = plan.obstacles.some((one) => one.severity === "error") ? "no plan can be made" : "nothing to do";
    return [...obstacles, words, ""].join("\n");
  }
  const nodes = new Map<string, Step[]>();
  for (const step of plan.steps) nodes.set(step.node, [...(nodes.get(step.node) ?? []), step]);
  const blocks = [...nodes].map(([node, steps]) =>
    [paint("bold", node), ...steps.map((step) => stepText(step, paint))].join("\n"),
  );
  return `${[...obstacles, ...blocks, summary(plan, paint)].join("\n\n")}\n`;
}

/** An obstacle with its evidence and its remedy, a line each. */
export function obstacleText(one: Finding, paint: Paint): string {
  const colour = one.severity === "error" ? "red" : one.severity === "warning" ? "yellow" : "dim";
  return [
    `${paint(colour, one.severity)}  ${one.title}`,
    ...one.evidence.map((line) => `       ${line}`),
    `       ${one.remedy}`,
  ].join("\n");
}

function stepText(step: Step, paint: Paint): string {
  const warning = warningOf(step);
  return [
    `  ${step.title}`,
    ...(warning === undefined ? [] : [`    ${paint("red", warning)}`]),
    ...step.preview.flatMap(previewLines).map((line) => `    ${coloured(line, paint)}`),
  ].join("\n");
}

function coloured(line: string, paint: Paint): string {
  if (line.startsWith("--- ") || line.startsWith("@@")) return paint("dim", line);
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

function summary({ steps }: Plan, paint: Paint): string {
  const nodes = new Set(steps.map((step) => step.node)).size;
  const { isNone, words: whom } = disturbanceOf(steps);
  const words = `${steps.length} ${steps.length === 1 ? "step" : "steps"} on ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
  return `${words}; ${isNone ? whom : paint("red", whom)}`;
}
