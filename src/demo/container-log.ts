import type { ContainerId } from "../domain/ids.ts";
import { type LogLine, longestLine } from "../domain/logs/line.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { type Chance, chance } from "./chance.ts";

/** How much of a log is kept, as `max-size` does it: seconds of what a server says, lines that were said besides. */
const keptSeconds = 600;
const keptLines = 100;

/** One life of the process, `number`s of them before it. */
interface Span {
  number: number;
  from: Instant;
  /** Undefined: it runs. */
  to: Instant | undefined;
}

/** What a container's processes wrote, as its engine keeps it: also when they ended, and from before the last restart. */
export class ContainerLog {
  readonly #id: ContainerId;
  readonly #isServer: boolean;
  #spans: Span[] = [];
  #said: LogLine[] = [];
  #count = 0;

  /** `isServer`: it says by itself what it serves. The same container says the same, so many seconds after its start. */
  constructor(id: ContainerId, isServer: boolean) {
    this.#id = id;
    this.#isServer = isServer;
  }

  begins(at: Instant): void {
    const number = (this.#spans.at(-1)?.number ?? -1) + 1;
    // Each of them has a second at least of what is kept.
    this.#spans = [...this.#spans, { number, from: at, to: undefined }].slice(-keptSeconds);
  }

  ends(at: Instant): void {
    const last = this.#spans.at(-1);
    if (last !== undefined) last.to ??= at;
  }

  /** No two lines have one time: whoever goes on behind a line misses none. */
  say(at: Instant, from: LogLine["from"], words: string): void {
    this.#count = (this.#count % 999_999) + 1;
    const line = { at: isoOf(at, this.#count), from, words: clean(words, longestLine) };
    this.#said = [...this.#said, line].slice(-keptLines);
  }

  /** Every line up to now that is kept, in the order of their times; `since`: only those that are not earlier. */
  lines(now: Instant, since = Number.NEGATIVE_INFINITY): LogLine[] {
    const lines = this.#said.filter((line) => line.at >= isoSince(since));
    if (this.#isServer) lines.push(...this.#served(now, since));
    return lines.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  }

  /** What a server says every second or so while it runs. */
  #served(now: Instant, since: Instant): LogLine[] {
    const lines: LogLine[] = [];
    let left = keptSeconds;
    for (const { number, from, to = now } of [...this.#spans].reverse()) {
      const seconds = Math.ceil((to - from) / 1000);
      const first = Math.max(0, seconds - left, Math.floor((since - from) / 1000));
      for (let second = first; second < seconds; second++) {
        const draw = chance(number, `log ${this.#id} ${second}`);
        if (draw.fraction() > 0.6) continue;
        const at = from + second * 1000 + draw.between(0, 999);
        if (at > to || at < since) continue;
        const isBad = draw.fraction() < 0.04;
        lines.push({ at: isoOf(at), from: isBad ? "stderr" : "stdout", words: served(draw, isBad) });
      }
      left -= seconds;
      if (left <= 0) break;
    }
    return lines;
  }
}

/** A line of an imagined web service. */
function served(draw: Chance, isBad: boolean): SafeText {
  const path = ["/", "/jobs", "/jobs/42", "/health", "/metrics"][draw.between(0, 4)] ?? "/";
  if (isBad) return text`upstream ${clean(path)}: connection reset by peer, trying again`;
  return text`GET ${clean(path)} 200 ${draw.between(1, 90)} ms from 10.10.10.${draw.between(2, 40)}`;
}

/** As an engine writes a time, with nine digits of a second. */
export const isoOf = (at: Instant, nanoseconds = 0): string =>
  `${new Date(at).toISOString().slice(0, 23)}${String(nanoseconds).padStart(6, "0")}Z`;

const isoSince = (since: Instant): string => (Number.isFinite(since) ? isoOf(since) : "");
