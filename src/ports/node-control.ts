import type { NodeLoad } from "../domain/host.ts";
import type { Listening, NodeSurvey, Reach, ReachAsked } from "../domain/plan/survey.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";
import type { Condor } from "./condor.ts";
import type { ContainerExec } from "./container-exec.ts";
import type { EngineControl } from "./engine-control.ts";
import type { Files } from "./files.ts";
import type { Inspection } from "./inspection.ts";
import type { NodeLock } from "./node-lock.ts";
import type { PoolSetup } from "./pool-setup.ts";
import type { ServiceManager } from "./service-manager.ts";

/** Everything that can change a node, and what is read only to plan such a change. Its users ask `ReadOnly` first. */
export interface NodeControl {
  engine: EngineControl;
  inspection: Inspection;
  exec: ContainerExec;
  condor: Condor;
  poolSetup: PoolSetup;
  files: Files;
  services: ServiceManager;
  lock: NodeLock;
  /** `reach`: ports of other nodes to try from here. Images are the engine's to tell. */
  survey(reach: readonly ReachAsked[], within: Deadline): Promise<Outcome<Omit<NodeSurvey, "images">>>;
  /** How busy the machine is now. */
  load(within: Deadline): Promise<Outcome<NodeLoad>>;
  /** Sockets that listen now: cheap enough to be asked again and again while something is awaited. */
  listening(within: Deadline): Promise<Outcome<readonly Listening[]>>;
  /** Tries ports of other nodes from here, UDP ones of a machine one a second: it tells of closed ones no faster. */
  reaches(asked: readonly ReachAsked[], within: Deadline): Promise<readonly Reach[]>;
}
