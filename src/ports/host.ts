import type { DaemonSources, HostFacts } from "../domain/host.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** The machine under a node's engine. */
export interface Host {
  facts(within: Deadline): Promise<Outcome<HostFacts>>;
  daemonSources(within: Deadline): Promise<Outcome<DaemonSources>>;
}
