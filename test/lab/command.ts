import { AsyncLocalStorage } from "node:async_hooks";
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

const marks = new AsyncLocalStorage<readonly string[]>();

/**
 * Whatever `work` runs carries `mark` ("NAME=value") in its environment and hands it on to what it starts, so that it is
 * found again after any accident. Work for another lab in the same process keeps its own mark.
 */
export function marked<T>(mark: string, work: () => Promise<T>): Promise<T> {
  return marks.run([...(marks.getStore() ?? []), mark], work);
}

/** This process's environment with the marks of the work at hand. */
export function environment(): NodeJS.ProcessEnv {
  const pairs = (marks.getStore() ?? []).map((mark): [string, string] => {
    const cut = mark.indexOf("=");
    return [mark.slice(0, cut), mark.slice(cut + 1)];
  });
  return { ...process.env, ...Object.fromEntries(pairs) };
}

/** Runs a command to its end; more than `seconds` (1200) kills it. */
export function ran(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...environment(), ...options.env },
      stdio: [options.inputFd ?? "pipe", "pipe", "pipe"],
      timeout: (options.seconds ?? 1200) * 1000,
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

/** What apt, dpkg or mmdebstrap says is wrong, without what only passes the news on: "E: Unable to locate package x". */
export function complaints(stderr: string): string {
  const lines = stderr.split("\n").flatMap((line) => /^(?:E|W|dpkg: error[^:]*): *(.*)/.exec(line)?.[1] ?? []);
  const own = lines.filter(
    (line) => !/^(mmdebstrap|setup|apt download) failed|^apt-get .*failed$|^Some index files/.test(line),
  );
  return [...new Set(own)].slice(0, 3).join("; ").slice(0, 500) || stderr.trim().slice(-500);
}

/** Waits for all to end, also after a failure, so that nothing is still at work when the failure is told. */
export async function everything<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
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
