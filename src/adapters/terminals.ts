import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "../ports/clock.ts";
import type { Output, Session, TerminalSize } from "../ports/shells.ts";

/** A terminal that is wanted on a node, and the program in it. */
export interface TerminalAsked {
  size: TerminalSize;
  /** TERM: what the operator's terminal is. */
  term: string;
  /** The login shell of the user; or, as root, a shell in the network of the process of that number. */
  program: { kind: "login" } | { kind: "in-network-of"; pid: number };
}

/** Terminals on one node. */
export interface Terminals {
  open(asked: TerminalAsked, output: Output, within: Deadline): Promise<Outcome<Session>>;
}
