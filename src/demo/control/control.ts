import type { NodeLoad } from "../../domain/host.ts";
import type { Listening, NodeSurvey, Reach, ReachAsked } from "../../domain/plan/survey.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { Condor } from "../../ports/condor.ts";
import type { ContainerExec } from "../../ports/container-exec.ts";
import type { EngineControl } from "../../ports/engine-control.ts";
import type { Files } from "../../ports/files.ts";
import type { Inspection } from "../../ports/inspection.ts";
import type { NodeControl } from "../../ports/node-control.ts";
import type { NodeLock } from "../../ports/node-lock.ts";
import type { PoolSetup } from "../../ports/pool-setup.ts";
import type { ServiceManager } from "../../ports/service-manager.ts";
import type { Cluster } from "../cluster.ts";
import type { DemoLink } from "../link.ts";
import { DemoCondor } from "./condor.ts";
import { createEngineControl } from "./engine-control.ts";
import { DemoExec, shellPrograms } from "./exec.ts";
import { DemoFiles } from "./files.ts";
import { DemoInspection } from "./inspection.ts";
import { DemoLock } from "./lock.ts";
import { DemoPoolSetup } from "./pool-setup.ts";
import { reachesFrom } from "./reach.ts";
import { DemoServices } from "./services.ts";
import { listeningOn, loadOf, surveyOf } from "./survey.ts";

/** Everything that changes one of the demo's machines. */
export class DemoControl implements NodeControl {
  readonly engine: EngineControl;
  readonly inspection: Inspection;
  readonly exec: ContainerExec;
  readonly condor: Condor;
  readonly poolSetup: PoolSetup;
  readonly files: Files;
  readonly services: ServiceManager;
  readonly lock: NodeLock;
  readonly #on: { link: DemoLink; clock: Clock; cluster: Cluster };

  constructor(link: DemoLink, cluster: Cluster, clock: Clock) {
    this.#on = { link, clock, cluster };
    this.engine = createEngineControl(this.#on);
    this.inspection = new DemoInspection(this.#on);
    this.exec = new DemoExec(this.#on, shellPrograms);
    this.condor = new DemoCondor(this.#on);
    this.poolSetup = new DemoPoolSetup(this.#on);
    this.files = new DemoFiles(this.#on);
    this.services = new DemoServices(this.#on);
    this.lock = new DemoLock(this.#on);
  }

  survey(reach: readonly ReachAsked[], within: Deadline): Promise<Outcome<Omit<NodeSurvey, "images">>> {
    return surveyOf(this.#on, reach, within);
  }

  load(within: Deadline): Promise<Outcome<NodeLoad>> {
    return loadOf(this.#on, within);
  }

  listening(within: Deadline): Promise<Outcome<readonly Listening[]>> {
    return listeningOn(this.#on, within);
  }

  reaches(asked: readonly ReachAsked[], within: Deadline): Promise<readonly Reach[]> {
    return reachesFrom(this.#on, asked, within);
  }
}
