import { createHash } from "node:crypto";
import type { FileEdit, Sha256 } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Trouble } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { FileTree } from "../file-tree.ts";
import type { Hindrance } from "../machine.ts";
import { asRoot, type ControlGround, change, rootQuestion } from "./change.ts";

const writeMs = 30;
/** Of one file; older ones are removed. */
const backupsKept = 5;

/** SHA-256 of a file with this content. */
export const sha256Of = (content: string): Sha256 => createHash("sha256").update(content).digest("hex") as Sha256;

type Read = Awaited<ReturnType<Files["read"]>>;
type Written = Awaited<ReturnType<Files["write"]>>;

/** The files of one machine. */
export class DemoFiles implements Files {
  readonly #on: ControlGround;

  constructor(on: ControlGround) {
    this.#on = on;
  }

  read(path: string, within: Deadline): Promise<Read> {
    return rootQuestion(this.#on, clean(path), within, () => read(this.#on.link.machine.files, path));
  }

  write(edit: FileEdit, within: Deadline): Promise<Written> {
    const { link, clock } = this.#on;
    return asRoot(this.#on, () =>
      change(this.#on, clean(edit.path), within, writeMs, () => {
        const { files, hindrances } = link.machine;
        return write(files, edit, stamp(clock.now()), hindranceOf(edit, hindrances));
      }),
    );
  }
}

function read(files: FileTree, path: string): Read {
  const file = files.read(path);
  if (file !== undefined) return good({ content: file.content, sha256: sha256Of(file.content) });
  return files.isFolder(path) ? bad(isFolder(path)) : good("absent");
}

/** `why` nothing can be written there, in the words of strerror(3). */
function write(files: FileTree, edit: FileEdit, at: string, why: SafeText | undefined): Written {
  const { path, replaces, content, mode, secret } = edit;
  const standing = read(files, path);
  if (!standing.ok) return standing;
  const now = standing.value === "absent" ? "absent" : standing.value.sha256;
  const isOurs = now === (replaces === "absent" ? "absent" : replaces.sha256);
  const isSo = now === (content === "removed" ? "absent" : sha256Of(content));
  if (secret === true && (isOurs || isSo)) files.chmod(path, mode);
  if (isSo) return good({ result: "unchanged" });
  if (!isOurs) return good({ result: "changed" });
  if (why !== undefined) return bad(unwritable(path, why));
  const backup = now === "absent" ? undefined : keep(files, path, at, content === "removed");
  if (content !== "removed") files.put(path, content, mode);
  return good({ result: "written", backup });
}

/** The old file under a second name. */
function keep(files: FileTree, path: string, at: string, move: boolean): string {
  const base = `${path}.ovl-tui-${at}`;
  let backup = base;
  for (let more = 1; files.read(backup) !== undefined; more++) backup = `${base}-${more}`;
  const old = files.read(path);
  if (move) files.move(path, backup);
  else if (old !== undefined) files.put(backup, old.content, old.mode);
  for (const oldest of files.beginningWith(`${path}.ovl-tui-`).slice(0, -backupsKept)) files.remove(oldest);
  return backup;
}

/** 20261123T140211Z */
const stamp = (at: number): string => `${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}`;

/** A rename needs no room, so a file can be taken away from a full disk. */
export function hindranceOf(
  { path, content }: Pick<FileEdit, "path" | "content">,
  hindrances: ReadonlySet<Hindrance>,
): SafeText | undefined {
  if (hindrances.has("read-only-etc") && path.startsWith("/etc/")) return text`Read-only file system`;
  if (hindrances.has("full-disk") && content !== "removed") return text`No space left on device`;
  return undefined;
}

const isFolder = (path: string): Trouble => ({
  kind: "misconfigured",
  detail: text`${clean(path)} is a folder`,
  remedy: text`look at "ls -ld ${clean(path)}"`,
});

function unwritable(path: string, why: SafeText): Trouble {
  const folder = clean(path.replace(/\/[^/]*$/, ""));
  return {
    kind: "misconfigured",
    detail: text`cannot write ${clean(path)}: ${why}`,
    remedy: /read-only/i.test(why)
      ? text`the file system of ${folder} is mounted read-only: "findmnt -T ${folder}" shows which, "dmesg | tail" whether the disk failed`
      : text`make room there: "df -h ${folder}" and "df -i ${folder}"`,
  };
}
