import type { OpenedKeys } from "./auth.ts";
import type { Bastion } from "./bastion.ts";
import type { AcceptedOnce } from "./host-keys.ts";
import { Limit } from "./limit.ts";

/** What all connections of one run share. Secrets are only here, and only in memory. */
export interface SshShared {
  /** At most 16 at once: sshd's MaxStartups and our own event loop both suffer from more. */
  handshakes: Limit;
  acceptedOnce: AcceptedOnce;
  openedKeys: OpenedKeys;
  /** Login passwords that worked, by user@host: a link that comes back must not ask again. */
  passwords: Map<string, string>;
  /** sudo passwords that worked, by user@host. */
  sudoPasswords: Map<string, string>;
  /** Connections to bastions, by the whole way to them. */
  bastions: Map<string, Bastion>;
}

/** Made once per program. */
export const createSshShared = (): SshShared => ({
  handshakes: new Limit(16),
  acceptedOnce: new Map(),
  openedKeys: new Map(),
  passwords: new Map(),
  sudoPasswords: new Map(),
  bastions: new Map(),
});
