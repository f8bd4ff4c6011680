import type { Clock } from "../ports/clock.ts";
import type { ContainerExec } from "../ports/container-exec.ts";
import type { EngineControl } from "../ports/engine-control.ts";
import type { Inspection } from "../ports/inspection.ts";
import type { NodeControl } from "../ports/node-control.ts";
import { createCondor } from "./condor/condor.ts";
import { createPoolSetup } from "./condor/pool-setup.ts";
import { createFiles } from "./host/files.ts";
import { readListening } from "./host/listening.ts";
import { readLoad } from "./host/load.ts";
import { createNodeLock } from "./host/node-lock.ts";
import { tryAgain } from "./host/reach.ts";
import { createServiceManager } from "./host/service-manager.ts";
import { readSurvey } from "./host/survey.ts";
import type { Transport } from "./transport.ts";

/** Everything that changes the node at the other end of `transport`. */
export function createNodeControl(
  transport: Transport,
  clock: Clock,
  engine: EngineControl & { inspection: Inspection; exec: ContainerExec },
): NodeControl {
  return {
    engine,
    inspection: engine.inspection,
    exec: engine.exec,
    condor: createCondor(engine.exec),
    poolSetup: createPoolSetup(engine.exec, clock),
    files: createFiles(transport),
    services: createServiceManager(transport, clock),
    lock: createNodeLock(transport),
    survey: (reach, within) => readSurvey(transport, clock, reach, within),
    load: (within) => readLoad(transport, within),
    listening: (within) => readListening(transport, within),
    reaches: (asked, within) => tryAgain(transport, clock, asked, within),
  };
}
