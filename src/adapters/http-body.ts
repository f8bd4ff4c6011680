import type { IncomingMessage } from "node:http";
import { type SafeText, text } from "../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../domain/trouble.ts";

/** Longest answer read, bytes: some 20,000 containers. */
const longest = 64 * 1024 * 1024;

/** The whole body as UTF-8. One that breaks off is `connection-lost`, one without end `bad-answer`; `understand` reads Node's errors. */
export function readBody(
  answer: IncomingMessage,
  from: SafeText,
  understand: (error: Error) => Trouble,
): Promise<Outcome<string>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > longest) {
        resolve(bad({ kind: "bad-answer", from, detail: text`longer than ${longest} bytes` }));
        answer.destroy();
      }
    });
    answer.once("end", () => resolve(good(Buffer.concat(chunks).toString("utf8"))));
    answer.once("error", (error) => resolve(bad(understand(error))));
    // After "end" this changes nothing: a promise settles once.
    answer.once("close", () => resolve(bad({ kind: "connection-lost", detail: text`the answer was cut short` })));
  });
}
