import { readFile } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Login } from "./login.ts";
import type { IdentityFile } from "./ssh-config.ts";

/** Private keys that were opened, by file: a passphrase is asked once, and bcrypt costs a quarter of a second each time. */
export type OpenedKeys = Map<string, { content: Buffer; key: ParsedKey }>;

/** An identity file as it is on disk. */
export interface Identity extends IdentityFile {
  content: Buffer | undefined;
  /** The public half, to find the key in an agent; known without the passphrase. */
  publicKey: Buffer | undefined;
  /** Why it is of no use; undefined also for one of ssh's usual names that is simply not there. */
  problem: SafeText | undefined;
}

type Ssh2 = typeof import("ssh2");

/** Reads an identity file and its public half, be it in a file of its own. */
export async function readIdentity(ssh2: Ssh2, { file, named }: IdentityFile): Promise<Identity> {
  try {
    const content = await readFile(file);
    const publicKey = publicPart(content) ?? (await publicFile(ssh2, file)) ?? parsed(ssh2, content)?.getPublicSSH();
    return { file, named, content, publicKey, problem: undefined };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    const missing = code === "ENOENT" || code === "ENOTDIR";
    const problem = missing ? text`there is no ${clean(file)}` : text`${clean(file)} cannot be read (${clean(code)})`;
    // Of a key that only the agent holds, people keep the public half under the name of the private one.
    const publicKey = missing ? await publicFile(ssh2, file) : undefined;
    const silent = missing && (!named || publicKey !== undefined);
    return { file, named, content: undefined, publicKey, problem: silent ? undefined : problem };
  }
}

const isLocked = (error: Error): boolean => /passphrase|encrypted/i.test(error.message);

/** Whether `openIdentity` would have to ask. */
export function needsPassphrase({ ssh2, shared }: Login, { file, content }: Identity): boolean {
  if (content === undefined || shared.openedKeys.get(file)?.content.equals(content)) return false;
  const plain = ssh2.utils.parseKey(content);
  return plain instanceof Error && isLocked(plain);
}

/** The key of an identity file, its passphrase asked if it has one; undefined, with a note in the login, when there is none. */
export async function openIdentity(login: Login, identity: Identity): Promise<ParsedKey | undefined> {
  const { ssh2, shared, notes } = login;
  const { file, content } = identity;
  if (content === undefined) return undefined;
  const opened = shared.openedKeys.get(file);
  if (opened?.content.equals(content)) return opened.key;
  const plain = ssh2.utils.parseKey(content);
  if (!(plain instanceof Error)) return plain;
  if (!isLocked(plain)) {
    notes.push(text`${clean(file)} is no private key that can be used (${clean(plain.message)})`);
    return undefined;
  }
  const key = await login.asking(() =>
    shared.work.join(passphraseWork(file), login.lifetime, (signal) => askPassphrase(login, file, content, signal)),
  );
  if (key === undefined) notes.push(text`the passphrase of ${clean(file)} was not given`);
  return key;
}

/** The name of the shared work that asks for a file's passphrase. */
export const passphraseWork = (file: string): string => `passphrase ${file}`;

async function askPassphrase(
  { ssh2, node, prompter, shared }: Login,
  file: string,
  content: Buffer,
  signal: AbortSignal,
): Promise<ParsedKey | undefined> {
  for (let again = false; ; again = true) {
    const answer = await prompter.ask({ kind: "passphrase", node, file: clean(file), again }, signal);
    if (answer.kind !== "secret") return undefined;
    const key = ssh2.utils.parseKey(content, answer.secret);
    if (key instanceof Error) continue;
    shared.openedKeys.set(file, { content, key });
    return key;
  }
}

async function publicFile(ssh2: Ssh2, file: string): Promise<Buffer | undefined> {
  const content = await readFile(`${file}.pub`).catch(() => undefined);
  return content === undefined ? undefined : parsed(ssh2, content)?.getPublicSSH();
}

function parsed(ssh2: Ssh2, content: Buffer): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(content);
  return key instanceof Error ? undefined : key;
}

const magic = Buffer.from("openssh-key-v1\0");

/** The public half of a private key in OpenSSH's own format, which no passphrase covers (openssh-portable PROTOCOL.key). */
export function publicPart(content: Buffer): Buffer | undefined {
  const armour = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(content.toString("latin1"));
  const bytes = Buffer.from(armour?.[1] ?? "", "base64");
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  let at = magic.length;
  const field = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    const value = bytes.subarray(at + 4, end);
    at = end;
    return end > bytes.length ? undefined : value;
  };
  // Cipher, key derivation, its options, then the number of keys.
  for (let skipped = 0; skipped < 3; skipped++) if (field() === undefined) return undefined;
  at += 4;
  return field();
}
