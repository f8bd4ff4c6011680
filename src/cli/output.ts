import { constants } from "node:os";
import { clean, type SafeText, text } from "../domain/text.ts";
import { type ExitCode, exit } from "./exit.ts";

type Name = "stdout" | "stderr";

/**
 * Where commands print. Who reads that may go at any time: the reader of a pipe ends (EPIPE), a terminal hangs up (EIO), a
 * disk is full. Node ends a program at once whose stream has an error that nobody listens for; here words are lost instead,
 * and whoever is in the middle of something hears of it.
 */
export class Output {
  readonly #streams: Readonly<Record<Name, NodeJS.WriteStream>>;
  readonly #errors = new Map<Name, NodeJS.ErrnoException>();
  readonly #listeners = new Set<(why: SafeText) => void>();

  constructor(streams: Readonly<Record<Name, NodeJS.WriteStream>>) {
    this.#streams = streams;
    for (const name of ["stdout", "stderr"] as const) {
      streams[name].on("error", (error: NodeJS.ErrnoException) => this.#failed(name, error));
    }
  }

  /** `listener` hears once why words were lost, at once where they are lost already; the result ends it. */
  onLost(listener: (why: SafeText) => void): () => void {
    const [first] = this.#errors;
    if (first !== undefined) listener(this.#words(...first));
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The exit code of a command that ended with `code`, once all that it printed is written or lost. */
  async codeOf(code: ExitCode): Promise<ExitCode> {
    await Promise.all([written(this.#streams.stdout), written(this.#streams.stderr)]);
    const error = this.#errors.get("stdout");
    if (error === undefined) return code;
    // `| head` had enough: no more is said of it, as by any program that SIGPIPE ends.
    if (error.code === "EPIPE") return code === exit.fine ? 128 + constants.signals.SIGPIPE : code;
    this.#streams.stderr.write(`${this.#words("stdout", error)}\n`);
    return code === exit.fine ? exit.failed : code;
  }

  #failed(name: Name, error: NodeJS.ErrnoException): void {
    if (this.#errors.has(name)) return;
    this.#errors.set(name, error);
    if (this.#hungUp(name, error)) process.once("exit", endAsHungUp);
    const told = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of told) listener(this.#words(name, error));
  }

  #words(name: Name, error: NodeJS.ErrnoException): SafeText {
    if (this.#hungUp(name, error)) return text`the terminal hung up`;
    if (error.code === "EPIPE") return text`nobody reads ${clean(name)} any more`;
    return text`${clean(name)} cannot be written: ${clean(error.message, 200)}`;
  }

  #hungUp(name: Name, { code }: NodeJS.ErrnoException): boolean {
    return this.#streams[name].isTTY === true && code === "EIO";
  }
}

/** Resolves when all that was written to `stream` until now is, or its error was told: that comes a turn after. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write("", () => setImmediate(resolve));
  });

/**
 * At its exit Node gives a terminal its modes back, and up to 22.13 at least it aborts with a core dump when there is none
 * any more (ResetStdio in its src/node.cc); secrets are in memory alone. Ended by the signal it does neither.
 */
function endAsHungUp(): void {
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}
