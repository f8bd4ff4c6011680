import type { DaemonSources, EngineService, HostFacts } from "../domain/host.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** The machine under a node's engine. */
export interface Host {
  facts(within: Deadline): Promise<Outcome<HostFacts>>;
  daemonSources(within: Deadline): Promise<Outcome<DaemonSources>>;
  /**
   * Whether the engine runs, told without touching its socket: where systemd's docker.socket listens, one connection
   * would start an engine that somebody stopped on purpose. Cheap: asked before every first dial.
   */
  engineService(within: Deadline): Promise<Outcome<EngineService>>;
}
