import type { ContainerId } from "../domain/ids.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** What a command in a container left behind. Its output is as it came: whoever shows it makes it safe first. */
export interface CommandEnd {
  /** 126 (engines of 20.10) or 127 also when there is no such program; the engine says so on stdout then. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Commands inside running containers, without a terminal. Whoever changes something with one asks `ReadOnly` first. */
export interface ContainerExec {
  /**
   * Runs `argv` as the container's own user, or as `user` of its /etc/passwd, and gives it `input`, and then the end of it, on stdin: secrets travel there and
   * never in `argv`. A container that does not run is `engine-refused`. Once the deadline is over nobody listens any more,
   * and the command goes on by itself; output longer than `longestOutput` bytes is a `bad-answer`.
   */
  run(
    container: ContainerId,
    argv: readonly string[],
    input: string,
    within: Deadline,
    user?: string,
  ): Promise<Outcome<CommandEnd>>;
}

/** Of stdout and stderr together, bytes. */
export const longestOutput = 16 * 1024 * 1024;
