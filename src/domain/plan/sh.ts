import { clean, type SafeText } from "../text.ts";

/** Longest line of a command that is shown whole, UTF-16 units. */
const longestLine = 100_000;

/**
 * A command line that any POSIX sh takes apart into exactly `words`, one entry a line. Characters that may not reach a
 * screen (controls, direction marks) are spelled as octal escapes of printf(1); no word can hold a NUL.
 */
export function shellCommand(words: readonly string[]): SafeText[] {
  return words
    .map(quoted)
    .join(" ")
    .split("\n")
    .map((line) => clean(line, longestLine));
}

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

function quoted(word: string): string {
  if (plain.test(word)) return word;
  // A line end is kept as it is: $(…) would drop one at the end of its output.
  const pieces = word.split(/([^\n])/u).filter((piece) => piece !== "");
  let shown = "";
  let hidden = "";
  let spelled = "";
  const flush = () => {
    if (shown !== "") spelled += `'${shown.replaceAll("'", "'\\''")}'`;
    if (hidden !== "") spelled += `"$(printf '${hidden}')"`;
    shown = "";
    hidden = "";
  };
  for (const piece of pieces) {
    const visible = piece.includes("\n") || clean(piece) === piece;
    if (visible && hidden !== "") flush();
    if (!visible && shown !== "") flush();
    if (visible) shown += piece;
    else hidden += octal(piece);
  }
  flush();
  return spelled === "" ? "''" : spelled;
}

const octal = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
