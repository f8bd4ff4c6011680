import type { ContainerId } from "../../domain/ids.ts";
import { text } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { SessionEnd, Shells } from "../../ports/shells.ts";

export type Picked =
  | { state: "found"; command: readonly string[] }
  /** Neither bash nor sh. */
  | { state: "none" }
  | { state: "failed"; trouble: Trouble };

/** What engines end with when the program is not there or cannot be run, as `docker exec` does. */
const notRun = new Set([126, 127]);

/** A path is short; who prints more than that is no shell. */
const mostBytes = 4096;

/** The best shell of a running container: bash, else sh. Looking takes one short program there, rarely two. */
export async function pickShell(
  shells: Shells,
  container: ContainerId,
  clock: Clock,
  within: Deadline,
): Promise<Picked> {
  // The status of `command -v` for what is not there differs; its output does not (POSIX sh).
  const asked = await runs(shells, container, ["sh", "-c", "command -v bash || :"], clock, within);
  if (asked.end.end === "lost") return { state: "failed", trouble: asked.end.trouble };
  if (!notRun.has(asked.end.code)) {
    return { state: "found", command: [/^\/.*bash$/m.test(asked.printed) ? "bash" : "sh"] };
  }
  const bash = await runs(shells, container, ["bash", "-c", ":"], clock, within);
  if (bash.end.end === "lost") return { state: "failed", trouble: bash.end.trouble };
  return bash.end.code === 0 ? { state: "found", command: ["bash"] } : { state: "none" };
}

async function runs(
  shells: Shells,
  container: ContainerId,
  command: readonly string[],
  clock: Clock,
  within: Deadline,
): Promise<{ end: SessionEnd; printed: string }> {
  const printed: Uint8Array[] = [];
  let bytes = 0;
  const keep = (chunk: Uint8Array): void => {
    bytes += chunk.length;
    if (bytes <= mostBytes) printed.push(chunk);
  };
  const opened = await shells.exec({ container, command, terminal: undefined }, keep, within);
  if (!opened.ok) return { end: { end: "lost", trouble: opened.trouble }, printed: "" };
  const session = opened.value;
  const stop = (): void => session.close();
  let isLate = false;
  const inTime = clock.after(within.ms, () => {
    isLate = true;
    stop();
  });
  within.signal?.addEventListener("abort", stop, { once: true });
  const ended = await session.ended;
  inTime();
  within.signal?.removeEventListener("abort", stop);
  const late: SessionEnd = {
    end: "lost",
    trouble: { kind: "timed-out", what: text`a look for shells in the container`, afterMs: within.ms },
  };
  const end = isLate ? late : ended;
  return { end, printed: Buffer.concat(printed).toString("utf8") };
}
