import type { FileEdit, Sha256 } from "../domain/plan/change.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** Files of a node, as root. */
export interface Files {
  /** A regular file's bytes as UTF-8 text, or "absent". Anything else at that place is a trouble. */
  read(path: string, within: Deadline): Promise<Outcome<{ content: string; sha256: Sha256 } | "absent">>;
  /**
   * Makes the file what the edit says, atomically: the old file or the new one is there, never half of one. The old one
   * is kept beside it (`backup`). "changed", and nothing written, when the file is not what `edit.replaces` says;
   * "unchanged" when it already is as wanted.
   */
  write(
    edit: FileEdit,
    within: Deadline,
  ): Promise<
    Outcome<{ result: "written"; backup: string | undefined } | { result: "unchanged" } | { result: "changed" }>
  >;
}
