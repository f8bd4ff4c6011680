import type { SafeText } from "./text.ts";

/** What can go wrong between the program and a node, as the operator has to understand it. Made at the adapters only. */
export type Trouble =
  // The way to the node. These are tried again by themselves.
  | { kind: "name-unresolved"; host: SafeText }
  | { kind: "unreachable"; host: SafeText; detail: SafeText }
  | { kind: "connection-refused"; host: SafeText; port: number }
  | { kind: "connection-lost"; detail: SafeText }
  | { kind: "timed-out"; what: SafeText; afterMs: number }
  | { kind: "bastion-down"; bastion: SafeText; detail: SafeText }
  /** This machine could not do its part: too many processes, an address that is not there just now. */
  | { kind: "trouble-here"; detail: SafeText; remedy: SafeText }
  // These wait for a person.
  | { kind: "authentication-failed"; user: SafeText; tried: readonly SafeText[]; hint: SafeText }
  | { kind: "host-key-unknown"; host: SafeText; keyType: SafeText; fingerprint: SafeText; line: SafeText }
  | { kind: "host-key-changed"; host: SafeText; keyType: SafeText; fingerprint: SafeText; knownIn: SafeText }
  | { kind: "host-key-revoked"; host: SafeText; fingerprint: SafeText; knownIn: SafeText }
  | { kind: "misconfigured"; detail: SafeText; remedy: SafeText }
  // The node answers, something on it does not.
  | { kind: "sudo-refused"; user: SafeText; detail: SafeText }
  | { kind: "tool-missing"; tool: SafeText; remedy: SafeText }
  | { kind: "docker-missing" }
  | { kind: "docker-socket-missing"; path: SafeText }
  | { kind: "docker-permission"; user: SafeText; path: SafeText }
  | { kind: "docker-stopped"; detail: SafeText }
  | { kind: "engine-refused"; status: number; detail: SafeText }
  | { kind: "api-too-old"; version: SafeText; needs: SafeText }
  // An answer came and is not what it should be.
  | { kind: "bad-answer"; from: SafeText; detail: SafeText }
  | { kind: "store-refused"; from: SafeText; detail: SafeText }
  /** A program in a container ended badly; `detail` is what it said. */
  | { kind: "program-failed"; program: SafeText; detail: SafeText }
  | { kind: "cancelled" };

/** A call's result: the value, or what went wrong. Adapters never throw for what the outside does. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

/** Shorthand for a good outcome. */
export const good = <T>(value: T): Outcome<T> => ({ ok: true, value });
/** Shorthand for a failed outcome. */
export const bad = (trouble: Trouble): { ok: false; trouble: Trouble } => ({ ok: false, trouble });

/** A trouble in the operator's words: what happened, and the way out. */
export interface Explained {
  /** Short, for a row: "connection refused on port 22". */
  what: SafeText;
  /** One sentence: what to do about it. */
  remedy: SafeText;
}
