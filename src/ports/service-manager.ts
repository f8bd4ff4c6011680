import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** Who starts and stops dockerd on a node: systemd. */
export interface ServiceManager {
  /**
   * Lets the running engine read its configuration anew: SIGHUP, as the unit's ExecReload does, or sent to its process
   * where the unit has none. Resolves when the signal is sent; what the engine made of it has to be asked.
   * The engine's process stays the same one.
   */
  reloadEngine(within: Deadline): Promise<Outcome<void>>;
  /** Reads unit files anew, clears a start limit that was hit, restarts the engine and waits until it is up or has failed. */
  restartEngine(within: Deadline): Promise<Outcome<void>>;
  /** The engine's last words in the journal since `since` (ms since 1970), newest last, at most `lines`. */
  engineLog(since: number, lines: number, within: Deadline): Promise<Outcome<readonly string[]>>;
}
