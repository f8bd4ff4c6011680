import type { Finding } from "../domain/finding.ts";
import type { Pieces } from "../domain/pieces.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { SafeText } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { PromptQueue } from "../services/prompts.ts";
import type { ReadOnly } from "../services/read-only.ts";
import type { State } from "../services/state.ts";
import type { ClusterWatch } from "../services/watch/cluster-watch.ts";
import type { Style } from "./draw/style.ts";
import type { Opening, StageName } from "./opening.ts";

/** A sentence for the footer; each is an object of its own. */
export interface News {
  words: SafeText;
  style: Style;
}

/** What the screen needs of the rest of the program. It starts and stops none of it. */
export interface AppServices {
  watch: Pick<ClusterWatch, "state" | "refresh" | "retry" | "show">;
  prompts: Pick<PromptQueue, "current" | "answer">;
  readOnly: Pick<ReadOnly, "state" | "toggle">;
  clock: Clock;
  /** What is wrong with the cluster, a piece at a time; asked again when the snapshot changed, and every few seconds. */
  findings: (snapshot: Snapshot, now: Instant) => Pieces<readonly Finding[]>;
  /** The kind of store in the spec, for the time until the store itself was heard. */
  storeKind: SafeText | undefined;
  /** The file that names the nodes; undefined in the demo. */
  specFile: SafeText | undefined;
  /** An in-memory cluster: the header says so. */
  demo?: boolean;
  /** Puts a stage in the place of the panes. */
  open: (opening: Opening) => void;
  /** The stages that there are here. */
  stages: ReadonlySet<StageName>;
  /** What a stage that was left has to say, for the footer. */
  news?: State<News | undefined>;
  /** What would be interrupted by leaving now; quitting asks while there is any. */
  running?: State<readonly SafeText[]>;
}
