import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { ContainerId } from "../../domain/ids.ts";
import { cleanLines, type SafeText } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { MultiplexedReader } from "./multiplexed.ts";
import { troubleOf } from "./trouble.ts";

/** Bytes that are read of a container's last lines: one line may be as long as its program likes. */
const longest = 256 * 1024;

/** `GET /containers/ID/json`: with a terminal the output has no frames (Docker Engine API, "Stream format"). */
const inspected = z.object({ Config: z.object({ Tty: z.boolean() }) });

/** The last lines of what a container wrote on stdout and stderr, newest last; none when it is gone. */
export async function lastWords(
  calls: EngineCalls,
  id: ContainerId,
  lines: number,
  within: Deadline,
): Promise<Outcome<readonly SafeText[]>> {
  const seen = await calls.json(inspected, { method: "GET", path: `/containers/${id}/json` }, within);
  if (!seen.ok) return isGone(seen) ? good([]) : seen;
  const terminal = seen.value.Config.Tty;
  const query = { stdout: true, stderr: true, tail: lines };
  const words = await calls.answer(
    { method: "GET", path: `/containers/${id}/logs`, query },
    within,
    (answer, { from, user }) => read(answer, terminal ? undefined : new MultiplexedReader(from), { from, user }),
  );
  if (!words.ok) return isGone(words) ? good([]) : words;
  return good(
    cleanLines(words.value)
      .filter((line) => line.trim() !== "")
      .slice(-lines),
  );
}

const isGone = (outcome: Outcome<unknown>): boolean =>
  !outcome.ok && outcome.trouble.kind === "engine-refused" && [404, 409].includes(outcome.trouble.status);

async function read(
  answer: IncomingMessage,
  frames: MultiplexedReader | undefined,
  asked: Parameters<typeof troubleOf>[1],
): Promise<Outcome<string>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      const cut = frames?.read(chunk as Buffer) ?? good([{ bytes: chunk as Buffer }]);
      if (!cut.ok) return cut;
      for (const piece of cut.value) {
        chunks.push(piece.bytes);
        bytes += piece.bytes.length;
      }
      if (bytes > longest) break;
    }
  } catch (error) {
    return bad(troubleOf(error, asked));
  }
  return good(Buffer.concat(chunks).toString("utf8"));
}
