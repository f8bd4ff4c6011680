import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Makes the folder for its owner alone, and whatever is missing above it. */
export async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** The content, or undefined when there is no such file. A symbolic link is no such file: it is refused (ELOOP). */
export async function readPrivate(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes a file that only its owner can read, whole or not at all, and on the disk when this resolves. "keep": a file
 * that is there stays, and false is returned.
 */
export async function writePrivate(file: string, content: string, old: "replace" | "keep"): Promise<boolean> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A second name can only be given where there is none: rename(2) would replace.
    if (old === "keep") await link(temporary, file);
    else await rename(temporary, file);
    await syncFolder(path.dirname(file));
    return true;
  } catch (error) {
    if (old === "keep" && (error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Names in a folder are on the disk only once the folder is (fsync(2)). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
