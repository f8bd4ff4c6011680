import type { SourcedLine } from "./line.ts";

/** How much is kept of what is followed. */
export interface RingBounds {
  lines: number;
  /** UTF-16 units of all lines together. */
  units: number;
}

/**
 * The newest lines of several sources, in the order of their times, in bounded memory. Each line has a number of its
 * own that grows and is never used again, so that a place in the log stays that place while old lines fall out.
 */
export class LogRing {
  readonly #bounds: RingBounds;
  #lines: SourcedLine[] = [];
  #units = 0;
  #first = 0;

  constructor(bounds: RingBounds) {
    this.#bounds = bounds;
  }

  /** The number of the oldest line that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The number after that of the newest line. */
  get end(): number {
    return this.#first + this.#lines.length;
  }

  /** How many lines fell out to make room. */
  get dropped(): number {
    return this.#first;
  }

  /** UTF-16 units that are kept. */
  get units(): number {
    return this.#units;
  }

  /** The line of that number, if it is kept. */
  at(number: number): SourcedLine | undefined {
    return this.#lines[number - this.#first];
  }

  /** Puts lines where their times want them: at the end as a rule, further up when another source was quicker. */
  add(batch: readonly SourcedLine[]): void {
    if (batch.length === 0) return;
    // More than fits is not even sorted in.
    const kept = batch.length > this.#bounds.lines ? batch.slice(-this.#bounds.lines) : batch;
    this.#first += batch.length - kept.length;
    const sorted = isSorted(kept) ? kept : [...kept].sort(byTime);
    const [earliest] = sorted;
    const last = this.#lines.at(-1);
    if (earliest === undefined) return;
    if (last === undefined || earliest.at >= last.at || earliest.at === "")
      for (const line of sorted) this.#lines.push(line);
    else this.#merge(sorted, earliest.at);
    for (const line of kept) this.#units += line.words.length;
    this.#trim();
  }

  clear(): void {
    this.#first = this.end;
    this.#lines = [];
    this.#units = 0;
  }

  #merge(sorted: readonly SourcedLine[], earliest: string): void {
    let from = this.#lines.length;
    while (from > 0 && (this.#lines[from - 1]?.at ?? "") > earliest) from--;
    const tail = [...this.#lines.splice(from), ...sorted].sort(byTime);
    for (const line of tail) this.#lines.push(line);
  }

  /** A tenth more than the bounds may be there: cutting an array costs as much for one line as for a thousand. */
  #trim(): void {
    const { lines, units } = this.#bounds;
    if (this.#lines.length <= lines * 1.1 && this.#units <= units * 1.1) return;
    let count = Math.max(0, this.#lines.length - lines);
    let left = this.#units;
    for (let index = 0; index < count; index++) left -= this.#lines[index]?.words.length ?? 0;
    while (left > units && count < this.#lines.length - 1) left -= this.#lines[count++]?.words.length ?? 0;
    this.#lines = this.#lines.slice(count);
    this.#first += count;
    this.#units = left;
  }
}

/** The sort is stable: lines of one moment stay as they came. */
const byTime = (a: SourcedLine, b: SourcedLine): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);

function isSorted(lines: readonly SourcedLine[]): boolean {
  for (let index = 1; index < lines.length; index++) {
    if ((lines[index - 1]?.at ?? "") > (lines[index]?.at ?? "")) return false;
  }
  return true;
}
