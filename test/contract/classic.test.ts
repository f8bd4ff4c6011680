import { engineContract } from "./engine.contract.ts";
import { eventsContract } from "./events.contract.ts";
import { hostContract } from "./host.contract.ts";
import { keptByBoth } from "./keep.ts";
import { linkContract } from "./link.contract.ts";
import { storeContract } from "./store.contract.ts";

keptByBoth("classic", [linkContract, hostContract, engineContract, eventsContract, storeContract]);
