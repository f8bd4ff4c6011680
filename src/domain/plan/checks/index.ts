import type { Finding } from "../../finding.ts";
import type { Ahead, Preflight } from "./ahead.ts";
import { clocksApart } from "./clocks-apart.ts";
import { engineCannot } from "./engine-cannot.ts";
import { engineRootless } from "./engine-rootless.ts";
import { gossipLeftOver } from "./gossip-left-over.ts";
import { hostnamesShared } from "./hostnames-shared.ts";
import { portsBlocked } from "./ports-blocked.ts";
import { portsTaken } from "./ports-taken.ts";
import { storeRestarts } from "./store-restarts.ts";
import { subnetsTaken } from "./subnets-taken.ts";

/** Every check, in the order in which their obstacles are told. */
const checks: readonly Preflight[] = [
  engineCannot,
  engineRootless,
  hostnamesShared,
  portsTaken,
  gossipLeftOver,
  portsBlocked,
  subnetsTaken,
  clocksApart,
  storeRestarts,
];

/** What is not right before anything is touched. A plan without steps touches nothing. */
export const preflight = (ahead: Ahead): Finding[] =>
  ahead.steps.length === 0 ? [] : checks.flatMap((check) => check(ahead));
