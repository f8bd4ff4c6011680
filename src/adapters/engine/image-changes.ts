import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Image } from "../../domain/plan/survey.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { ImageChanges, Transfer } from "../../ports/engine-control.ts";
import { list, parseAnswer, parseJson, words } from "../answer.ts";
import { TroubleError } from "../dialed-agent.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { JsonLines } from "./json-lines.ts";
import { type Asked, troubleOf } from "./trouble.ts";

/** `GET /images/json` (Docker Engine API, ImageSummary). */
const images = z.array(z.object({ Id: z.string(), RepoTags: list(z.string()), Size: z.number() }));

/** One line of a pull or load (moby pkg/jsonmessage). */
const progressLine = z.object({
  status: words,
  id: words,
  stream: words,
  error: words,
  errorDetail: z.object({ message: words }).nullish(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
});

/** Images without a name: "<none>:<none>". */
const nameless = /<none>/;

/** Images, as `docker images`, `pull`, `save` and `load` handle them; bytes go from answer to request without a stop. */
export const imageChanges = (calls: EngineCalls): ImageChanges => ({
  async images(within) {
    const answer = await calls.json(images, { method: "GET", path: "/images/json" }, within);
    if (!answer.ok) return answer;
    return good(
      answer.value.map(
        ({ Id, RepoTags, Size }): Image => ({
          id: clean(Id),
          tags: RepoTags.filter((tag) => !nameless.test(tag)).map((tag) => clean(tag)),
          bytes: Size,
        }),
      ),
    );
  },
  pullImage(image, within, progress) {
    const layers = new Map<string, { bytes: number; total: number }>();
    return calls.answer(
      { method: "POST", path: "/images/create", query: { fromImage: withTag(image) } },
      within,
      (answer, asked) =>
        read(answer, asked, (line) => {
          const { current, total } = line.progressDetail ?? {};
          // Unpacking counts the same bytes a second time.
          if (line.id !== "" && line.status === "Downloading" && current !== undefined) {
            layers.set(line.id, { bytes: current, total: total ?? current });
          }
          progress(summed(layers, line.status));
        }),
    );
  },
  async exportImage(image, within) {
    const call = { method: "GET", path: `/images/${encodeURIComponent(image)}/get` } as const;
    const opened = await calls.open(call, within.signal ?? new AbortController().signal);
    if (!opened.ok) return opened;
    return good(bytesOf(opened.value, calls.asked(call)));
  },
  importImage: (tar, within) =>
    calls.answer(
      { method: "POST", path: "/images/load", query: { quiet: true }, upload: tar },
      within,
      (answer, asked) => read(answer, asked, () => {}),
    ),
});

/** Without a tag the engine would pull every tag there is. */
const withTag = (image: string): string => (/(?::[^/]+|@[^/]+)$/.test(image) ? image : `${image}:latest`);

function summed(layers: ReadonlyMap<string, { bytes: number; total: number }>, doing: string): Transfer {
  const all = [...layers.values()];
  const sum = (part: "bytes" | "total") => all.reduce((so, one) => so + one[part], 0);
  return { bytes: sum("bytes"), total: all.length === 0 ? undefined : sum("total"), doing: clean(doing) };
}

/** Reads the lines to their end. One that tells of an error is the outcome: the status was sent long before. */
async function read(
  answer: IncomingMessage,
  asked: Asked,
  listener: (line: z.output<typeof progressLine>) => void,
): Promise<Outcome<void>> {
  const lines = new JsonLines(asked.from);
  try {
    for await (const chunk of answer) {
      const cut = lines.read(chunk as Buffer);
      if (!cut.ok) return cut;
      for (const line of cut.value) {
        const parsed = lineOf(line, asked.from);
        if (!parsed.ok) return parsed;
        const error = parsed.value.errorDetail?.message || parsed.value.error;
        if (error) return bad({ kind: "engine-refused", status: 200, detail: clean(error) });
        listener(parsed.value);
      }
    }
  } catch (error) {
    return bad(troubleOf(error, asked));
  }
  // The last line may have no end.
  if (lines.rest === "") return good(undefined);
  const last = lineOf(lines.rest, asked.from);
  const error = last.ok ? last.value.errorDetail?.message || last.value.error : "";
  return error ? bad({ kind: "engine-refused", status: 200, detail: clean(error) }) : good(undefined);
}

function lineOf(line: string, from: SafeText): Outcome<z.output<typeof progressLine>> {
  const json = parseJson(line, from);
  return json.ok ? parseAnswer(progressLine, json.value, from) : json;
}

/** @throws TroubleError when the stream breaks off */
async function* bytesOf(answer: IncomingMessage, asked: Asked): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk as Buffer;
  } catch (error) {
    throw new TroubleError(troubleOf(error, asked));
  }
  if (!answer.complete) {
    throw new TroubleError({ kind: "connection-lost", detail: text`the image's stream was cut short` });
  }
}
