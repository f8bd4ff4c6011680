import type { Home } from "../../domain/condor/members.ts";
import type { TestJob } from "../../domain/condor/test-job.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { CondorSpec } from "../../domain/spec/spec.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Checkup } from "../../services/pool/pool-checkup.ts";
import type { PoolState } from "../../services/pool/pool-watch.ts";
import type { TestJobRun } from "../../services/pool/test-job.ts";
import type { PromptQueue } from "../../services/prompts.ts";
import type { State } from "../../services/state.ts";
import type { Style } from "../draw/style.ts";

/** What is looked at: asked again and again between `start` and the end that it gives back. */
export interface WatchedPool {
  state: State<PoolState>;
  start(): () => void;
  refresh(): void;
  /** Asks more often or less from now on; ms between two looks. */
  pace(change: "faster" | "slower"): number;
  /** What `condor_status` prints. */
  printed(signal: AbortSignal): Promise<Outcome<readonly SafeText[]>>;
}

/** What the view of a pool needs of the rest of the program. */
export interface PoolServices {
  clock: Clock;
  seen: State<Snapshot>;
  prompts: Pick<PromptQueue, "current" | "answer">;
  readOnly: State<boolean>;
  toggleReadOnly: () => "on" | "off" | "locked";
  demo: boolean;
  /** The container that is asked. */
  manager: SafeText;
  /** What the file says of the pool; undefined for one that was found without it. */
  condor: CondorSpec | undefined;
  pool: WatchedPool;
  /** Why members are not in the pool: looked at while `start` was called and its end was not. */
  checkup: { state: State<Checkup>; start(): () => void; refresh(): void };
  /** Opens the set-up, whose plan has the steps that mend. */
  setUp: () => void;
  submit: (test: TestJob, home: Home) => TestJobRun;
  back: () => void;
  tell: (words: SafeText, style: Style) => void;
  /** Something that leaving would interrupt, until the result is called. */
  running: (words: SafeText) => () => void;
}
