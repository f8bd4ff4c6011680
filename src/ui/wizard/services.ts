import type { Plan } from "../../domain/plan/step.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import type { SpecValues } from "../../domain/spec/write.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Draft } from "../../domain/wizard/draft.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Apply } from "../../services/apply/apply.ts";
import type { Wanted } from "../../services/planning.ts";
import type { PromptQueue } from "../../services/prompts.ts";
import type { ReadOnly } from "../../services/read-only.ts";
import type { HostChecks } from "../../services/wizard/host-checks.ts";

/** What the set-up needs of the rest of the program. */
export interface WizardServices {
  clock: Clock;
  prompts: Pick<PromptQueue, "current" | "answer">;
  readOnly: Pick<ReadOnly, "state">;
  demo: boolean;
  /** Where the file is written. */
  file: SafeText;
  /** What it begins with: the file that is there, or nothing. */
  draft: Draft;
  /** The cluster that is open, as its file says; undefined where there is none yet. */
  before: Spec | undefined;
  checks: Pick<HostChecks, "state" | "follow" | "close">;
  /** Hosts that the operator's ssh knows. */
  candidates(): Promise<readonly string[]>;
  /** The file with these values, and the cluster that it means; or what is wrong with it. */
  read(values: SpecValues): { ok: true; content: string; spec: Spec } | { ok: false; problems: readonly SafeText[] };
  /** Connects to a cluster, to plan and apply there. */
  open(spec: Spec): Session;
  /** Writes the file; refuses when it is not what was read. */
  save(content: string): Promise<Outcome<void>>;
  /** Back to where the set-up was opened from. */
  leave(): void;
  /** Opens the screen on the cluster that was set up. */
  finish(spec: Spec): void;
}

/** A cluster that the set-up is connected to. */
export interface Session {
  plan(wanted: Wanted): Promise<Plan>;
  /** `tell` hears of what goes wrong beside the steps. */
  apply(plan: Plan, wanted: Wanted, tell: (words: SafeText) => void): Apply;
  /** From each container of the spec to each other one on its network; a line each. */
  ping(): Promise<readonly PingLine[]>;
  close(): Promise<void>;
}

export interface PingLine {
  words: SafeText;
  ok: boolean;
}
