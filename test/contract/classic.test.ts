import { condorContract } from "./condor.contract.ts";
import { containerChangesContract } from "./container-changes.contract.ts";
import { containerExecContract } from "./container-exec.contract.ts";
import { engineContract } from "./engine.contract.ts";
import { eventsContract } from "./events.contract.ts";
import { filesContract } from "./files.contract.ts";
import { hostContract } from "./host.contract.ts";
import { imageChangesContract } from "./image-changes.contract.ts";
import { inspectionContract } from "./inspection.contract.ts";
import { keptByBoth } from "./keep.ts";
import { linkContract } from "./link.contract.ts";
import { logsContract } from "./logs.contract.ts";
import { networkChangesContract } from "./network-changes.contract.ts";
import { nodeLockContract } from "./node-lock.contract.ts";
import { poolSetupContract } from "./pool-setup.contract.ts";
import { probesContract } from "./probes.contract.ts";
import { serviceManagerContract } from "./service-manager.contract.ts";
import { shellsContract } from "./shells.contract.ts";
import { storeContract } from "./store.contract.ts";
import { surveyContract } from "./survey.contract.ts";
import { tunnelsContract } from "./tunnels.contract.ts";

keptByBoth("classic", [
  linkContract,
  hostContract,
  engineContract,
  inspectionContract,
  eventsContract,
  logsContract,
  probesContract,
  storeContract,
  filesContract,
  serviceManagerContract,
  nodeLockContract,
  surveyContract,
  containerExecContract,
  shellsContract,
  tunnelsContract,
  poolSetupContract,
  condorContract,
  containerChangesContract,
  networkChangesContract,
  imageChangesContract,
]);
