import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A run of the program whose progress a test follows line by line. */
export interface Run {
  /** Resolves with the first line that matches, of those still to come and those that came. */
  says(wanted: RegExp, seconds?: number): Promise<string>;
  kill(): void;
  /** Ctrl-C. */
  interrupt(): void;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Starts a command; its progress is on stderr. */
export function begin({ argv, env }: { argv: readonly string[]; env: Record<string, string> }): Run {
  const [file = "", ...words] = argv;
  const child = spawn(file, words, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    for (const look of [...waiting]) look();
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (code) => {
      resolve({ code, stdout, stderr: lines.join("\n") });
      for (const look of [...waiting]) look();
    });
  });
  return {
    ended,
    kill: () => child.kill("SIGKILL"),
    interrupt: () => child.kill("SIGINT"),
    says: (wanted, seconds = 240) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`never said ${wanted}:\n${lines.join("\n")}`));
        }, seconds * 1000);
        const look = (): void => {
          const found = lines.find((line) => wanted.test(line));
          if (found === undefined && child.exitCode === null) return;
          waiting.delete(look);
          clearTimeout(timer);
          if (found === undefined) reject(new Error(`ended without saying ${wanted}:\n${lines.join("\n")}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
