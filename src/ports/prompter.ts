import type { NodeName } from "../domain/ids.ts";
import type { SafeText } from "../domain/text.ts";

/** What a connection may have to ask the operator. Answers that are secrets stay in memory. */
export type Question =
  | {
      kind: "host-key";
      node: NodeName;
      host: SafeText;
      keyType: SafeText;
      fingerprint: SafeText;
      /** Where "remember" would write. */
      file: SafeText;
    }
  | { kind: "passphrase"; node: NodeName; file: SafeText; again: boolean }
  | { kind: "password"; node: NodeName; user: SafeText; host: SafeText; again: boolean }
  | { kind: "sudo-password"; node: NodeName; user: SafeText; again: boolean }
  | { kind: "keyboard-interactive"; node: NodeName; prompt: SafeText; echo: boolean };

export type Answer =
  | { kind: "accept-once" }
  | { kind: "accept-and-remember" }
  | { kind: "secret"; secret: string }
  | { kind: "refuse" };

/** Asks the operator; without a screen every question is refused at once. */
export interface Prompter {
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}
