import type { Finding, Severity } from "../finding.ts";
import { type Pieces, whole } from "../pieces.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Instant } from "../time.ts";
import { advertiseNotLocal } from "./advertise-not-local.ts";
import type { Check } from "./check.ts";
import { clockDifference } from "./clock-difference.ts";
import { configurationUnreadable } from "./configuration-unreadable.ts";
import { daemonJsonBroken } from "./daemon-json-broken.ts";
import { duplicateAddress } from "./duplicate-address.ts";
import { duplicateEngineId } from "./duplicate-engine-id.ts";
import { duplicateHostname } from "./duplicate-hostname.ts";
import { duplicateMachineId } from "./duplicate-machine-id.ts";
import { engineDroppedClusterStore } from "./engine-dropped-cluster-store.ts";
import { engineNotAnswering } from "./engine-not-answering.ts";
import { flagFileConflict } from "./flag-file-conflict.ts";
import { flagsDiffer } from "./flags-differ.ts";
import { insecureListener } from "./insecure-listener.ts";
import { modesDiffer } from "./modes-differ.ts";
import { mtuDiffers } from "./mtu-differs.ts";
import { networkNotEverywhere } from "./network-not-everywhere.ts";
import { nodeInAnotherSwarm } from "./node-in-another-swarm.ts";
import { nodeNotLive } from "./node-not-live.ts";
import { nodeNotRegistered } from "./node-not-registered.ts";
import { overlayOverlapsRoute } from "./overlay-overlaps-route.ts";
import { restartPending } from "./restart-pending.ts";
import { storeDiffers } from "./store-differs.ts";
import { storeMemberFailed } from "./store-member-failed.ts";
import { storeNoLeader } from "./store-no-leader.ts";
import { storeNotAnswering } from "./store-not-answering.ts";
import { swarmNoQuorum } from "./swarm-no-quorum.ts";
import { swarmNodeDown } from "./swarm-node-down.ts";
import { toolsMissing } from "./tools-missing.ts";
import { unknownRegistration } from "./unknown-registration.ts";

/** Every check; among findings of one severity this is also their order. */
export const checks: readonly Check[] = [
  nodeNotLive,
  engineNotAnswering,
  storeNotAnswering,
  storeNoLeader,
  storeMemberFailed,
  swarmNoQuorum,
  swarmNodeDown,
  nodeInAnotherSwarm,
  modesDiffer,
  storeDiffers,
  nodeNotRegistered,
  networkNotEverywhere,
  advertiseNotLocal,
  duplicateAddress,
  duplicateHostname,
  duplicateEngineId,
  duplicateMachineId,
  engineDroppedClusterStore,
  daemonJsonBroken,
  flagFileConflict,
  flagsDiffer,
  restartPending,
  insecureListener,
  clockDifference,
  mtuDiffers,
  overlayOverlapsRoute,
  unknownRegistration,
  toolsMissing,
  configurationUnreadable,
];

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** All that is wrong in what was seen, the worst first. */
export const findings = (seen: Snapshot, now: Instant): Finding[] => whole(findingsByCheck(seen, now));

/** The same a check at a time: of a thousand nodes all of them together take longer than a key may wait. */
export function* findingsByCheck(seen: Snapshot, now: Instant): Pieces<Finding[]> {
  const found: Finding[] = [];
  for (const check of checks) {
    for (const one of check.find(seen, now)) found.push({ id: check.id, ...one });
    yield;
  }
  return found.sort((a, b) => rank[a.severity] - rank[b.severity]);
}
