import { appendFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import {
  fingerprint,
  judge,
  type KnownKey,
  keyTypeOf,
  knownLine,
  knownName,
  knownTypes,
  linesOf,
  parseKnownHosts,
  type Verdict,
} from "./known-hosts.ts";

/** What ssh2 can verify, strongest first; SHA-1 signatures ("ssh-rsa") are never offered. */
const signatures: Readonly<Record<string, readonly string[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** A file that exists and cannot be read might hold the key that is refused: nobody is trusted then. */
export class UnreadableKnownHosts extends Error {
  readonly file: string;
  constructor(file: string, reason: string) {
    super(reason);
    this.file = file;
  }
}

/** known_hosts files as they are on disk: read once for a hundred nodes, and again as soon as one was changed. */
export class KnownHostsFiles {
  readonly #read = new Map<string, { state: string; keys: readonly KnownKey[] }>();
  /** Keys that were accepted for this run only, by known name. */
  readonly acceptedOnce = new Map<string, Buffer[]>();

  /** The keys of a file; none of one that is not there. @throws UnreadableKnownHosts */
  keys(file: string): readonly KnownKey[] {
    try {
      const { mtimeMs, size, ino } = statSync(file);
      const state = `${ino} ${size} ${mtimeMs}`;
      const before = this.#read.get(file);
      if (before?.state === state) return before.keys;
      const keys = parseKnownHosts(readFileSync(file, "utf8"), file);
      this.#read.set(file, { state, keys });
      return keys;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return [];
      throw new UnreadableKnownHosts(file, code ?? "unknown reason");
    }
  }
}

/** The host keys of one target: where they are known from, and what is to be thought of one that is shown. */
export class HostKeys {
  readonly #from: KnownHostsFiles;
  readonly #files: readonly string[];
  readonly #host: string;
  readonly #port: number;
  #lines: readonly KnownKey[] = [];

  constructor(target: { host: string; port: number; files: readonly string[] | undefined }, from: KnownHostsFiles) {
    this.#host = target.host;
    this.#port = target.port;
    this.#files = target.files ?? [path.join(homedir(), ".ssh", "known_hosts"), "/etc/ssh/ssh_known_hosts"];
    this.#from = from;
  }

  /** Looks up what is known now. @throws UnreadableKnownHosts */
  load(): void {
    const all = this.#files.flatMap((file) => this.#from.keys(file));
    this.#lines = linesOf(all, this.#host, this.#port);
  }

  /** Signature algorithms to offer: the known key types first. */
  algorithms(): string[] {
    const known = knownTypes(this.#lines).flatMap((type) => signatures[type] ?? []);
    return [...new Set([...known, ...Object.values(signatures).flat()])];
  }

  /** Decides from what `load` read, without a wait: it is asked again in the middle of the traffic. */
  judge(key: Buffer): Verdict {
    const verdict = judge(this.#lines, key);
    const accepted = this.#from.acceptedOnce.get(this.#name)?.some((one) => one.equals(key)) ?? false;
    return verdict.verdict === "unknown" && accepted ? { verdict: "known" } : verdict;
  }

  acceptOnce(key: Buffer): void {
    const { acceptedOnce } = this.#from;
    acceptedOnce.set(this.#name, [...(acceptedOnce.get(this.#name) ?? []), key]);
  }

  /** Adds the key to the first of the files. @throws the file system's error */
  remember(key: Buffer): void {
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    const before = this.#endsInLine() ? "" : "\n";
    // One write at the end of the file: nobody who appends at the same time can split it.
    appendFileSync(this.file, `${before}${this.line(key)}\n`, { mode: 0o600 });
  }

  /** Where `remember` writes. */
  get file(): string {
    return this.#files[0] ?? path.join(homedir(), ".ssh", "known_hosts");
  }

  line(key: Buffer): string {
    return knownLine(this.#name, key);
  }

  describe(key: Buffer): { keyType: string; fingerprint: string } {
    return { keyType: keyTypeOf(key), fingerprint: fingerprint(key) };
  }

  get #name(): string {
    return knownName(this.#host, this.#port);
  }

  #endsInLine(): boolean {
    try {
      const content = readFileSync(this.file);
      return content.length === 0 || content.at(-1) === 0x0a;
    } catch {
      // Not there yet, or not readable: the append makes it, or fails and tells why.
      return true;
    }
  }
}
