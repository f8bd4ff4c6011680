import type { SafeText } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PingRounds } from "../../services/ping/ping-rounds.ts";
import type { PromptQueue } from "../../services/prompts.ts";

/** What pinging needs of the rest of the program. */
export interface PingServices {
  clock: Clock;
  prompts: Pick<PromptQueue, "current" | "answer">;
  cluster: SafeText;
  demo: boolean;
  rounds: Pick<PingRounds, "state" | "again" | "watch" | "setPort" | "pingAll" | "setNetwork" | "stop">;
  /** Where the cursor begins: one or two containers by id. */
  on: readonly string[];
  /** Puts words into the clipboard of the operator's terminal. */
  copy(words: string): void;
  /** The panes again. */
  back(): void;
}
