import { TapeError, type Token } from "./tokens.ts";

/** The tokens of a tape, one after the other. A command's own are asked for with the command's line, for errors. */
export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  /** The next token if it is one of `kind` (and `text`); else nothing is read. */
  take(kind: Token["kind"], text?: string): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined;
    this.#at += 1;
    return token.text;
  }

  /** The next token if it is a keyword among `texts`. */
  takeOne<Text extends string>(texts: readonly Text[]): Text | undefined {
    const token = this.#tokens[this.#at];
    const found = token?.kind === "keyword" ? texts.find((text) => text === token.text) : undefined;
    if (found !== undefined) this.#at += 1;
    return found;
  }

  string(line: number, otherwise: string): string {
    const text = this.take("string");
    if (text === undefined) throw new TapeError(line, otherwise);
    return text;
  }

  /** One string or several, which VHS joins with a blank. */
  strings(line: number, otherwise: string): string {
    const parts = [this.string(line, otherwise)];
    for (let part = this.take("string"); part !== undefined; part = this.take("string")) parts.push(part);
    return parts.join(" ");
  }

  /** "500ms", "2s", "1m"; a bare number is seconds. Milliseconds. */
  duration(line: number, units: readonly ("ms" | "s" | "m")[] = ["ms", "s", "m"]): number {
    const number = this.take("number");
    if (number === undefined) throw new TapeError(line, "a time is missing, such as 500ms or 2s");
    if (!Number.isFinite(Number(number))) throw new TapeError(line, `${number} is no number`);
    return Number(number) * { ms: 1, s: 1000, m: 60_000 }[this.takeOne(units) ?? "s"];
  }

  /** "@500ms" after a command: its own speed or patience. */
  speed(line: number): number | undefined {
    return this.take("sign", "@") === undefined ? undefined : this.duration(line);
  }
}
