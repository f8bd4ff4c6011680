import type { Spec } from "../domain/spec/spec.ts";
import type { SafeText } from "../domain/text.ts";
import type { Faults } from "../ports/faults.ts";
import type { World } from "../ports/world.ts";
import type { Audit } from "../services/audit.ts";
import type { Forwards } from "../services/forward/forwards.ts";
import type { PromptQueue } from "../services/prompts.ts";
import type { ReadOnly } from "../services/read-only.ts";
import type { Timeline } from "../services/timeline/timeline.ts";
import type { ClusterWatch } from "../services/watch/cluster-watch.ts";
import type { Style } from "../ui/draw/style.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageTools } from "../ui/start.ts";
import type { SpecFile } from "./set-up.ts";

/** What a stage beside the panes is made from. The watch goes on while it is on. */
export interface StageParts {
  tools: StageTools;
  world: World;
  watch: ClusterWatch;
  spec: Spec;
  prompts: PromptQueue;
  readOnly: ReadOnly;
  audit: Audit;
  forwards: Forwards;
  timeline: Timeline;
  demo: boolean;
  file: SpecFile;
  /** What can be done to the demo's cluster; undefined where the cluster is a real one. */
  faults: Faults | undefined;
  /** The panes, for a dialog that lies over them. */
  panes: Stage;
  /** The cluster is as the file says now: its containers were written there. */
  saved(spec: Spec): void;
  /** Opens another stage. */
  open(opening: Opening): void;
  /** Shows the panes again. */
  back(): void;
  /** A sentence for the footer of the panes. */
  tell(words: SafeText, style: Style): void;
  /** Something that leaving would interrupt, until the result is called. */
  running(words: SafeText): () => void;
}

/** The stage of an opening. Its code is loaded now: few are needed in one run of the program. */
export async function stageOf(opening: Exclude<Opening, { stage: "set-up" }>, parts: StageParts): Promise<Stage> {
  switch (opening.stage) {
    case "actions": {
      const { actionsStage } = await import("./actions-stage.ts");
      return actionsStage(opening, parts);
    }
    case "shell": {
      const { shellStage } = await import("./shell-stage.ts");
      return shellStage(opening, parts);
    }
    case "forward": {
      const { forwardStage } = await import("./forward-stage.ts");
      return forwardStage(opening, parts);
    }
    case "copy": {
      const { copyStage } = await import("./copy-stage.ts");
      return copyStage(opening, parts);
    }
    case "faults": {
      const { faultsStage } = await import("./faults-stage.ts");
      return faultsStage(opening, parts);
    }
    case "timeline": {
      const { timelineStage } = await import("./logs-stage.ts");
      return timelineStage(parts);
    }
    case "logs": {
      const { logsStage } = await import("./logs-stage.ts");
      return logsStage(opening, parts);
    }
    case "ping": {
      const { pingStage } = await import("./ping-stage.ts");
      return pingStage(opening, parts);
    }
    case "pool": {
      const { poolStage } = await import("./pool-stage.ts");
      return poolStage(opening, parts);
    }
    case "launch": {
      const { launchStage } = await import("./launch-stage.ts");
      return launchStage(opening, parts);
    }
  }
}
