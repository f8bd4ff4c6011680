import type { ContainerId } from "../domain/ids.ts";
import type { LogLine } from "../domain/logs/line.ts";
import type { Outcome, Trouble } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";
import type { Subscription } from "./engine.ts";

/** Where a log begins: with the last lines, or with a moment, that one included. */
export type LogStart = { tail: number } | { since: string };

/** A container's output as it comes. No call comes after `ended`, nor after the subscription was closed. */
export interface LogListener {
  /** In the order of the source; those of stdout and stderr may be a little out of the order of their times. */
  lines(lines: readonly LogLine[]): void;
  /** Undefined: the container ended, and this was all. */
  ended(trouble: Trouble | undefined): void;
}

/** Lines of a unit's journal, and where to go on from. */
export interface JournalPage {
  lines: readonly LogLine[];
  /** Opaque (systemd.journal-fields(7), __CURSOR); undefined while there is no entry. */
  cursor: string | undefined;
}

/** What is written on a node: by its containers, and by its engine. */
export interface Logs {
  /** stdout and stderr of a container from `start` on, and on while it runs. */
  follow(id: ContainerId, start: LogStart, listener: LogListener): Subscription;
  /** The engine's own journal after a cursor, or from `LogStart` on. At most a few thousand lines a call. */
  journal(from: { cursor: string } | LogStart, within: Deadline): Promise<Outcome<JournalPage>>;
}
