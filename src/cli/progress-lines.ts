import type { StepId } from "../domain/plan/step.ts";
import type { ApplyState, StepProgress } from "../services/apply/apply-state.ts";
import type { Paint } from "./plan-text.ts";

/** Of a transfer a line is printed for every so many percent. */
const percentStep = 20;

/** The progress of a run as lines: one for every change of a step's state, some for an image that is on its way. */
export class ProgressLines {
  readonly #paint: Paint;
  readonly #told = new Map<StepId, string>();
  readonly #transfers = new Map<StepId, { percent: number; at: number; bytes: number }>();

  #said = 0;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** What is new since the last call. */
  read(state: ApplyState): string[] {
    const said = state.said.slice(this.#said);
    this.#said = state.said.length;
    return [...said, ...this.#ofSteps(state)];
  }

  #ofSteps(state: ApplyState): string[] {
    return state.steps.flatMap((progress) => [...this.#moved(progress), ...this.#transferred(progress)]);
  }

  #moved({ step, now }: StepProgress): string[] {
    // Those that are skipped stand in the table at the end.
    if (this.#told.get(step.id) === now.state || now.state === "pending" || now.state === "skipped") return [];
    this.#told.set(step.id, now.state);
    const line = (colour: Parameters<Paint>[0], word: string, more = "") =>
      `${this.#paint(colour, word.padEnd(9))} ${step.title}${more}`;
    switch (now.state) {
      case "running":
        return [line("dim", "begun")];
      case "done":
        return [line("green", "done", ` (${seconds(now.ms)})`)];
      case "unchanged":
        return [line("green", "unchanged")];
      case "undone":
        return [line("red", "undone"), `          ${step.node}: ${now.error}`, `          ${now.remedy}`];
      case "failed":
        return [
          line("red", "failed"),
          `          ${step.node}: ${now.error}`,
          `          what stands: ${now.stands}`,
          `          ${now.remedy}`,
        ];
    }
  }

  #transferred({ step, now }: StepProgress): string[] {
    if (now.state !== "running" || now.transfer?.total === undefined) return [];
    const { bytes, total } = now.transfer;
    const percent = Math.floor((bytes / Math.max(1, total)) * 100);
    const at = performance.now();
    const last = this.#transfers.get(step.id) ?? { percent: 0, at, bytes: 0 };
    if (!this.#transfers.has(step.id)) this.#transfers.set(step.id, last);
    if (percent < last.percent + percentStep) return [];
    const rate = ((bytes - last.bytes) / Math.max(1, at - last.at)) * 1000;
    this.#transfers.set(step.id, { percent, at, bytes });
    return [`${"".padEnd(9)} ${megabytes(bytes)} of ${megabytes(total)}, ${megabytes(rate)}/s  ${step.title}`];
  }
}

/** What the running steps are at, in one line. */
export function liveWords({ phase, steps }: ApplyState): string {
  if (phase === "locking") return "taking the nodes' locks";
  const running = steps.flatMap(({ step, now }) => {
    if (now.state !== "running") return [];
    const { says, transfer } = now;
    const moved = transfer === undefined ? undefined : `${megabytes(transfer.bytes)} of ${step.title}`;
    return [`${step.node}: ${moved ?? says ?? step.title}`];
  });
  const done = steps.filter(({ now }) => now.state === "done" || now.state === "unchanged").length;
  return running.length === 0 ? "" : `${done} of ${steps.length}  ${running.join("; ")}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
