import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
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

/** Keys that were accepted for this run only, by known name. */
export type AcceptedOnce = Map<string, Buffer[]>;

/** The host keys of one target: where they are known from, and what is to be thought of one that is shown. */
export class HostKeys {
  readonly #files: readonly string[];
  readonly #name: string;
  readonly #accepted: AcceptedOnce;
  #known: readonly KnownKey[] = [];

  constructor(target: { host: string; port: number; files: readonly string[] | undefined }, accepted: AcceptedOnce) {
    this.#name = knownName(target.host, target.port);
    this.#files = target.files ?? [path.join(homedir(), ".ssh", "known_hosts"), "/etc/ssh/ssh_known_hosts"];
    this.#accepted = accepted;
  }

  /** Reads the files anew. @throws UnreadableKnownHosts */
  load(): void {
    this.#known = this.#files.flatMap((file) => {
      try {
        return parseKnownHosts(readFileSync(file, "utf8"), file);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return [];
        throw new UnreadableKnownHosts(file, code ?? "unknown reason");
      }
    });
  }

  /** Signature algorithms to offer: the known key types first. */
  algorithms(): string[] {
    const known = knownTypes(this.#known, this.#name).flatMap((type) => signatures[type] ?? []);
    return [...new Set([...known, ...Object.values(signatures).flat()])];
  }

  judge(key: Buffer): Verdict {
    const verdict = judge(this.#known, this.#name, key);
    const accepted = this.#accepted.get(this.#name)?.some((one) => one.equals(key)) ?? false;
    return verdict.verdict === "unknown" && accepted ? { verdict: "known" } : verdict;
  }

  acceptOnce(key: Buffer): void {
    this.#accepted.set(this.#name, [...(this.#accepted.get(this.#name) ?? []), key]);
  }

  /** Adds the key to the first of the files. @throws the file system's error */
  remember(key: Buffer): void {
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    const before = this.#endsInLine() ? "" : "\n";
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

  #endsInLine(): boolean {
    try {
      const content = readFileSync(this.file);
      return content.length === 0 || content.at(-1) === 0x0a;
    } catch {
      return true;
    }
  }
}
