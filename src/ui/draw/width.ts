import stringWidth from "string-width";
import { clean, type SafeText, text } from "../../domain/text.ts";

const plainAscii = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Nobody stacks more marks on a letter than to deface a screen. */
const manyMarks = /(\p{M}{3})\p{M}+/gu;
/** What joins the character before it: marks, and the two vowels that are letters (UAX 29, SpacingMark). */
const leadingMarks = /^[\p{M}\u0E33\u0EB3]+/u;
const regionalIndicator = /[\u{1F1E6}-\u{1F1FF}]/gu;
/** Grapheme_Cluster_Break=Prepend (UAX 29) that `clean` leaves: they would take in the blank after them. */
const prepended =
  /[\u0D4E\u{111C2}\u{111C3}\u{113D1}\u{1193F}\u{11941}\u{11A3A}\u{11A84}-\u{11A89}\u{11D46}\u{11F02}]/gu;
// Invisible characters, variation selectors among them, skin tones, keycaps: terminals do not agree on the width of what they join.
const joining = /\p{Default_Ignorable_Code_Point}|\p{Emoji_Modifier}|\p{Me}/gu;

/** Columns that `value` takes on a terminal, as Ink measures them. */
export const widthOf = (value: string): number => (plainAscii.test(value) ? value.length : stringWidth(value));

/** The text with everything composed or taken out on whose width terminals differ: a border must never move. */
export function steady(value: SafeText): SafeText {
  if (plainAscii.test(value)) return value;
  const composed = value
    .replace(joining, "")
    .replace(regionalIndicator, (flag) => String.fromCharCode((flag.codePointAt(0) ?? 0) - 0x1f1e6 + 65))
    .replace(prepended, "\ufffd")
    .normalize("NFC")
    .replace(manyMarks, "$1")
    .replace(leadingMarks, "");
  const agreed = [...graphemes.segment(composed)].map(({ segment }) => apart(segment)).join("");
  return clean(agreed, agreed.length);
}

/**
 * A grapheme that is as wide as its characters one by one, as most terminals count, and no wider than two columns;
 * of one that is not (Indic conjuncts, rows of Hangul jamo) only the first character is kept, the others are replaced.
 */
function apart(grapheme: string): string {
  const [first = "", ...more] = grapheme;
  const width = stringWidth(grapheme);
  if (more.length === 0 || (width <= 2 && sumOfWidths([first, ...more]) === width)) return grapheme;
  return first + more.map((one) => (stringWidth(one) === 0 ? one : "\ufffd")).join("");
}

const sumOfWidths = (characters: readonly string[]): number =>
  characters.reduce((sum, one) => sum + stringWidth(one), 0);

/** So many blanks; none for less than one. */
export const spaces = (count: number): SafeText => text`${clean(" ".repeat(Math.max(0, count)))}`;

/** At most `width` columns of the text; what was cut off ends with an ellipsis. */
export function cut(value: SafeText, width: number): SafeText {
  const whole = steady(value);
  if (widthOf(whole) <= width) return whole;
  if (width <= 0) return text``;
  if (plainAscii.test(whole)) return text`${clean(whole.slice(0, width - 1))}…`;
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes.segment(whole)) {
    const wide = widthOf(segment);
    if (used + wide > width - 1) break;
    kept += segment;
    used += wide;
  }
  return text`${clean(kept)}…`;
}

/** Exactly `width` columns: cut, or filled with spaces. */
export function filled(value: SafeText, width: number, align: "left" | "right" = "left"): SafeText {
  const short = cut(value, width);
  const filling = spaces(width - widthOf(short));
  return align === "left" ? text`${short}${filling}` : text`${filling}${short}`;
}

/** Text in rows of at most `width` columns, broken between words where there are any. Never empty. */
export function wrap(value: SafeText, width: number): SafeText[] {
  const room = Math.max(1, width);
  const rows: string[] = [];
  let row = "";
  for (const word of steady(value).split(" ")) {
    const joined = row === "" ? word : `${row} ${word}`;
    if (widthOf(joined) <= room) {
      row = joined;
      continue;
    }
    if (row !== "") rows.push(row);
    row = "";
    for (const { segment } of graphemes.segment(word)) {
      if (widthOf(row) + widthOf(segment) > room && row !== "") {
        rows.push(row);
        row = "";
      }
      row += segment;
    }
  }
  rows.push(row);
  return rows.map((one) => clean(one, one.length));
}
