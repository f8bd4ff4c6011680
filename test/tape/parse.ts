import { alternate, control, isKeyName, type KeyName, keysOfText, namedKeys, shifted } from "./keys.ts";
import { patternOf } from "./pattern.ts";
import { Reader } from "./reader.ts";
import { readSetting, type Setting } from "./settings.ts";
import { TapeError, type Token, tokensOf } from "./tokens.ts";

export { TapeError } from "./tokens.ts";

export type Command = { line: number } & (
  | { do: "output"; file: string }
  | { do: "require"; program: string }
  | ({ do: "set" } & Setting)
  | { do: "env"; name: string; value: string }
  /** `everyMs`: after each key; undefined is the tape's own speed. */
  | { do: "type"; keys: readonly string[]; everyMs: number | undefined }
  | { do: "copy"; text: string }
  | { do: "sleep"; ms: number }
  | { do: "wait"; on: "line" | "screen"; pattern: RegExp | undefined; timeoutMs: number | undefined }
  | { do: "hide" }
  | { do: "show" }
  | { do: "screenshot"; file: string }
);

/**
 * The commands of a tape in the language of VHS (charmbracelet/vhs parser/parser.go). What VHS refuses, be it
 * before or while it plays, is refused, but for themes, which only VHS knows; so is the little that it has and that is not
 * played here.
 * @throws TapeError with the line of the first command that is unknown, incomplete or not played
 */
export function parseTape(tape: string): Command[] {
  const reader = new Reader(tokensOf(tape));
  const commands: Command[] = [];
  let copied: string | undefined;
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind === "comment") continue;
    const one = command(token, reader, copied);
    if (one.do === "copy") copied = one.text;
    commands.push(one);
  }
  if (commands.length === 0) throw new TapeError(1, "the tape has no command");
  return commands;
}

function command({ kind, text, line }: Token, reader: Reader, copied: string | undefined): Command {
  if (kind !== "keyword") throw new TapeError(line, `unknown command "${text}"`);
  if (isKeyName(text)) return pressed(text, reader, line);
  switch (text) {
    case "Output":
      return { do: "output", line, file: output(reader, line) };
    case "Require":
      return { do: "require", line, program: reader.string(line, "Require expects a program") };
    case "Screenshot":
      return { do: "screenshot", line, file: screenshot(reader, line) };
    case "Set":
      return { do: "set", ...readSetting(reader, line) };
    case "Env":
      return env(reader, line);
    case "Type": {
      const everyMs = reader.speed(line);
      return { do: "type", line, keys: keysOfText(reader.strings(line, "Type expects text")), everyMs };
    }
    case "Copy":
      return { do: "copy", line, text: reader.strings(line, "Copy expects text") };
    case "Paste":
      // VHS has the clipboard of the machine, and what is on that is no part of the tape.
      if (copied === undefined) throw new TapeError(line, "Paste without a Copy before it is not played here");
      return { do: "type", line, keys: keysOfText(copied), everyMs: 0 };
    case "Sleep":
      return { do: "sleep", line, ms: reader.duration(line) };
    case "Wait":
      return wait(reader, line);
    case "Hide":
    case "Show":
      return { do: text === "Hide" ? "hide" : "show", line };
    case "Ctrl":
      return { do: "type", line, keys: control(reader, line), everyMs: 0 };
    case "Alt":
      return { do: "type", line, keys: alternate(reader, line), everyMs: 0 };
    case "Shift":
      return { do: "type", line, keys: shifted(reader, line), everyMs: 0 };
    case "Source":
    case "ScrollUp":
    case "ScrollDown":
      throw new TapeError(line, `${text} is VHS's, and not played here`);
  }
  throw new TapeError(line, `unknown command "${text}"`);
}

function output(reader: Reader, line: number): string {
  const file = reader.string(line, "Output expects the path of a file");
  if (!/\.[^./]*$/.test(file) && !file.endsWith("/")) {
    throw new TapeError(line, "Output expects a file with an ending, such as demo.gif");
  }
  // Frames one by one, or the screen as text: a recording would not be what the tape asks for.
  if (/(?:\/|\.png|\.txt|\.ascii|\.test)$/.test(file)) {
    throw new TapeError(line, `Output ${file} is VHS's, and not made here: it is no film`);
  }
  return file;
}

function screenshot(reader: Reader, line: number): string {
  const file = reader.string(line, "Screenshot expects the path of a file");
  if (!file.endsWith(".png")) throw new TapeError(line, `Screenshot expects a file that ends in .png, not ${file}`);
  return file;
}

function env(reader: Reader, line: number): Command {
  const name = reader.string(line, "Env expects a name and a value");
  return { do: "env", line, name, value: reader.string(line, "Env expects a name and a value") };
}

function pressed(name: KeyName, reader: Reader, line: number): Command {
  const everyMs = reader.speed(line);
  const count = reader.take("number") ?? "1";
  // VHS presses once where the count is no whole number.
  const times = /^\d+$/.test(count) ? Number(count) : 1;
  return { do: "type", line, keys: Array<string>(times).fill(namedKeys[name]), everyMs };
}

function wait(reader: Reader, line: number): Command {
  let on: "line" | "screen" = "line";
  if (reader.take("sign", "+") !== undefined) {
    const where = reader.take("string");
    if (where !== "Line" && where !== "Screen") throw new TapeError(line, "Wait+ expects Line or Screen");
    on = where === "Line" ? "line" : "screen";
  }
  const timeoutMs = reader.speed(line);
  if (timeoutMs === 0) throw new TapeError(line, "Wait expects a time of more than 0");
  const source = reader.take("regex");
  return { do: "wait", line, on, timeoutMs, pattern: source === undefined ? undefined : patternOf(source, line) };
}
