import { clean, text } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import type { Target } from "./ssh-config.ts";

/** What Node and ssh2 hang on their errors. */
export interface SshError extends Error {
  code?: string;
  /** ssh2: where it went wrong. */
  level?:
    | "client-socket"
    | "client-timeout"
    | "client-authentication"
    | "client-dns"
    | "protocol"
    | "handshake"
    | "agent";
  /** ssh2: RFC 4254, 5.1, why a channel was not opened. */
  reason?: number;
}

/** Why a connection could not be made, or broke; authentication and host keys are told apart by those who know of them. */
export function connectionTrouble(error: SshError | undefined, target: Target): Trouble {
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
      return { kind: "timed-out", what: text`connecting to ${host}`, afterMs: 0 };
    default:
  }
  if (/no matching|handshake failed/i.test(error.message)) {
    return {
      kind: "misconfigured",
      detail: text`no common SSH algorithm with ${host}: ${detail}`,
      remedy: text`let its sshd offer curve25519-sha256 and an ed25519, ECDSA or rsa-sha2 host key`,
    };
  }
  return { kind: "connection-lost", detail };
}

/** Why a channel to host:port was not opened. */
export function tcpTrouble(error: SshError, host: string, port: number): Trouble {
  // 1: administratively prohibited (RFC 4254, 5.1).
  if (error.reason === 1) {
    return {
      kind: "misconfigured",
      detail: text`its sshd does not forward TCP`,
      remedy: text`set AllowTcpForwarding to local in its sshd_config`,
    };
  }
  if (error.reason !== undefined) return { kind: "connection-refused", host: clean(host), port };
  return { kind: "connection-lost", detail: clean(error.message) };
}
