import type { NodeName } from "../../domain/ids.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ContainerExec } from "../../ports/container-exec.ts";
import type { EngineControl } from "../../ports/engine-control.ts";
import type { Inspection } from "../../ports/inspection.ts";
import type { Transport } from "../transport.ts";
import { containerChanges } from "./container-changes.ts";
import { createContainerExec } from "./container-exec.ts";
import { EngineCalls } from "./engine-calls.ts";
import { imageChanges } from "./image-changes.ts";
import { createInspection } from "./inspection.ts";
import { networkChanges } from "./network-changes.ts";
import { swarmChanges } from "./swarm-changes.ts";

/** Changes to the Docker engine of `node`. `version`: the API version spoken with it, as its `createEngine` knows it. */
export function createEngineControl(
  transport: Transport,
  node: NodeName,
  clock: Clock,
  version: () => Promise<Outcome<SafeText>>,
): EngineControl & { inspection: Inspection; exec: ContainerExec; close(): void } {
  const calls = new EngineCalls(transport, node, clock, version);
  return {
    ...imageChanges(calls),
    ...containerChanges(calls),
    ...networkChanges(calls),
    ...swarmChanges(calls),
    inspection: createInspection(calls),
    exec: createContainerExec(calls, clock),
    close: () => calls.close(),
  };
}
