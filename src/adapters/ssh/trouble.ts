import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { bad, type Trouble } from "../../domain/trouble.ts";
import type { HostKeys } from "./host-keys.ts";
import type { Verdict } from "./known-hosts.ts";
import type { Login } from "./login.ts";
import type { Target } from "./ssh-config.ts";

/** What Node and ssh2 hang on their errors. */
export interface SshError extends Error {
  /** Node: "ECONNREFUSED" and its kind; ssh2: the number of a disconnect (RFC 4253, 11.1). */
  code?: string | number;
  /** Node: "getaddrinfo", "connect". */
  syscall?: string;
  /** ssh2: where it went wrong. */
  level?: string;
  /** ssh2: why a channel was not opened (RFC 4254, 5.1). */
  reason?: number | string;
}

/** RFC 4253, 11.1: these are said of the connection, not of who logs in. */
const endsOfConnection = new Set([10, 11, 12]);

/** Why a connection could not be made, or broke. */
export function connectionTrouble(
  error: SshError | undefined,
  target: Pick<Target, "host" | "port"> & Partial<Pick<Target, "localAddress">>,
): Trouble {
  const host = clean(target.host);
  if (error === undefined) return { kind: "connection-lost", detail: text`closed by the other side` };
  const detail = clean(error.message);
  switch (error.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
      return { kind: "name-unresolved", host };
    case "ECONNREFUSED":
      return { kind: "connection-refused", host, port: target.port };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
      return { kind: "unreachable", host, detail: text`no route (${clean(error.code)})` };
    case "ETIMEDOUT":
      return { kind: "unreachable", host, detail: text`no answer` };
    case "ECONNRESET":
    case "EPIPE":
      return { kind: "connection-lost", detail: text`reset by the other side` };
    case "EADDRNOTAVAIL":
      return target.localAddress === undefined
        ? {
            kind: "trouble-here",
            detail,
            remedy: text`look at its addresses and at how many connections it has ("ss -s")`,
          }
        : {
            kind: "trouble-here",
            detail: text`it has no address ${clean(target.localAddress)}, which is BindAddress in ~/.ssh/config`,
            remedy: text`bring up the network that has the address, or correct BindAddress`,
          };
    default:
  }
  if (error.syscall === "getaddrinfo") return { kind: "name-unresolved", host };
  // sshd over MaxStartups, or a host that only half closed.
  if (/lost before handshake/i.test(error.message))
    return { kind: "connection-lost", detail: text`closed before it said that it is SSH` };
  if (/no matching|handshake failed/i.test(error.message)) {
    return {
      kind: "misconfigured",
      detail: text`no common SSH algorithm with ${host}: ${detail}`,
      remedy: text`let its sshd offer curve25519-sha256 and an ed25519, ECDSA or rsa-sha2 host key`,
    };
  }
  return { kind: "connection-lost", detail };
}

/** Why a login that reached the server failed; undefined when it broke off for a reason of the connection. */
export function loginTrouble(error: SshError | undefined, login: Login): Trouble | undefined {
  const tooMany = /too many authentication failures/i.test(error?.message ?? "");
  const said = typeof error?.code === "number" && !endsOfConnection.has(error.code);
  if (error?.level !== "client-authentication" && !said) return undefined;
  const { target, tried, notes, offered } = login;
  const why = [...new Set(notes)];
  if (tooMany) why.push(text`the server cut it off after too many tries`);
  else if (said) why.push(text`the server said: ${clean(error?.message ?? "")}`);
  if (target.ignored.length > 0) why.push(text`not supported from ~/.ssh/config: ${clean(target.ignored.join(", "))}`);
  if (offered.length > 0 && !tooMany) why.push(text`the server takes only: ${clean(offered.join(", "))}`);
  return {
    kind: "authentication-failed",
    user: clean(target.user),
    tried: counted(tried),
    hint: joined([...why, loginRemedy(login, tooMany)], "; "),
  };
}

function loginRemedy({ target, offered }: Login, tooMany: boolean): SafeText {
  if (tooMany) return text`name the right key as identityFile in ovl.yaml`;
  const account = text`${clean(target.user)}@${clean(target.host)}`;
  if (offered.length === 0 || offered.includes("publickey"))
    return text`check the user, and put a public key there with "ssh-copy-id ${account}"`;
  return text`check the user and the password of ${account}`;
}

/** "password" tried three times is said once. */
function counted(tried: readonly SafeText[]): SafeText[] {
  return [...new Set(tried)].map((one) => {
    const times = tried.filter((other) => other === one).length;
    return times === 1 ? one : text`${one} (${times} times)`;
  });
}

/** What a host key that must not be used means. */
export function hostKeyTrouble(
  key: Buffer,
  verdict: Exclude<Verdict, { verdict: "known" }>,
  hostKeys: HostKeys,
  target: Pick<Target, "host">,
): Trouble {
  const { keyType, fingerprint } = hostKeys.describe(key);
  const shown = { host: clean(target.host), keyType: clean(keyType), fingerprint: clean(fingerprint) };
  switch (verdict.verdict) {
    case "unknown":
      // An RSA-16384 key has 2.8 kB, and a line cut short would trust nobody.
      return { kind: "host-key-unknown", ...shown, line: clean(hostKeys.line(key), 10_000) };
    case "changed":
      return { kind: "host-key-changed", ...shown, knownIn: clean(verdict.place) };
    case "revoked":
      return { kind: "host-key-revoked", ...shown, knownIn: clean(verdict.place) };
  }
}

/** A known_hosts file that nobody may read, or write. */
export function knownHostsTrouble(
  file: string,
  code: string,
  wanted: "read" | "written",
): { ok: false; trouble: Trouble } {
  const name = clean(file);
  const detail = text`${name} cannot be ${clean(wanted)} (${clean(code)})`;
  return bad(
    wanted === "read"
      ? {
          kind: "misconfigured",
          detail: text`${detail}, so no host key can be checked`,
          remedy: text`make it readable`,
        }
      : { kind: "misconfigured", detail, remedy: text`make it writable, or accept the key once` },
  );
}

/** Why sshd opened no channel; a connection that is gone is told apart by having no reason. */
export function channelTrouble(error: SshError): Trouble {
  const detail = clean(error.message);
  return error.reason === undefined
    ? { kind: "connection-lost", detail }
    : { kind: "bad-answer", from: text`sshd`, detail };
}

/** Why a channel to host:port was not opened. sshd passes on what connect(2) or the resolver said. */
export function tcpTrouble(error: SshError, host: string, port: number): Trouble {
  if (error.reason === undefined) return channelTrouble(error);
  const said = error.message;
  // 1: administratively prohibited (RFC 4254, 5.1); sshd gives it for AllowTcpForwarding and PermitOpen.
  if (error.reason === 1 || /prohibited/i.test(said)) {
    return {
      kind: "misconfigured",
      detail: text`its sshd does not forward TCP`,
      remedy: text`set AllowTcpForwarding to local in its sshd_config`,
    };
  }
  if (/refused/i.test(said)) return { kind: "connection-refused", host: clean(host), port };
  if (/not known|resolution|no address/i.test(said)) return { kind: "name-unresolved", host: clean(host) };
  return { kind: "unreachable", host: clean(host), detail: clean(said.replace(/^\(SSH\) Channel open failure: /, "")) };
}
