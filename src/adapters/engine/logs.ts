import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import type { ContainerId } from "../../domain/ids.ts";
import { type LogLine, longestLine } from "../../domain/logs/line.ts";
import { clean } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { LogListener, LogStart } from "../../ports/logs.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { MultiplexedReader, type Piece } from "./multiplexed.ts";
import { troubleOf } from "./trouble.ts";

/** `GET /containers/ID/json`: with a terminal the output has no frames (Docker Engine API, "Stream format"). */
const inspected = z.object({ Config: z.object({ Tty: z.boolean() }) });
/** How long the engine may take to begin, ms. */
const openMs = 20_000;

/** Follows a container's output (`GET /containers/ID/logs`, `docker logs -f -t`). */
export function followLogs(calls: EngineCalls, id: ContainerId, start: LogStart, listener: LogListener): Subscription {
  const closing = new AbortController();
  void followed(calls, id, start, listener, closing.signal).then((outcome) => {
    if (!closing.signal.aborted) listener.ended(outcome.ok ? undefined : outcome.trouble);
  });
  return { close: () => closing.abort() };
}

async function followed(
  calls: EngineCalls,
  id: ContainerId,
  start: LogStart,
  listener: LogListener,
  signal: AbortSignal,
): Promise<Outcome<void>> {
  const inspect = { method: "GET", path: `/containers/${id}/json` } as const;
  const seen = await calls.json(inspected, inspect, { ms: openMs, signal });
  if (!seen.ok) return seen;
  const range = "tail" in start ? { tail: start.tail } : { since: sinceWords(start.since) };
  const query = { stdout: true, stderr: true, timestamps: true, follow: true, ...range };
  const call = { method: "GET", path: `/containers/${id}/logs`, query } as const;
  const opened = await calls.open(call, signal);
  if (!opened.ok) return opened;
  return read(opened.value, calls, call, seen.value.Config.Tty, listener, signal);
}

/** Hands lines on as they come. The engine sends no faster than they are taken: nothing piles up here. */
async function read(
  answer: IncomingMessage,
  calls: EngineCalls,
  call: Parameters<EngineCalls["asked"]>[0],
  terminal: boolean,
  listener: LogListener,
  signal: AbortSignal,
): Promise<Outcome<void>> {
  const asked = calls.asked(call);
  const frames = terminal ? undefined : new MultiplexedReader(asked.from);
  const stdout = new LineReader("stdout");
  const stderr = new LineReader("stderr");
  try {
    for await (const chunk of answer) {
      const cut = frames?.read(chunk as Buffer) ?? good([{ source: "stdout" as const, bytes: chunk as Buffer }]);
      if (!cut.ok) return cut;
      const lines: LogLine[] = [];
      for (const run of runsOf(cut.value)) (run.isError ? stderr : stdout).read(run.bytes, lines);
      if (signal.aborted) return good(undefined);
      if (lines.length > 0) listener.lines(lines);
    }
  } catch (error) {
    return signal.aborted ? good(undefined) : bad(troubleOf(error, asked));
  }
  const rest = [...stdout.rest(), ...stderr.rest()];
  if (rest.length > 0) listener.lines(rest);
  return good(undefined);
}

/** Neighbours of one stream in one piece: the engine sends a frame a line, and to decode them one by one takes most of the time. */
function runsOf(pieces: readonly Pick<Piece, "source" | "bytes">[]): { isError: boolean; bytes: Uint8Array }[] {
  const runs: { isError: boolean; pieces: Uint8Array[] }[] = [];
  for (const { source, bytes } of pieces) {
    const isError = source === "stderr";
    const last = runs.at(-1);
    if (last?.isError === isError) last.pieces.push(bytes);
    else runs.push({ isError, pieces: [bytes] });
  }
  return runs.map(({ isError, pieces: all }) => {
    const [only] = all;
    return { isError, bytes: only !== undefined && all.length === 1 ? only : Buffer.concat(all) };
  });
}

/** Longest piece of a line without an end that is held, UTF-16 units. */
const longestPiece = 32_768;

/** Cuts one stream into lines, whatever the chunks are. */
class LineReader {
  readonly #from: LogLine["from"];
  readonly #decoder = new StringDecoder("utf8");
  #begun = "";

  constructor(from: LogLine["from"]) {
    this.#from = from;
  }

  /** Adds the lines that end in `bytes` to `lines`. */
  read(bytes: Uint8Array, lines: LogLine[]): void {
    const pieces = (this.#begun + this.#decoder.write(bytes as Buffer)).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) lines.push(parseLine(piece, this.#from));
    // Of a line that does not end, its beginning is enough.
    this.#begun = rest.length > longestPiece ? rest.slice(0, longestPiece) : rest;
  }

  rest(): LogLine[] {
    return this.#begun === "" ? [] : [parseLine(this.#begun, this.#from)];
  }
}

/** "2026-11-23T14:00:00.123456789Z words": nine digits, always (moby daemon/logger/… RFC3339NanoFixed). */
const stamped = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9})(?:Z|[+-]\d\d:\d\d) /;

/** A line with its time, cleaned. Without a time it stands where the one before it does. */
export function parseLine(raw: string, from: LogLine["from"]): LogLine {
  const found = stamped.exec(raw);
  const at = found?.[1] === undefined ? "" : `${found[1]}Z`;
  const content = found === null ? raw : raw.slice(found[0].length);
  return { at, from, words: clean(content.endsWith("\r") ? content.slice(0, -1) : content, longestLine) };
}

/** Seconds and nanoseconds since 1970 (moby api/types/time/timestamp.go), of a time with nine digits. */
function sinceWords(at: string): string {
  const [whole = "", digits = ""] = at.replace(/Z$/, "").split(".");
  const seconds = Math.floor(Date.parse(`${whole}Z`) / 1000);
  return digits === "" ? String(seconds) : `${seconds}.${digits.padEnd(9, "0")}`;
}
