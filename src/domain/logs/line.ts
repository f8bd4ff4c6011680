import type { SafeText } from "../text.ts";

/** One line that a program wrote. */
export interface LogLine {
  /** RFC 3339 in UTC with nine digits of a second: lines compare as their texts do. Empty when nobody knows. */
  at: string;
  from: "stdout" | "stderr";
  words: SafeText;
}

/** Longest line that is kept, UTF-16 units; the engine itself cuts at 16 KiB (moby daemon/logger/copier.go). */
export const longestLine = 4096;

/** A line as it was seen of one of several sources. */
export interface SourcedLine extends LogLine {
  /** Place of its source among those that are followed. */
  source: number;
}
