import type { Answer, Prompter, Question } from "../ports/prompter.ts";
import { Holder, type State } from "./state.ts";

interface Asked {
  question: Question;
  answered: (answer: Answer) => void;
}

/** Questions of the connections, put to the operator one after the other. */
export class PromptQueue implements Prompter {
  readonly #waiting: Asked[] = [];
  readonly #current = new Holder<Question | undefined>(undefined);

  /** The question that is on the screen. */
  readonly current: State<Question | undefined> = this.#current;

  ask(question: Question, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return Promise.resolve({ kind: "refuse" });
    return new Promise((resolve) => {
      const asked: Asked = {
        question,
        answered: (answer) => {
          signal.removeEventListener("abort", withdrawn);
          this.#waiting.splice(this.#waiting.indexOf(asked), 1);
          this.#current.set(this.#waiting[0]?.question);
          resolve(answer);
        },
      };
      const withdrawn = () => asked.answered({ kind: "refuse" });
      signal.addEventListener("abort", withdrawn, { once: true });
      this.#waiting.push(asked);
      this.#current.set(this.#waiting[0]?.question);
    });
  }

  /** Answers the question on the screen; does nothing when there is none. */
  answer(answer: Answer): void {
    this.#waiting[0]?.answered(answer);
  }
}

/** Without a screen nobody can answer: every question is refused, and the refusal's message says what would have been asked. */
export const refuseAll: Prompter = { ask: () => Promise.resolve({ kind: "refuse" }) };
