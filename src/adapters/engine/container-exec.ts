import type { Duplex } from "node:stream";
import { z } from "zod";
import type { ContainerId } from "../../domain/ids.ts";
import { text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { type CommandEnd, type ContainerExec, longestOutput } from "../../ports/container-exec.ts";
import { parseAnswer } from "../answer.ts";
import { withDeadline } from "../deadline.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { MultiplexedReader } from "./multiplexed.ts";
import { type Asked, troubleOf } from "./trouble.ts";

/** `POST /containers/ID/exec` (Docker Engine API, ContainerExec). */
const created = z.object({ Id: z.string().regex(/^[0-9a-f]{64}$/, "an id of 64 hex digits") });
/** `GET /exec/ID/json` (ExecInspect). The code is null while the command runs. */
const inspected = z.object({ Running: z.boolean(), ExitCode: z.number().nullish() });

/** The end of the output is a little earlier than the engine's note of the exit code (moby daemon/exec.go). */
const againMs = 50;

/** Commands in the containers of one engine: created, started on a connection of their own, then asked how they ended. */
export function createContainerExec(calls: EngineCalls, clock: Clock): ContainerExec {
  return {
    run: (container, argv, input, within, user) =>
      withDeadline(
        clock,
        within,
        calls.asked({ method: "POST", path: `/containers/${container}/exec` }).from,
        (signal) => ran(calls, clock, { container, argv, input, user }, { ms: within.ms, signal }),
      ),
  };
}

interface Command {
  container: ContainerId;
  argv: readonly string[];
  input: string;
  user: string | undefined;
}

async function ran(
  calls: EngineCalls,
  clock: Clock,
  { container, argv, input, user }: Command,
  within: Deadline & { signal: AbortSignal },
): Promise<Outcome<CommandEnd>> {
  const create = { method: "POST", path: `/containers/${container}/exec` } as const;
  const attached = { AttachStdin: input !== "", AttachStdout: true, AttachStderr: true, Tty: false };
  const body = { ...attached, Cmd: argv, ...(user === undefined ? {} : { User: user }) };
  const answer = await calls.json({ ...create, body }, within);
  if (!answer.ok) return answer;
  const made = parseAnswer(created, answer.value, calls.asked(create).from);
  if (!made.ok) return made;
  const start = { method: "POST", path: `/exec/${made.value.Id}/start` } as const;
  const opened = await calls.hijack({ ...start, body: { Detach: false, Tty: false } }, within.signal);
  if (!opened.ok) return opened;
  const output = await spoken(opened.value, input, calls.asked(start), within.signal);
  if (!output.ok) return output;
  const inspect = { method: "GET", path: `/exec/${made.value.Id}/json` } as const;
  for (;;) {
    const told = await calls.json(inspect, within);
    if (!told.ok) return told;
    const end = parseAnswer(inspected, told.value, calls.asked(inspect).from);
    if (!end.ok) return end;
    const { Running, ExitCode } = end.value;
    if (!Running && typeof ExitCode === "number") return good({ exitCode: ExitCode, ...output.value });
    if (within.signal.aborted) return bad({ kind: "cancelled" });
    await new Promise<void>((resolve) => void clock.after(againMs, resolve));
  }
}

/** Gives the command its input and takes its output, until the engine closes the connection at its end. */
function spoken(
  socket: Duplex,
  input: string,
  asked: Asked,
  signal: AbortSignal,
): Promise<Outcome<Pick<CommandEnd, "stdout" | "stderr">>> {
  const frames = new MultiplexedReader(asked.from);
  const chunks: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<Pick<CommandEnd, "stdout" | "stderr">>): void => {
      signal.removeEventListener("abort", cancelled);
      resolve(outcome);
      socket.destroy();
    };
    const cancelled = (): void => settle(bad({ kind: "cancelled" }));
    signal.addEventListener("abort", cancelled, { once: true });
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      const pieces = frames.read(chunk);
      if (!pieces.ok) return settle(pieces);
      for (const { source, bytes: piece } of pieces.value)
        chunks[source === "stdout" ? "stdout" : "stderr"].push(piece);
      if (bytes > longestOutput) {
        settle(bad({ kind: "bad-answer", from: asked.from, detail: text`output longer than ${longestOutput} bytes` }));
      }
    });
    socket.once("end", () =>
      settle(
        frames.complete
          ? good({ stdout: utf8(chunks.stdout), stderr: utf8(chunks.stderr) })
          : bad({ kind: "connection-lost", detail: text`the command's output was cut short` }),
      ),
    );
    // A program that ends without reading its input breaks the pipe after its output; before that the way itself is gone.
    socket.on("error", (error: Error) => settle(bad(troubleOf(error, asked))));
    // After "end" this changes nothing: a promise settles once.
    socket.once("close", () =>
      settle(bad({ kind: "connection-lost", detail: text`the command's output was cut short` })),
    );
    if (input !== "") socket.end(input);
  });
}

const utf8 = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString("utf8");
