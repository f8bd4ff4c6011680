import type { ContainerId } from "../../domain/ids.ts";
import type { LaunchFrom } from "../../domain/launch/prefill.ts";
import type { ContainerDefinition } from "../../domain/plan/change.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { ContainerSpec, Spec } from "../../domain/spec/spec.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Launch } from "../../services/launch/launch.ts";
import type { LaunchLook } from "../../services/launch/launch-look.ts";
import type { PromptQueue } from "../../services/prompts.ts";
import type { State } from "../../services/state.ts";
import type { Style } from "../draw/style.ts";

/** What launching needs of the rest of the program. */
export interface LaunchServices {
  clock: Clock;
  prompts: Pick<PromptQueue, "current" | "answer">;
  readOnly: State<boolean>;
  demo: boolean;
  spec: Spec;
  seen: State<Snapshot>;
  /** Where the operator was. */
  from: LaunchFrom;
  look: Pick<LaunchLook, "state" | "follow" | "start">;
  /** What the container under the cursor was made of; undefined when nobody can tell. */
  definition(container: ContainerId): Promise<ContainerDefinition | undefined>;
  file: LaunchFile | undefined;
  start(containers: readonly ContainerSpec[]): Launch;
  /** Puts words into the clipboard of the operator's terminal. */
  copy(words: string): void;
  /** The panes again. */
  back(): void;
  /** A sentence for the footer of the panes. */
  tell(words: SafeText, style: Style): void;
  /** Something that leaving would interrupt, until the result is called. */
  running(words: SafeText): () => void;
}

/** The cluster's file, for containers that shall be in it. */
export interface LaunchFile {
  name: SafeText;
  /** What would be wrong with the file with these containers in it; empty when nothing would. */
  problems(containers: readonly ContainerSpec[]): readonly SafeText[];
  /** Writes them into the file. */
  save(containers: readonly ContainerSpec[]): Promise<Outcome<void>>;
}
