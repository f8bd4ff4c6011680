import { TapeError, type Token, tokensOf } from "./tokens.ts";

export { TapeError } from "./tokens.ts";

/** Keys that a tape can name, and the bytes that a terminal sends for them (xterm, "ctlseqs"). */
const namedKeys = {
  Enter: "\r",
  Escape: "\x1b",
  Tab: "\t",
  Space: " ",
  Backspace: "\x7f",
  Delete: "\x1b[3~",
  Up: "\x1b[A",
  Down: "\x1b[B",
  Right: "\x1b[C",
  Left: "\x1b[D",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
} as const;

/** Settings of VHS that decide how the program is run; the others only decide how VHS draws, and are checked by name. */
const ourSettings = ["Shell", "FontSize", "Width", "Height", "Padding", "TypingSpeed", "WaitTimeout", "WaitPattern"];
const otherSettings = [
  ...["FontFamily", "LetterSpacing", "LineHeight", "Framerate", "Theme", "PlaybackSpeed", "LoopOffset"],
  ...["MarginFill", "Margin", "WindowBar", "WindowBarSize", "BorderRadius", "CursorBlink"],
];

export type Command = { line: number } & (
  | { do: "output"; file: string }
  | { do: "require"; program: string }
  | { do: "set"; setting: string; value: string }
  /** `everyMs`: between characters; undefined is the tape's own speed. */
  | { do: "type"; text: string; everyMs: number | undefined }
  | { do: "sleep"; ms: number }
  | { do: "wait"; on: "line" | "screen"; pattern: RegExp | undefined; timeoutMs: number | undefined }
  | { do: "hide" }
  | { do: "show" }
  | { do: "screenshot"; file: string }
);

/**
 * The commands of a tape in the language of VHS (charmbracelet/vhs parser/parser.go), as far as ours are played. What
 * VHS would refuse is refused.
 * @throws TapeError with the line of the first command that is unknown or incomplete
 */
export function parseTape(tape: string): Command[] {
  const reader = new Reader(tokensOf(tape));
  const commands: Command[] = [];
  for (let token = reader.next(); token !== undefined; token = reader.next()) commands.push(command(token, reader));
  return commands;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  /** The next token if it is one of `kind` (and `text`); else nothing is read. */
  take(kind: Token["kind"], text?: string): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined;
    this.#at += 1;
    return token.text;
  }
}

function command({ kind, text, line }: Token, reader: Reader): Command {
  if (kind !== "word") throw new TapeError(line, `unknown command "${text}"`);
  switch (text) {
    case "Output":
      return { do: "output", line, file: output(reader, line) };
    case "Require":
      return { do: "require", line, program: words(reader, line, "Require expects a program") };
    case "Screenshot":
      return { do: "screenshot", line, file: screenshot(reader, line) };
    case "Set":
      return setting(reader, line);
    case "Type":
      return typed(reader, line);
    case "Sleep":
      return { do: "sleep", line, ms: duration(reader, line) };
    case "Wait":
      return wait(reader, line);
    case "Hide":
      return { do: "hide", line };
    case "Show":
      return { do: "show", line };
    case "Ctrl":
      return { do: "type", line, text: control(reader, line), everyMs: undefined };
    case "Alt":
      return { do: "type", line, text: `\x1b${chord(reader, line, "Alt")}`, everyMs: undefined };
    case "Shift":
      return { do: "type", line, text: shifted(chord(reader, line, "Shift")), everyMs: undefined };
  }
  if (Object.hasOwn(namedKeys, text)) return pressed(text as keyof typeof namedKeys, reader, line);
  throw new TapeError(line, `unknown command "${text}"`);
}

const words = (reader: Reader, line: number, otherwise: string): string => {
  const text = reader.take("string") ?? reader.take("word");
  if (text === undefined) throw new TapeError(line, otherwise);
  return text;
};

function output(reader: Reader, line: number): string {
  const file = words(reader, line, "Output expects the path of a file");
  // Without an ending it is a folder of frames, which VHS wants to see at a glance.
  if (!/\.[^./]+$/.test(file)) throw new TapeError(line, "Output expects a file with an ending, such as demo.gif");
  return file;
}

function screenshot(reader: Reader, line: number): string {
  const file = words(reader, line, "Screenshot expects the path of a file");
  if (!file.endsWith(".png")) throw new TapeError(line, `Screenshot expects a file that ends in .png, not ${file}`);
  return file;
}

function setting(reader: Reader, line: number): Command {
  const name = reader.take("word");
  if (name === undefined || ![...ourSettings, ...otherSettings].includes(name)) {
    throw new TapeError(line, `unknown setting "${name ?? ""}"`);
  }
  if (name === "TypingSpeed" || name === "WaitTimeout") {
    return { do: "set", line, setting: name, value: String(duration(reader, line)) };
  }
  const value =
    reader.take("string") ??
    reader.take("number") ??
    reader.take("word") ??
    reader.take("regex") ??
    reader.take("json");
  if (value === undefined) throw new TapeError(line, `Set ${name} expects a value`);
  reader.take("sign", "%");
  return { do: "set", line, setting: name, value };
}

function typed(reader: Reader, line: number): Command {
  const everyMs = speed(reader, line);
  const parts: string[] = [];
  for (let part = reader.take("string"); part !== undefined; part = reader.take("string")) parts.push(part);
  if (parts.length === 0) throw new TapeError(line, "Type expects text in quotes");
  return { do: "type", line, text: parts.join(" "), everyMs };
}

function pressed(name: keyof typeof namedKeys, reader: Reader, line: number): Command {
  const everyMs = speed(reader, line);
  const count = Number(reader.take("number") ?? "1");
  return { do: "type", line, text: namedKeys[name].repeat(count), everyMs };
}

function wait(reader: Reader, line: number): Command {
  let on: "line" | "screen" = "line";
  if (reader.take("sign", "+") !== undefined) {
    const where = reader.take("word");
    if (where !== "Line" && where !== "Screen") throw new TapeError(line, "Wait+ expects Line or Screen");
    on = where === "Line" ? "line" : "screen";
  }
  const timeoutMs = speed(reader, line);
  const source = reader.take("regex");
  return { do: "wait", line, on, timeoutMs, pattern: source === undefined ? undefined : pattern(source, line) };
}

function pattern(source: string, line: number): RegExp {
  try {
    return new RegExp(source, "m");
  } catch {
    throw new TapeError(line, `/${source}/ is no regular expression`);
  }
}

const speed = (reader: Reader, line: number): number | undefined =>
  reader.take("sign", "@") === undefined ? undefined : duration(reader, line);

/** "500ms", "2s", "1m"; a bare number is seconds. Milliseconds. */
function duration(reader: Reader, line: number): number {
  const number = reader.take("number");
  if (number === undefined) throw new TapeError(line, "a time is missing, such as 500ms or 2s");
  if (reader.take("word", "ms") !== undefined) return Number(number);
  if (reader.take("word", "m") !== undefined) return Number(number) * 60_000;
  reader.take("word", "s");
  return Number(number) * 1000;
}

function chord(reader: Reader, line: number, name: string): string {
  if (reader.take("sign", "+") !== undefined) {
    const key = reader.take("word") ?? reader.take("sign") ?? reader.take("number");
    if (key !== undefined && Object.hasOwn(namedKeys, key)) return namedKeys[key as keyof typeof namedKeys];
    if (key?.length === 1) return key;
  }
  throw new TapeError(line, `${name}+ expects one key`);
}

/** Ctrl and a key: the key's lowest five bits, as a terminal sends it (ECMA-48, C0). */
function control(reader: Reader, line: number): string {
  const key = chord(reader, line, "Ctrl");
  return key.length === 1 ? String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f) : key;
}

const shifted = (key: string): string => (key === namedKeys.Tab ? "\x1b[Z" : key.toUpperCase());
