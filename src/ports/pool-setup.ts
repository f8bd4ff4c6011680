import type { MemberState, Ping } from "../domain/condor/member-state.ts";
import type { PoolSecret } from "../domain/condor/secret.ts";
import type { ContainerId } from "../domain/ids.ts";
import type { FileEdit } from "../domain/plan/change.ts";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** HTCondor's set-up in running containers, as their root. Whoever changes something asks `ReadOnly` first. */
export interface PoolSetup {
  /** `manager` is the name that is resolved there. */
  look(container: ContainerId, manager: SafeText, within: Deadline): Promise<Outcome<MemberState>>;
  /** condor_ping(1) to the collector that the member is configured for. */
  ping(container: ContainerId, within: Deadline): Promise<Outcome<Ping>>;
  /**
   * Replaces a file atomically, unless it is no longer what the edit says it was ("changed"). Before that, it notes that
   * HTCondor has yet to take what is written; `settled` takes the note away.
   */
  write(
    container: ContainerId,
    edit: FileEdit,
    within: Deadline,
  ): Promise<Outcome<"written" | "unchanged" | "changed">>;
  settled(container: ContainerId, within: Deadline): Promise<Outcome<void>>;
  /** Undefined: it has none. */
  secret(container: ContainerId, within: Deadline): Promise<Outcome<PoolSecret | undefined>>;
  /** Only root can read it there. It travels on stdin. */
  placeSecret(container: ContainerId, secret: PoolSecret, within: Deadline): Promise<Outcome<void>>;
  /** Under systemd where that is process 1, else as a process in the background. A start of what runs is a restart. */
  take(container: ContainerId, how: Take, within: Deadline): Promise<Outcome<void>>;
  /** Runs them one after the other, as far as they end well; `program-failed` with the last words of one that does not. */
  install(container: ContainerId, commands: readonly (readonly string[])[], within: Deadline): Promise<Outcome<void>>;
  /** Lets the collector in the container forget all ads that a machine sent from that address. */
  forget(
    container: ContainerId,
    ads: { machine: SafeText; address: SafeText },
    within: Deadline,
  ): Promise<Outcome<void>>;
}

export type Take = "restart" | "reconfigure";
