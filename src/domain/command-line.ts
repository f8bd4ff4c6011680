/** Words of a command line, as a POSIX shell parts them: by blanks, with '…', "…" and \; nothing in them is expanded. Undefined while a quote is open. */
export function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (character === quote) quote = undefined;
    else if (character === "\\" && isEscape(quote, line.charAt(at + 1))) {
      at += 1;
      word = (word ?? "") + line.charAt(at);
    } else word = (word ?? "") + character;
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

/** Between double quotes a backslash is one except before what it could escape there (POSIX, Shell Command Language, 2.2.3). */
const isEscape = (quote: string | undefined, next: string): boolean =>
  next !== "" && (quote === undefined || (quote === '"' && /["\\$`]/.test(next)));

/** The line that `wordsOf` parts into exactly these words. */
export const lineOf = (words: readonly string[]): string =>
  words.map((word) => (/^[^\s'"\\]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");

/** The words of a list that was typed: parted by blanks and commas. */
export const parted = (raw: string): string[] => raw.split(/[\s,]+/).filter((one) => one !== "");
