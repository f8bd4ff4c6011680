import type { Bastion } from "./bastion.ts";
import type { DockerWay } from "./docker-dial.ts";
import { KnownHostsFiles } from "./host-keys.ts";
import type { OpenedKeys } from "./identity.ts";
import { Limit } from "./limit.ts";
import { SharedWork } from "./shared-work.ts";

/** What all connections of one run share. Secrets are only here, and only in memory. */
export interface SshShared {
  /** At most 16 at once, on connections that stand: our own event loop suffers from more. */
  handshakes: Limit;
  /** At most 4 at once: each target is asked of the `ssh` command, and starting two hundred of it at once stops the screen for a second. */
  lookups: Limit;
  /** Questions that are open, and what else several wait for. */
  work: SharedWork;
  knownHosts: KnownHostsFiles;
  openedKeys: OpenedKeys;
  /** Login passwords, by account: a link that comes back must not ask again. */
  passwords: Map<string, string>;
  /** sudo passwords that worked, by account. */
  sudoPasswords: Map<string, string>;
  /** Connections to bastions, by the whole way to them. */
  bastions: Map<string, Bastion>;
  /** How the Docker socket was reached last, by account. */
  dockerWays: Map<string, DockerWay>;
}

/** Made once per program. */
export const createSshShared = (): SshShared => ({
  handshakes: new Limit(16),
  lookups: new Limit(4),
  work: new SharedWork(),
  knownHosts: new KnownHostsFiles(),
  openedKeys: new Map(),
  passwords: new Map(),
  sudoPasswords: new Map(),
  bastions: new Map(),
  dockerWays: new Map(),
});
