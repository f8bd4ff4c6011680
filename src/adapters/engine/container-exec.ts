import { text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { type CommandEnd, type ContainerExec, longestOutput } from "../../ports/container-exec.ts";
import { withDeadline } from "../deadline.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { type ExecMade, openExec } from "./exec.ts";

/** Commands in the containers of one engine, from their start to their exit code, with all of their output. */
export function createContainerExec(calls: EngineCalls, clock: Clock): ContainerExec {
  return {
    run: (container, argv, input, within, user) =>
      withDeadline(
        clock,
        within,
        calls.asked({ method: "POST", path: `/containers/${container}/exec` }).from,
        (signal) =>
          ran(calls, clock, { container, command: argv, terminal: undefined, user }, input, { ms: within.ms, signal }),
      ),
  };
}

async function ran(
  calls: EngineCalls,
  clock: Clock,
  made: ExecMade,
  input: string,
  within: Deadline & { signal: AbortSignal },
): Promise<Outcome<CommandEnd>> {
  const chunks: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  let close = (): void => {};
  const take = (piece: Uint8Array, from: "stdout" | "stderr"): void => {
    bytes += piece.length;
    if (bytes > longestOutput) close();
    else chunks[from].push(piece);
  };
  const opened = await openExec(calls, clock, made, take, within);
  if (!opened.ok) return opened;
  const running = opened.value;
  close = () => running.close();
  within.signal.addEventListener("abort", close, { once: true });
  if (input !== "") void running.write(Buffer.from(input));
  running.endInput();
  const end = await running.ended;
  within.signal.removeEventListener("abort", close);
  if (bytes > longestOutput) return bad(tooLong(calls, made));
  if (end.end === "lost") return bad(end.trouble);
  return good({ exitCode: end.code, stdout: utf8(chunks.stdout), stderr: utf8(chunks.stderr) });
}

const tooLong = (calls: EngineCalls, { container }: ExecMade): Trouble => ({
  kind: "bad-answer",
  from: calls.asked({ method: "POST", path: `/containers/${container}/exec` }).from,
  detail: text`output longer than ${longestOutput} bytes`,
});

const utf8 = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString("utf8");
