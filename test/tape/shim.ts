import { writeFileSync } from "node:fs";
import path from "node:path";

/** Puts a command of that name into `folder`, for a PATH: it runs the script with this Node, wherever both are. */
export function writeShim(folder: string, name: string, script: string, node = process.execPath): void {
  const line = `exec ${quoted(node)} ${quoted(path.resolve(script))} "$@"`;
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

/** One word for sh: nothing inside of single quotes means anything but the next quote (POSIX, "Quoting"). */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
