import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { asNodeName } from "../domain/ids.ts";
import { parseSpec } from "../domain/spec/parse.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { writeSpec } from "../domain/spec/write.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { HostAsked } from "../services/wizard/host-checks.ts";

/** The file that the set-up reads and writes. */
export interface SpecFile {
  path: string;
  /** What it held when it was read or written last. */
  content: string | undefined;
  /** That of the demo is never written to a disk. */
  kept: "on disk" | "in memory";
}

/** How the file is called on the screen. */
export const nameOf = ({ path: file, kept }: SpecFile): SafeText =>
  kept === "on disk" ? clean(path.relative("", file) || file) : text`${clean(file)} (memory only)`;

/** What the file holds by now; undefined when there is none. @throws Error when it cannot be read */
export const contentNow = (file: SpecFile): Promise<string | undefined> =>
  file.kept === "on disk" ? contentOf(file.path) : Promise.resolve(file.content);

const around = (file: string) => ({ file, home: homedir(), resolve: path.resolve });

/** The cluster that `content` means, or what is wrong with it in words. */
export function specIn(
  content: string,
  file: string,
): { ok: true; content: string; spec: Spec } | { ok: false; problems: SafeText[] } {
  const parsed = parseSpec(content, around(file));
  if (parsed.ok) return { ok: true, content, spec: parsed.spec };
  return { ok: false, problems: parsed.problems.map((one) => text`line ${one.line}: ${one.message}`) };
}

/** How each node of the file is reached, as the file writes it. */
export function targetsIn(content: string | undefined): Map<string, string> {
  const nodes: unknown = content === undefined ? undefined : parseDocument(content).get("nodes");
  const targets = new Map<string, string>();
  for (const node of isSeq(nodes) ? nodes.items : []) {
    if (isMap(node)) targets.set(String(node.get("name")), String(node.get("ssh")));
  }
  return targets;
}

/** A host as a file with this one more would reach it: the defaults of the file's `ssh` count. */
export function hostAsked(target: string, file: SpecFile): HostAsked {
  const name = asNodeName(target.replace(/^.*@/, "").replace(/:\d+$/, "").slice(0, 60)) ?? asNodeName("host");
  const document = parseDocument(file.content ?? "version: 1\ncluster: check\n");
  const ours = isMap(document.contents) ? known(document.get("nodes"), target) : undefined;
  document.set("nodes", document.createNode([{ ...ours, name, ssh: target }]));
  for (const key of ["store", "networks", "containers", "condor"]) document.delete(key);
  const read = specIn(document.toString(), file.path);
  if (!read.ok) return { ok: false, why: text`[user@]host[:port] or a name of ~/.ssh/config` };
  const [node] = read.spec.nodes;
  return node === undefined ? { ok: false, why: text`no host` } : { ok: true, node, spec: read.spec };
}

/** What the file says besides of the node that is reached so: its own key, port or bastion. */
function known(nodes: unknown, target: string): object {
  const items: readonly unknown[] = isSeq(nodes) ? nodes.items : [];
  const found = items.find((node) => isMap(node) && node.get("ssh") === target);
  return isMap(found) ? { ...(found.toJSON() as object), advertise: undefined } : {};
}

/** Writes the file whole or not at all; "changed" by somebody else since it was read is a trouble, and nothing is written. */
export async function saveSpec(file: SpecFile, content: string): Promise<Outcome<void>> {
  if (file.kept === "in memory") {
    file.content = content;
    return good(undefined);
  }
  try {
    const now = await contentOf(file.path);
    if (now === content) return good(undefined);
    if (hash(now) !== hash(file.content)) {
      return bad({
        kind: "misconfigured",
        detail: text`${clean(file.path)} was changed by somebody else since it was read; it was not written`,
        remedy: text`Leave the set-up and open it again: it then starts from the file as it is now.`,
      });
    }
    await mkdir(path.dirname(file.path), { recursive: true });
    const mode = now === undefined ? 0o600 : (await stat(file.path)).mode & 0o777;
    await replaced(file.path, content, mode);
    file.content = content;
    return good(undefined);
  } catch (error) {
    const { message } = error as Error;
    return bad({
      kind: "misconfigured",
      detail: text`${clean(file.path)} cannot be written: ${clean(message, 200)}`,
      remedy: text`Make its folder writable, or start ovl-tui in another one.`,
    });
  }
}

/** Nothing is left beside `file` when it cannot be written. */
async function replaced(file: string, content: string, mode: number): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

const hash = (content: string | undefined): string | undefined =>
  content === undefined ? undefined : createHash("sha256").update(content).digest("hex");

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The file with these values in it. */
export const written = (file: SpecFile, values: Parameters<typeof writeSpec>[1]) =>
  specIn(writeSpec(file.content, values), file.path);

/** Hosts that the operator's ssh knows by name: Host entries of ~/.ssh/config (ssh_config(5)), then known_hosts (sshd(8)). */
export async function knownHosts(home = homedir()): Promise<string[]> {
  const [config, known] = await Promise.all([
    contentOf(path.join(home, ".ssh/config")).catch(() => undefined),
    contentOf(path.join(home, ".ssh/known_hosts")).catch(() => undefined),
  ]);
  const aliases = (config ?? "").split("\n").flatMap((line) => {
    const [, names] = /^\s*Host\s+(.*)$/i.exec(line) ?? [];
    return (names ?? "").split(/\s+/).filter((name) => name !== "" && !/[*?!]/.test(name));
  });
  const hosts = (known ?? "").split("\n").flatMap((line) => {
    const [names = ""] = line.trim().split(/\s+/);
    // Hashed names say nothing, marked ones are no hosts.
    if (names === "" || /^[|@#]/.test(names)) return [];
    return names.split(",").map((name) => name.replace(/^\[(.*)\]:(\d+)$/, "$1:$2").replace(/:22$/, ""));
  });
  return [...new Set([...aliases, ...hosts])];
}
