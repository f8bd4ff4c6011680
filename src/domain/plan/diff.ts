import { structuredPatch } from "diff";
import { maskedLine } from "../flags/masked.ts";
import { clean, type SafeText } from "../text.ts";
import type { FileEdit } from "./change.ts";
import type { Preview } from "./step.ts";

/** Longest line that is shown whole, UTF-16 units. */
const longestLine = 10_000;

/** What an edit does to its file, as a unified diff with three lines around each change; secrets on them are covered. */
export function diffPreview({ path, replaces, content }: FileEdit): Preview {
  const before = replaces === "absent" ? "" : replaces.content;
  return { kind: "diff", path: clean(path), lines: unifiedDiff(before, content === "removed" ? "" : content) };
}

/** The hunks that make `after` of `before`, without the two header lines. */
export function unifiedDiff(before: string, after: string): SafeText[] {
  const { hunks } = structuredPatch("", "", before, after, undefined, undefined, { context: 3 });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    clean(`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`),
    ...lines.map((line) => clean(maskedLine(line).replaceAll("\t", "    "), longestLine)),
  ]);
}

/** As diff(1) writes it: an empty side stands before its first line, a length of one is left out. */
const range = (start: number, length: number): string =>
  length === 1 ? String(start) : `${length === 0 ? start - 1 : start},${length}`;
