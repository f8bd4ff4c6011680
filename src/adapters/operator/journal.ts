import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Journal, JournalEntry } from "../../ports/journal.ts";

/** $XDG_STATE_HOME/ovl-tui/journal.jsonl (XDG Base Directory Specification): what happened, kept between runs. */
export function journalPath(env: NodeJS.ProcessEnv = process.env): string {
  const state = env.XDG_STATE_HOME;
  const base = state !== undefined && path.isAbsolute(state) ? state : path.join(homedir(), ".local/state");
  return path.join(base, "ovl-tui", "journal.jsonl");
}

/**
 * The journal in `file`, one JSON document a line, 0600. `failed` hears once why it cannot be written: the work under
 * way is worth more than the record of it.
 */
export function createJournal(file: string, failed: (error: Error) => void): Journal {
  let told = false;
  let last: Promise<void> = Promise.resolve();
  const write = async (entry: JournalEntry): Promise<void> => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    const handle = await open(file, flags, 0o600);
    try {
      await handle.appendFile(`${JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  return {
    path: file,
    append(entry) {
      // One after the other: lines keep the order in which things happened.
      last = last
        .then(() => write(entry))
        .catch((error: Error) => {
          if (!told) failed(error);
          told = true;
        });
      return last;
    },
  };
}
