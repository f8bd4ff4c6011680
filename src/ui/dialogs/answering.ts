import type { Question } from "../../ports/prompter.ts";
import type { PromptQueue } from "../../services/prompts.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import { contentOf, emptyField, type Field } from "./text-field.ts";

/** A connection's question on a stage, and the answer as far as it is typed: another question starts empty. */
export class Answering {
  readonly #prompts: Pick<PromptQueue, "current" | "answer">;
  #typed: { to: Question | undefined; field: Field } = { to: undefined, field: emptyField };

  constructor(prompts: Pick<PromptQueue, "current" | "answer">) {
    this.#prompts = prompts;
  }

  get question(): Question | undefined {
    return this.#prompts.current.get();
  }

  get field(): Field {
    return this.#typed.to === this.question ? this.#typed.field : emptyField;
  }

  /** Where keys go while there is a question. */
  get place(): Extract<Place, "host-key" | "secret"> | undefined {
    return this.question === undefined ? undefined : this.question.kind === "host-key" ? "host-key" : "secret";
  }

  type(change: (field: Field) => Field | undefined): void {
    const field = change(this.field);
    if (field !== undefined) this.#typed = { to: this.question, field };
  }

  /** False when the action is none that answers. */
  act(id: ActionId): boolean {
    switch (id) {
      case "answer.accept-once":
        this.#prompts.answer({ kind: "accept-once" });
        return true;
      case "answer.accept-and-remember":
        this.#prompts.answer({ kind: "accept-and-remember" });
        return true;
      case "answer.refuse":
        this.#prompts.answer({ kind: "refuse" });
        return true;
      case "answer.send":
        this.#send();
        return true;
      default:
        return false;
    }
  }

  #send(): void {
    const secret = contentOf(this.field);
    // Only a server's own question may be answered with nothing.
    if (secret === "" && this.question?.kind !== "keyboard-interactive") return;
    this.#typed = { to: undefined, field: emptyField };
    this.#prompts.answer({ kind: "secret", secret });
  }
}
