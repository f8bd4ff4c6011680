import type { NodeName } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";

/** One line of the record that the operator's side keeps of every change. No secrets: contents are told by their hashes. */
export interface JournalEntry {
  at: Instant;
  operator: string;
  cluster: string;
  run: string;
  node: NodeName | undefined;
  /** A step's id, or what else was done. */
  step: string;
  event: "begun" | "done" | "unchanged" | "failed" | "undone" | "cancelled";
  title: string;
  /** SHA-256 of files before and after, or "absent". */
  files?: readonly { path: string; before: string; after: string }[];
  error?: string;
}

/** Append-only, on the operator's machine. */
export interface Journal {
  /** Resolves when the line is on the disk. A journal that cannot be written is told and stops no work under way. */
  append(entry: JournalEntry): Promise<void>;
  /** Where it is kept, for messages. */
  readonly path: string;
}
