import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";

const lineEnd = 0x0a;

/**
 * Cuts a byte stream into lines, as the engine sends events and statistics: one JSON document a line.
 * Lines are decoded whole, so a character that two chunks share stays whole; each byte is looked at once.
 */
export class JsonLines {
  readonly #from: SafeText;
  readonly #longest: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** `longest`: bytes of one line beyond which the stream is a `bad-answer`. */
  constructor(from: SafeText, longest = 4 * 1024 * 1024) {
    this.#from = from;
    this.#longest = longest;
  }

  /** The lines that `chunk` completes, without their ends; empty ones are left out. */
  read(chunk: Uint8Array): Outcome<readonly string[]> {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineEnd); end >= 0; end = chunk.indexOf(lineEnd, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      if (line.trim() !== "") lines.push(line);
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (rest.length > 0) this.#parts.push(rest);
    this.#size += rest.length;
    if (this.#size > this.#longest) {
      return bad({ kind: "bad-answer", from: this.#from, detail: text`a line is longer than ${this.#longest} bytes` });
    }
    return good(lines);
  }

  /** What came after the last line end; "" when the stream ended where a line did. */
  get rest(): SafeText {
    return clean(Buffer.concat(this.#parts).toString("utf8"), 120);
  }

  #complete(last: Uint8Array): string {
    const line = Buffer.concat([...this.#parts, last]).toString("utf8");
    this.#parts = [];
    this.#size = 0;
    return line;
  }
}
