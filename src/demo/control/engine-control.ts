import type { EngineControl } from "../../ports/engine-control.ts";
import { containerChanges } from "./container-changes.ts";
import { imageChanges } from "./image-changes.ts";
import { networkChanges } from "./network-changes.ts";
import type { ReachGround } from "./reach.ts";
import { swarmChanges } from "./swarm-changes.ts";

/** Changes to the engine of one machine. */
export const createEngineControl = (on: ReachGround): EngineControl => ({
  ...imageChanges(on),
  ...containerChanges(on),
  ...networkChanges(on),
  ...swarmChanges(on),
});
