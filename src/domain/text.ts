import { stripVTControlCharacters } from "node:util";

declare const safe: unique symbol;

/** Text that cannot move the cursor, colour the screen, split a row or reverse its direction. Only `clean` and `text` make it. */
export type SafeText = string & { readonly [safe]: true };

/** Longest text kept of one value from outside, in UTF-16 units; nothing on a screen needs more of a name or label. */
export const longestText = 1024;

const plainAscii = /^[\x20-\x7e]*$/;
/** Controls, formats (bidi, zero width, tags), private use, lone surrogates, line and paragraph separators: Unicode general categories. */
const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes text from outside safe for the screen: escape sequences are removed, what is left of controls is made
 * visible (C0 as U+2400 pictures, all else as U+FFFD), tabs and line ends become a space.
 * The result holds no control character whatever the input was.
 */
export function clean(raw: string, limit = longestText): SafeText {
  const cut = raw.length > limit ? `${raw.slice(0, limit - 1)}…` : raw;
  if (plainAscii.test(cut)) return cut as SafeText;
  return stripVTControlCharacters(cut)
    .replace(/\r?\n|\t/g, " ")
    .replace(unsafe, picture) as SafeText;
}

/** Text of several lines, each made safe by `clean`; never more than `lines` of them. */
export function cleanLines(raw: string, lines = 1000): SafeText[] {
  return raw.split(/\r?\n/, lines).map((line) => clean(line, 10_000));
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return "\ufffd";
}

/** Builds safe text from our own words and values that are safe already: text`up ${age}`. The compiler refuses raw strings inside. */
export function text(words: TemplateStringsArray, ...values: readonly (SafeText | number)[]): SafeText {
  // Called for every cell of every table: joining by hand takes a tenth of what String.raw takes.
  let built = words[0] ?? "";
  for (let at = 0; at < values.length; at++) built += `${values[at]}${words[at + 1] ?? ""}`;
  return built as SafeText;
}

/** Safe parts in one line, with our own separator between them. */
export function joined(parts: readonly SafeText[], between = ", "): SafeText {
  return parts.join(between) as SafeText;
}

/** One for all: making a collator costs more than a thousand comparisons. No locale of the operator's: every screen sorts alike. */
const names = new Intl.Collator("en", { numeric: true });

/** Order of names as people read them: web-2 before web-10. */
export const compareNames = (a: string, b: string): number => names.compare(a, b);
