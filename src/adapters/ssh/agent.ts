import { inspect } from "node:util";
import type { OpenSSHAgent, ParsedKey } from "ssh2";

type Ssh2 = typeof import("ssh2");

/**
 * The agent at `socket` as if it held only some of its keys: each key that a server does not take counts as a failure,
 * and after sshd's MaxAuthTries (6) the right one comes too late.
 */
export function agentWith(
  ssh2: Ssh2,
  socket: string,
  choose: (keys: readonly ParsedKey[]) => ParsedKey[],
): OpenSSHAgent {
  class ChosenKeys extends ssh2.OpenSSHAgent {
    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      super.getIdentities((error, keys) => {
        if (error || keys === undefined) done(error);
        else done(undefined, choose(keys as ParsedKey[]));
      });
    }

    [inspect.custom](): string {
      return "[ChosenKeys]";
    }
  }
  return new ChosenKeys(socket);
}
