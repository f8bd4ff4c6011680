/** A word of a command line, with the file that its text comes from. */
export interface Word {
  text: string;
  /** Name of the last environment variable expanded into it. */
  variable: string | undefined;
}

const blank = /\s/;
const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  s: " ",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};
const codeEscape = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})/y;

/**
 * Splits a line as systemd does (systemd.syntax(7), "Quoting"; src/basic/extract-word.c): words end at blanks,
 * quotes of both kinds are removed, C escapes are read inside and outside of them. An unfinished quote ends with the line.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; ) {
    const character = line.charAt(i);
    if (character === "\\" && i + 1 < line.length) {
      const { text, length } = escaped(line, i + 1);
      word = (word ?? "") + text;
      i += 1 + length;
      continue;
    }
    i += 1;
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (blank.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** The escape that starts after the backslash at `at - 1`; one that systemd does not know stays as it is written. */
function escaped(line: string, at: number): { text: string; length: number } {
  const letter = line.charAt(at);
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { text: simple, length: 1 };
  codeEscape.lastIndex = at;
  const match = codeEscape.exec(line);
  const code = match === null ? Number.NaN : codeOf(match);
  if (match !== null && code > 0 && code <= 0x10ffff)
    return { text: String.fromCodePoint(code), length: match[0].length };
  return { text: `\\${letter}`, length: 1 };
}

function codeOf([, byte, short, long, octal]: RegExpExecArray): number {
  const hex = byte ?? short ?? long;
  return hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
}

/**
 * Puts in the environment as systemd does for ExecStart (systemd.service(5), "Command lines"): `$NAME` as a word of its
 * own becomes its value's words, none when it is unset; `${NAME}` becomes its value within the word, blanks and all;
 * `$NAME` inside a longer word stays as it is; `$$` is a dollar.
 */
export function expandWords(words: readonly string[], environment: ReadonlyMap<string, string>): Word[] {
  return words.flatMap((word): Word[] => {
    const alone = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1];
    if (alone !== undefined) {
      return splitWords(environment.get(alone) ?? "").map((text) => ({ text, variable: alone }));
    }
    let variable: string | undefined;
    const text = word.replace(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string | undefined) => {
      if (name === undefined) return "$";
      variable = name;
      return environment.get(name) ?? "";
    });
    return [{ text, variable }];
  });
}
