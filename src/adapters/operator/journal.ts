import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import type { Journal } from "../../ports/journal.ts";
import { stateFolder } from "./folders.ts";
import { privateFolder } from "./private-file.ts";

/** $XDG_STATE_HOME/ovl-tui/journal.jsonl, by default in ~/.local/state. */
export const journalPath = (env: NodeJS.ProcessEnv = process.env): string =>
  path.join(stateFolder(env), "journal.jsonl");

/**
 * The journal in `file`: one JSON document a line, for its owner alone. `failed` hears once why it cannot be written:
 * the work under way is worth more than its record.
 */
export function createJournal(file: string, failed: (error: Error) => void): Journal {
  let told = false;
  let last: Promise<void> = Promise.resolve();
  return {
    path: file,
    append(entry) {
      // One after the other: lines keep the order in which things happened.
      last = last
        .then(() => append(file, `${JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() })}\n`))
        .catch((error: Error) => {
          if (!told) failed(error);
          told = true;
        });
      return last;
    },
  };
}

/** One write, so that the lines of two programs never mix (open(2), O_APPEND), and on the disk when this resolves. */
async function append(file: string, line: string): Promise<void> {
  await privateFolder(path.dirname(file));
  // Through a symbolic link one could be made to write anywhere. A pipe in the file's place would hold us up for ever.
  const how = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, how, 0o600);
  try {
    const is = await handle.stat();
    if (!is.isFile()) throw new Error(`${file} is no regular file`);
    if ((is.mode & 0o077) !== 0) await handle.chmod(0o600);
    const bytes = Buffer.from(line);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) throw new Error(`only a part of a line fitted into ${file}: is the disk full?`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
