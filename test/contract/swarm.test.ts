import { engineContract } from "./engine.contract.ts";
import { eventsContract } from "./events.contract.ts";
import { hostContract } from "./host.contract.ts";
import { inspectionContract } from "./inspection.contract.ts";
import { keptByBoth } from "./keep.ts";
import { swarmContract } from "./swarm.contract.ts";

keptByBoth("swarm", [hostContract, engineContract, inspectionContract, eventsContract, swarmContract]);
