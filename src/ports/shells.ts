import type { ContainerId } from "../domain/ids.ts";
import type { Outcome, Trouble } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** Of a terminal, in characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** How what ran at the other end ended. After "lost" nobody here knows whether it still runs. */
export type SessionEnd =
  /** 128 and the number of the signal where one ended it (POSIX sh, 2.8.2). */
  { end: "exited"; code: number } | { end: "lost"; trouble: Trouble };

/** Gets what the other end writes, as it comes. While a promise that it returned is pending, no more is read. */
export type Output = (bytes: Uint8Array, from: "stdout" | "stderr") => void | Promise<void>;

/** A program at the other end, with its input and output here. */
export interface Session {
  /** Sends input; resolves when there is room for more. After the end of the program it goes nowhere. */
  write(input: Uint8Array): Promise<void>;
  /** No more input: the program reads an end of file, and its output goes on. */
  endInput(): void;
  /** The size of its terminal; where it has none, nothing. */
  resize(size: TerminalSize): void;
  /** Settles once, after the last output. */
  readonly ended: Promise<SessionEnd>;
  /** Lets go of it: `ended` is "lost" then, "cancelled". A program in a container goes on without a terminal; one on the node gets SIGHUP. */
  close(): void;
}

/** A session in a container, whose program outlives it. */
export interface ContainerSession extends Session {
  /**
   * Ends the program with SIGHUP, as a terminal that is closed does, if it has not ended. With `onlyIdle` not one that
   * has something running in it: "busy", and it goes on.
   */
  hangUp(onlyIdle: boolean, within: Deadline): Promise<Outcome<"ended" | "busy">>;
}

export interface ExecAsked {
  container: ContainerId;
  /** Program and arguments; no shell reads them. */
  command: readonly string[];
  /** Undefined: input and output are pipes, stdout and stderr apart. */
  terminal: TerminalSize | undefined;
}

/** Programs with their input and output here. Deadlines are for the opening; a session lasts as long as it lasts. */
export interface Shells {
  /** In a running container. A program that is not there makes a session that ends with 126 or 127, as `docker exec`. */
  exec(asked: ExecAsked, output: Output, within: Deadline): Promise<Outcome<ContainerSession>>;
  /** The login shell of the user who logged in, on the node itself. `term`: the terminal's kind (TERM). */
  login(size: TerminalSize, term: string, output: Output, within: Deadline): Promise<Outcome<Session>>;
  /** A shell of the node's, as root, in the network of a running container: for images without a shell. */
  inNetworkOf(
    container: ContainerId,
    size: TerminalSize,
    term: string,
    output: Output,
    within: Deadline,
  ): Promise<Outcome<Session>>;
}
