import stringWidth from "string-width";

/** Lines on a stream, and below them, where that is a terminal, one line that is written over in place. */
export class LiveLine {
  readonly #out: NodeJS.WriteStream;
  #words = "";

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** A line that stays. */
  tell(line: string): void {
    this.#erase();
    this.#out.write(`${line}\n`);
    this.#draw();
  }

  /** What the line in place says from now on; "" for none. */
  live(words: string): void {
    if (!this.#out.isTTY || words === this.#words) return;
    this.#erase();
    this.#words = words;
    this.#draw();
  }

  #erase(): void {
    // Erases the line that the cursor is in (ECMA-48, EL).
    if (this.#words !== "") this.#out.write("\r\u001b[2K");
  }

  #draw(): void {
    if (this.#words !== "") this.#out.write(fitted(this.#words, (this.#out.columns || 80) - 1));
  }
}

/** As much as fits in one line: a line that wraps could not be taken back. */
function fitted(words: string, width: number): string {
  let fits = "";
  let used = 0;
  for (const character of words) {
    used += stringWidth(character);
    if (used > width) break;
    fits += character;
  }
  return fits;
}
