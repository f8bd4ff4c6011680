/** A tape that cannot be played, with the line that is at fault. */
export class TapeError extends Error {
  override readonly name = "TapeError";
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
  }
}

/** A word is a `string`, quoted or not, unless it is one of VHS's keywords and stands without quotes. */
export interface Token {
  kind: "keyword" | "string" | "number" | "regex" | "sign" | "json" | "comment";
  text: string;
  line: number;
}

/** Words that mean something to VHS wherever they stand (charmbracelet/vhs token/token.go). */
const keywords = new Set(
  [
    "em px ms s m true false",
    "Set Sleep Type Enter Space Backspace Delete Insert Ctrl Alt Shift Down Left Right Up PageUp PageDown",
    "ScrollUp ScrollDown Tab Escape End Hide Require Show Output Wait Source Screenshot Copy Paste Env",
    "Shell FontFamily MarginFill Margin WindowBar WindowBarSize BorderRadius FontSize Framerate Height LetterSpacing",
    "LineHeight PlaybackSpeed TypingSpeed Padding Theme Width LoopOffset WaitTimeout WaitPattern CursorBlink",
  ].flatMap((some) => some.split(" ")),
);

/**
 * One token of VHS's language, in the order in which they are tried (charmbracelet/vhs lexer/lexer.go). What is open is
 * refused, though VHS closes it at the end of the line: it is a mistake.
 */
const patterns: readonly { kind: Token["kind"] | "word" | "blank"; at: RegExp; part: 0 | 1 }[] = [
  { kind: "blank", at: /[ \t\r]+/y, part: 0 },
  { kind: "comment", at: /#[^\r\n]*/y, part: 0 },
  { kind: "string", at: /"([^"\r\n]*)"/y, part: 1 },
  { kind: "string", at: /'([^'\r\n]*)'/y, part: 1 },
  { kind: "string", at: /`([^`\r\n]*)`/y, part: 1 },
  { kind: "regex", at: /\/([^/\r\n]*)\//y, part: 1 },
  { kind: "json", at: /\{[^}]*\}/y, part: 0 },
  { kind: "number", at: /\.?\d[\d.]*/y, part: 0 },
  { kind: "word", at: /[A-Za-z.][A-Za-z0-9._/%-]*/y, part: 0 },
  { kind: "sign", at: /[@+=%^[\]\\-]/y, part: 0 },
];

/** @throws TapeError at what is no token of the language */
export function tokensOf(tape: string): Token[] {
  const tokens: Token[] = [];
  let [offset, line] = [0, 1];
  while (offset < tape.length) {
    if (tape[offset] === "\n") {
      line += 1;
      offset += 1;
      continue;
    }
    const found = firstMatch(tape, offset);
    if (found === undefined) throw new TapeError(line, `cannot be read from here: ${tape.slice(offset, offset + 20)}`);
    const { kind, text, end } = found;
    if (kind === "word") tokens.push({ kind: keywords.has(text) ? "keyword" : "string", text, line });
    else if (kind !== "blank") tokens.push({ kind, text, line });
    line += tape.slice(offset, end).split("\n").length - 1;
    offset = end;
  }
  return tokens;
}

function firstMatch(tape: string, offset: number) {
  for (const { kind, at, part } of patterns) {
    at.lastIndex = offset;
    const match = at.exec(tape);
    if (match !== null) return { kind, text: match[part] ?? "", end: at.lastIndex };
  }
  return undefined;
}
