/** A recording of a terminal: asciicast v2 (docs.asciinema.org/manual/asciicast/v2). Hidden stretches are left out, time and all. */
export class Cast {
  readonly #lines: string[];
  #hidden = false;
  #lastAt: number;
  #seconds = 0;

  constructor(size: { columns: number; rows: number }, title: string, now: number) {
    this.#lines = [JSON.stringify({ version: 2, width: size.columns, height: size.rows, title })];
    this.#lastAt = now;
  }

  /** What the terminal was sent at `now` (ms). */
  wrote(data: string, now: number): void {
    if (!this.#hidden) this.#seconds += (now - this.#lastAt) / 1000;
    this.#lastAt = now;
    // What happens while hidden is still drawn: the picture after it would be wrong otherwise.
    this.#lines.push(JSON.stringify([Number(this.#seconds.toFixed(3)), "o", data]));
  }

  hide(hidden: boolean, now: number): void {
    if (!this.#hidden) this.#seconds += (now - this.#lastAt) / 1000;
    this.#lastAt = now;
    this.#hidden = hidden;
  }

  get seconds(): number {
    return this.#seconds;
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}
