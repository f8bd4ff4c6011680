import type { Duplex } from "node:stream";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "../ports/clock.ts";

/** What a command left behind. `code` is undefined when a signal ended it. */
export interface Finished {
  code: number | undefined;
  stdout: Buffer;
  stderr: Buffer;
}

/** One node's connection, as the engine, host and store adapters use it. All of it runs over one SSH connection. */
export interface Transport {
  readonly node: SafeText;
  /** The user who logged in; for messages. */
  readonly user: SafeText;
  /**
   * Runs a POSIX shell script: it travels on stdin of `/bin/sh -s`, `args` become "$1", "$2", ….
   * With `root`, through sudo when the user is not root. At most 4 run at once on a node; more wait their turn.
   * An exit code other than 0 is a good outcome: the caller knows what it means.
   * Past the deadline the node itself ends it (timeout(1)).
   * Output beyond `limit` bytes (1 MiB) is a `bad-answer`.
   */
  script(
    script: string,
    args: readonly string[],
    within: Deadline,
    options?: { root?: boolean; limit?: number },
  ): Promise<Outcome<Finished>>;
  /**
   * A byte stream to the Docker socket: a streamlocal channel, else `docker system dial-stdio` (through sudo when the
   * user may not open the socket). Behaves as a net.Socket does for node:http. Fails with the reason an operator
   * can act on: docker-missing, docker-socket-missing, docker-permission, docker-stopped, connection-lost.
   * `use` says whether a long stream or a request will go over it: where sessions are few, streams must not take all.
   */
  dialDocker(signal: AbortSignal, use?: "request" | "stream"): Promise<Outcome<Duplex>>;
  /**
   * True where every stream to the Docker socket holds one of the few sessions that sshd allows (MaxSessions): what can
   * be asked for again and again should then do without. Known once a dial was good.
   */
  readonly fewStreams?: boolean;
  /** A byte stream to host:port as seen from the node. */
  dialTcp(host: string, port: number, signal: AbortSignal): Promise<Outcome<Duplex>>;
}
