import type { NodeName } from "../domain/ids.ts";
import type { SafeText } from "../domain/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal, JournalEntry } from "../ports/journal.ts";

/** Who does what is recorded, in which cluster and run of the program. */
export interface AuditIdentity {
  operator: SafeText;
  cluster: SafeText;
  run: string;
}

/** Something that was done to a node, or to the cluster when there is no node. */
export type AuditEntry = Pick<JournalEntry, "step" | "event"> & {
  node: NodeName | undefined;
  title: SafeText;
  error?: SafeText;
};

/** The record of changes made by keys: one line before a change is sent, one when its end is known. */
export class Audit {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #identity: AuditIdentity;

  constructor(journal: Journal, clock: Clock, identity: AuditIdentity) {
    this.#journal = journal;
    this.#clock = clock;
    this.#identity = identity;
  }

  /** Resolves when the line is on the disk. */
  write(entry: AuditEntry): Promise<void> {
    return this.#journal.append({ at: this.#clock.now(), ...this.#identity, ...entry });
  }
}
