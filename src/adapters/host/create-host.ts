import type { Clock } from "../../ports/clock.ts";
import type { Host } from "../../ports/host.ts";
import type { Transport } from "../transport.ts";
import { readDaemonSources } from "./daemon-sources.ts";
import { readEngineService } from "./engine-service.ts";
import { readFacts } from "./facts.ts";

/** The machine at the other end of `transport`. Works with any POSIX sh and any mix of GNU, busybox and systemd tools. */
export function createHost(transport: Transport, clock: Clock): Host {
  return {
    facts: (within) => readFacts(transport, clock, within),
    daemonSources: (within) => readDaemonSources(transport, clock, within),
    engineService: (within) => readEngineService(transport, within),
  };
}
