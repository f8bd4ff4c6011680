import type { NodeName } from "../../domain/ids.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { SshShared } from "./shared.ts";
import type { Target } from "./ssh-config.ts";

/** One attempt to log in: what it may use, and what is noted for the message if it fails. */
export interface Login {
  ssh2: typeof import("ssh2");
  node: NodeName;
  target: Target;
  prompter: Prompter;
  shared: SshShared;
  /** Ends with the attempt. */
  signal: AbortSignal;
  /** Ends with the link: an answer that comes after the server gave up waiting is good for the next attempt. */
  lifetime: AbortSignal;
  /** What was shown to the server, in order. */
  tried: SafeText[];
  /** What stood in the way. */
  notes: SafeText[];
  /** What the server takes, as it said last. */
  offered: readonly string[];
  /** Runs a question; as long as it is open the server is not the one that is waited for. */
  asking<T>(question: () => Promise<T>): Promise<T>;
}

/** Under this the passwords of an account are kept. */
export const accountOf = ({ user, host, port }: Pick<Target, "user" | "host" | "port">): string =>
  `${user}@${host}:${port}`;
