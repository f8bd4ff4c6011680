import { warningOf } from "../../domain/plan/disturbance.ts";
import { joined, type SafeText, text } from "../../domain/text.ts";
import { contentOf, emptyField, type Field } from "../dialogs/text-field.ts";
import type { Round } from "./work.ts";

/** What has to be typed before an engine listens without TLS. */
const insecureWord = text`insecure`;

/** The question before a plan is applied; `accept` wants a word to be typed. */
export type ApplyQuestion =
  | { kind: "confirm"; words: readonly SafeText[] }
  | { kind: "accept"; words: readonly SafeText[]; field: Field };

/** What is asked before the rounds are applied and `file` is written, or why they cannot be. */
export function beforeApply(rounds: readonly Round[], file: SafeText): ApplyQuestion | { not: SafeText } {
  const obstacles = rounds.flatMap((round) => round.plan.obstacles);
  if (obstacles.some((one) => one.severity === "error")) {
    return { not: text`something stands in the way: see the top of the plan` };
  }
  const steps = rounds.flatMap((round) => round.plan.steps);
  const nodes = [...new Set(steps.map((step) => step.node))];
  const disturbing = steps.flatMap((step) => {
    const warning = warningOf(step);
    return warning === undefined ? [] : [text`${warning} on ${step.node}`];
  });
  const words = [
    text`${steps.length} steps on ${nodes.length === 0 ? text`no node` : joined(nodes)}; the file is ${file}.`,
    ...(disturbing.length === 0 ? [text`No running container is disturbed.`] : [text`${joined(disturbing, "; ")}.`]),
  ];
  const open = obstacles.find((one) => one.id === "insecure-listener-wanted");
  if (open === undefined) return { kind: "confirm", words };
  return {
    kind: "accept",
    words: [...words, open.title, text`Type the word ${insecureWord} to accept it.`],
    field: emptyField,
  };
}

/** Why a yes to the question is none yet; undefined when it is one. */
export function notYet(question: ApplyQuestion): SafeText | undefined {
  if (question.kind === "confirm" || contentOf(question.field).trim() === insecureWord) return undefined;
  return text`the word ${insecureWord} does not stand there`;
}
