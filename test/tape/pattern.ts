import { TapeError } from "./tokens.ts";

/**
 * A regular expression as VHS takes it, in JavaScript's words. Go's package regexp (pkg.go.dev/regexp/syntax) has no
 * lookarounds and no backreferences, and spells some of what both have in its own way; without (?m), ^ and $ are the
 * ends of the whole text.
 * @throws TapeError for what Go refuses, and for what it has and JavaScript has not
 */
export function patternOf(source: string, line: number): RegExp {
  const refuse = (why: string): never => {
    throw new TapeError(line, `/${source}/ ${why}`);
  };
  const [head = "", flags = ""] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  // Of whole texts JavaScript knows an end only where (?m) has not made lines of them.
  if (flags.includes("m") && /\\[Az]/.test(source)) refuse(notPlayed);
  const names = new Set<string>();
  let rest = source.slice(head.length);
  let translated = "";
  while (rest !== "") {
    // A class, an escape, the head of a group, a repetition, or any other character.
    const [piece = "", counts = ""] = pieces.exec(rest) ?? refuse("is no regular expression");
    rest = rest.slice(piece.length);
    if (piece.startsWith("[")) translated += classOf(piece, refuse);
    else if (piece.startsWith("\\")) translated += escapeOf(piece, refuse);
    else if (piece.startsWith("(?")) translated += groupOf(piece, names, refuse);
    else if (counts !== "") translated += repetitionOf(piece, counts, refuse);
    else translated += "{}]".includes(piece) ? `\\${piece}` : piece;
  }
  try {
    return new RegExp(translated, `u${[...new Set(flags)].join("")}`);
  } catch {
    return refuse("is no regular expression");
  }
}

type Refuse = (why: string) => never;

const notPlayed = "is a regular expression of VHS's that is not played here";

/** A character of a class, or several; "]" is one where it stands first. */
const member = String.raw`\[:\^?\w+:\]|\\.|[^[\]\\]|\[(?!:)`;
const pieces = new RegExp(
  [
    String.raw`^(?:\[(?:\^|(?!\^))(?:\]|${member})(?:${member})*\]`,
    String.raw`\\(?:x\{[^}]*\}|x..|[pP]\{[^}]*\}|[pP].|[0-7]{2,3}|.)`,
    String.raw`\(\?(?:P?<\w+>|<?[=!]|[^):]*[):])`,
    String.raw`\{((?:0|[1-9]\d*)(?:,(?:0|[1-9]\d*)?)?)\}`,
    String.raw`[^[\\])`,
  ].join("|"),
  "su",
);

/** The head of a group. That it has a name is of no use here. */
function groupOf(head: string, names: Set<string>, refuse: Refuse): string {
  if (/[=!]$/.test(head)) refuse("looks around: Go's regular expressions, which are VHS's, cannot");
  if (head === "(?:") return head;
  const name = /<(\w+)>$/.exec(head)?.[1];
  if (name === undefined) return refuse(/^\(\?[imsU-]+[):]$/.test(head) ? notPlayed : "is no regular expression");
  if (names.has(name)) refuse(`has two groups of the name ${name}`);
  names.add(name);
  return "(";
}

/** Go counts to a thousand. */
const repetitionOf = (piece: string, counts: string, refuse: Refuse): string =>
  counts.split(",").some((count) => Number(count) > 1000) ? refuse("repeats too often") : piece;

/** \s as Go has it, for a class. */
const blanks = "\\t\\n\\f\\r ";

/** Escapes that both languages have, and those that only Go has. */
const sameEscapes = /^\\(?:[dDwWbBtnrfv]|x[\dA-Fa-f]{2})$/;
const ownEscapes = new Map([
  ["\\a", "\\x07"],
  ["\\A", "^"],
  ["\\z", "$"],
  ["\\s", `[${blanks}]`],
  ["\\S", `[^${blanks}]`],
]);

function escapeOf(piece: string, refuse: Refuse): string {
  const own = ownEscapes.get(piece);
  if (own !== undefined) return own;
  if (sameEscapes.test(piece)) return piece;
  if (/^\\[1-9]$/.test(piece)) refuse("refers back to a group: Go's regular expressions, which are VHS's, cannot");
  const code = /^\\x\{([\dA-Fa-f]+)\}$/.exec(piece)?.[1];
  if (code !== undefined) return `\\u{${code}}`;
  if (/^\\[$(-+./?[-^{-}]$/.test(piece)) return piece;
  // Go lets every sign be escaped, JavaScript only those that mean something.
  if (/^\\[!-/:-@_`~ ]$/.test(piece)) return piece.slice(1);
  return refuse(/^\\[\dpPQ]/.test(piece) ? notPlayed : `has ${piece}, which means nothing`);
}

function classOf(whole: string, refuse: Refuse): string {
  const [, not = "", content = ""] = /^\[(\^?)(.*)\]$/su.exec(whole) ?? [];
  const translated = content.replace(/\[:\^?\w+:\]|\\(?:x\{[^}]*\}|x..|[0-7]{2,3}|s-|.)|[[\]]/gsu, (piece) => {
    if (piece === "\\s") return blanks;
    if (piece === "\\s-") return `${blanks}\\-`;
    if (piece === "\\-" || piece === "[" || piece === "]") return `\\${piece.at(-1)}`;
    if (piece === "\\S" || piece.startsWith("[:")) return refuse(notPlayed);
    if (/^\\[bBAz]$/.test(piece)) return refuse(`has ${piece} in a class`);
    return escapeOf(piece, refuse);
  });
  return `[${not}${translated}]`;
}
