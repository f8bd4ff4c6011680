import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** One line of a known_hosts file that names a key: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownKey {
  marker: "revoked" | "cert-authority" | undefined;
  patterns: string;
  keyType: string;
  key: Buffer;
  /** "FILE:LINE", for messages. */
  place: string;
  /** Of the same host on port 22: it may prove a key, but another key there proves nothing. */
  borrowed?: boolean;
}

/** The lines of a known_hosts file; what is no key line (comments, damaged ones) is left out, as OpenSSH does. */
export function parseKnownHosts(content: string, file: string): KnownKey[] {
  return content.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === undefined || words[0] === "" || words[0].startsWith("#")) return [];
    const marker = words[0] === "@revoked" ? "revoked" : words[0] === "@cert-authority" ? "cert-authority" : undefined;
    if (words[0].startsWith("@")) {
      if (marker === undefined) return [];
      words.shift();
    }
    const [patterns, keyType, encoded] = words;
    if (patterns === undefined || keyType === undefined || encoded === undefined) return [];
    const key = Buffer.from(encoded, "base64");
    return keyTypeOf(key) === keyType ? [{ marker, patterns, keyType, key, place: `${file}:${index + 1}` }] : [];
  });
}

/** The name under which a host is known: "host", or "[host]:port" off port 22. */
export const knownName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** Whether a line's patterns mean `name`: hashed, or a list with wildcards in which a negated match counts against all. */
export function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|")) return matchesHash(patterns, name);
  let matched = false;
  for (const pattern of patterns.split(",")) {
    const negated = pattern.startsWith("!");
    if (!matchesWildcard(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt (OpenSSH hostfile.c host_hash). */
function matchesHash(pattern: string, name: string): boolean {
  const [, version, salt, hash] = pattern.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, "base64");
  const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** "*" any run, "?" one character (OpenSSH match.c match_pattern); linear in practice, no regular expression is built. */
function matchesWildcard(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let index = 0; index < name.length; ) {
    const one = wanted[at];
    if (one === "*") {
      star = at++;
      retry = index;
    } else if (one === "?" || one === name[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++retry;
    } else return false;
  }
  while (wanted[at] === "*") at++;
  return at === wanted.length;
}

export type Verdict =
  | { verdict: "known" }
  | { verdict: "revoked"; place: string }
  /** The host is known, and not with this key. */
  | { verdict: "changed"; place: string }
  | { verdict: "unknown" };

/**
 * The lines that speak of a host: those of its name, and where it has none of its own off port 22, the plain keys of
 * the bare host (OpenSSH sshconnect.c, "checking without port identifier").
 */
export function linesOf(known: readonly KnownKey[], host: string, port: number): KnownKey[] {
  const of = (name: string) => known.filter((one) => matches(one.patterns, name));
  const own = of(knownName(host, port));
  if (port === 22 || own.some((one) => one.marker === undefined)) return own;
  return [...own, ...of(knownName(host, 22)).map((one) => ({ ...one, borrowed: true }))];
}

/**
 * What the lines of a host say of the key that it shows. A certificate authority's line makes no key known: host
 * certificates are not understood, so their hosts are known by plain keys or not at all.
 */
export function judge(lines: readonly KnownKey[], key: Buffer): Verdict {
  const revoked = lines.find((one) => one.marker === "revoked" && one.key.equals(key));
  if (revoked !== undefined) return { verdict: "revoked", place: revoked.place };
  const plain = lines.filter((one) => one.marker === undefined);
  if (plain.some((one) => one.key.equals(key))) return { verdict: "known" };
  // A key of another type is no proof either: whoever stands between may offer the type that nobody has seen.
  const other = plain.find((one) => one.borrowed !== true);
  return other === undefined ? { verdict: "unknown" } : { verdict: "changed", place: other.place };
}

/** Key types by which a host is known already, to be offered first: else the server picks one that nobody knows. */
export const knownTypes = (lines: readonly KnownKey[]): string[] => [
  ...new Set(lines.filter((one) => one.marker === undefined).map((one) => one.keyType)),
];

/** "SHA256:…" as ssh-keygen -l prints it: base64 without padding. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

/** The type that a key blob begins with (RFC 4253, 6.6); "unknown" for what is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return "unknown";
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length >= 4 + length ? key.toString("latin1", 4, 4 + length) : "unknown";
}

/** The line that makes `key` known for `name`. */
export const knownLine = (name: string, key: Buffer): string => `${name} ${keyTypeOf(key)} ${key.toString("base64")}`;
