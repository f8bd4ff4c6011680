import type { SourcedLine } from "../../domain/logs/line.ts";
import type { LogRing } from "../../domain/logs/ring.ts";

/** Where the operator is in the log: at its end, or with a line at the top of the screen. */
export type Place = { at: "end" } | { at: "line"; top: number };

/** Which lines are shown at all. */
export type Shows = (line: SourcedLine) => boolean;

export interface Numbered {
  number: number;
  line: SourcedLine;
}

/** Up to `count` shown lines before `number`, the oldest first. */
export function linesBefore(ring: LogRing, number: number, count: number, shows: Shows): Numbered[] {
  const found: Numbered[] = [];
  for (let at = Math.min(number, ring.end) - 1; at >= ring.first && found.length < count; at--) {
    const line = ring.at(at);
    if (line !== undefined && shows(line)) found.push({ number: at, line });
  }
  return found.reverse();
}

/** Up to `count` shown lines from `number` on. */
export function linesFrom(ring: LogRing, number: number, count: number, shows: Shows): Numbered[] {
  const found: Numbered[] = [];
  for (let at = Math.max(number, ring.first); at < ring.end && found.length < count; at++) {
    const line = ring.at(at);
    if (line !== undefined && shows(line)) found.push({ number: at, line });
  }
  return found;
}

/** What `rows` rows show at most; at the end there are never fewer than there could be. */
export function shownLines(ring: LogRing, place: Place, rows: number, shows: Shows): Numbered[] {
  if (place.at === "end") return linesBefore(ring, ring.end, rows, shows);
  const from = linesFrom(ring, place.top, rows, shows);
  return from.length < rows ? linesBefore(ring, ring.end, rows, shows) : from;
}

/** The place `by` lines further down, or up; at the last lines it is the end, which new lines then push on. */
export function moved(ring: LogRing, place: Place, by: number, rows: number, shows: Shows): Place {
  const [first] = shownLines(ring, place, rows, shows);
  if (first === undefined) return place;
  if (by < 0) {
    const above = linesBefore(ring, first.number, -by, shows)[0];
    return { at: "line", top: above?.number ?? first.number };
  }
  const below = linesFrom(ring, first.number, by + rows + 1, shows);
  const top = below[by];
  return top === undefined || below.length <= by + rows ? { at: "end" } : { at: "line", top: top.number };
}

/** The number of the next line that matches, up from `from` (not included) or down from it. */
export function nextMatch(ring: LogRing, from: number, way: "older" | "newer", matches: Shows): number | undefined {
  const step = way === "older" ? -1 : 1;
  for (let at = from + step; at >= ring.first && at < ring.end; at += step) {
    const line = ring.at(at);
    if (line !== undefined && matches(line)) return at;
  }
  return undefined;
}
