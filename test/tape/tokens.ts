/** A tape that cannot be played, with the line that is at fault. */
export class TapeError extends Error {
  override readonly name = "TapeError";
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
  }
}

export interface Token {
  kind: "word" | "number" | "string" | "regex" | "sign" | "json";
  text: string;
  line: number;
}

/** One token of VHS's language, in the order in which they are tried (charmbracelet/vhs lexer/lexer.go). */
const patterns: readonly { kind: Token["kind"] | "comment" | "blank"; at: RegExp; part: 0 | 1 }[] = [
  { kind: "blank", at: /[ \t\r]+/y, part: 0 },
  { kind: "comment", at: /#[^\n]*/y, part: 0 },
  { kind: "string", at: /"([^"\n]*)"/y, part: 1 },
  { kind: "string", at: /'([^'\n]*)'/y, part: 1 },
  { kind: "string", at: /`([^`\n]*)`/y, part: 1 },
  { kind: "regex", at: /\/([^/\n]*)\//y, part: 1 },
  { kind: "json", at: /\{[^}]*\}/y, part: 0 },
  { kind: "number", at: /\d*\.?\d+/y, part: 0 },
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
    if (kind !== "blank" && kind !== "comment") tokens.push({ kind, text, line });
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
