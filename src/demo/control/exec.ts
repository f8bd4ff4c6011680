import type { ContainerId } from "../../domain/ids.ts";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { CommandEnd, ContainerExec } from "../../ports/container-exec.ts";
import { pass } from "../calls.ts";
import type { DemoContainer } from "../containers.ts";
import { refused } from "../refusal.ts";
import { type ControlGround, engineQuestion } from "./change.ts";

/** A program that the demo's containers have. */
export type Program = (call: { container: DemoContainer; args: readonly string[]; input: string }) => CommandEnd;

const takesMs = 60;

/** Commands in containers of one machine; `programs` by their names, without a folder. */
export class DemoExec implements ContainerExec {
  readonly #on: ControlGround;
  readonly #programs: ReadonlyMap<string, Program>;

  constructor(on: ControlGround, programs: ReadonlyMap<string, Program>) {
    this.#on = on;
    this.#programs = programs;
  }

  async run(id: ContainerId, argv: readonly string[], input: string, within: Deadline): Promise<Outcome<CommandEnd>> {
    await pass(this.#on.clock, takesMs);
    return engineQuestion(this.#on, within, () => {
      const container = this.#on.link.machine.runtime.all.get(id);
      if (container === undefined) return refused(404, text`No such container: ${id}`);
      const { run } = container;
      if (run.state !== "running") return refused(409, text`Container ${id} is not running`);
      if (run.paused) return refused(409, text`Container ${id} is paused, unpause the container before exec`);
      const [word = "", ...args] = argv;
      const program = this.#programs.get(word.replace(/^.*\//, ""));
      return good(program?.({ container, args, input }) ?? notFound(word));
    });
  }
}

/** As runc says it (libcontainer/init_linux.go), with the code that an engine of 20.10 makes of it. */
const notFound = (word: string): CommandEnd => ({
  exitCode: 126,
  stdout: `OCI runtime exec failed: exec failed: unable to start container process: exec: "${word}": executable file not found in $PATH: unknown\r\n`,
  stderr: "",
});

/** What every image with a shell has, as far as the demo is asked for it. */
export const shellPrograms: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["true", () => ({ exitCode: 0, stdout: "", stderr: "" })],
  ["false", () => ({ exitCode: 1, stdout: "", stderr: "" })],
  ["cat", ({ input }) => ({ exitCode: 0, stdout: input, stderr: "" })],
  ["echo", ({ args }) => ({ exitCode: 0, stdout: `${args.join(" ")}\n`, stderr: "" })],
  [
    "hostname",
    ({ container }) => ({
      exitCode: 0,
      stdout: `${container.asked.hostname ?? container.id.slice(0, 12)}\n`,
      stderr: "",
    }),
  ],
]);
