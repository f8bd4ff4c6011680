import { spawn } from "node:child_process";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  /** A file that becomes its input. */
  inputFd?: number;
  env?: NodeJS.ProcessEnv;
  seconds?: number;
}

/** Runs a command to its end; more than `seconds` (600) kills it. */
export function ran(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: options.env ?? process.env,
      stdio: [options.inputFd ?? "pipe", "pipe", "pipe"],
      timeout: (options.seconds ?? 600) * 1000,
      killSignal: "SIGKILL",
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    // A command that does not read its input closes the pipe: no fault of ours.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
    child.on("close", (code) => {
      resolve({
        code: code ?? 255,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** The same for a command that must succeed; its output. */
export async function done(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await ran(argv, options);
  if (code !== 0)
    throw new Error(`${argv.slice(0, 6).join(" ")} ended with ${code}: ${(stderr || stdout).trim().slice(-800)}`);
  return stdout;
}

/** Asks `holds` every `everyMs` until it is true; fails with `what` after `seconds`. */
export async function until(
  what: string,
  seconds: number,
  holds: () => boolean | Promise<boolean>,
  everyMs = 100,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: not in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
