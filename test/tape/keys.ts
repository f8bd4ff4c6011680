import type { Reader } from "./reader.ts";
import { TapeError } from "./tokens.ts";

/** Keys that a tape can name, and the bytes that a terminal sends for them (xterm, "ctlseqs"). */
export const namedKeys = {
  Enter: "\r",
  Escape: "\x1b",
  Tab: "\t",
  Space: " ",
  Backspace: "\x7f",
  Delete: "\x1b[3~",
  Insert: "\x1b[2~",
  Up: "\x1b[A",
  Down: "\x1b[B",
  Right: "\x1b[C",
  Left: "\x1b[D",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
} as const;

export type KeyName = keyof typeof namedKeys;

export const isKeyName = (word: string): word is KeyName => Object.hasOwn(namedKeys, word);

/** VHS types these characters as the keys that they picture (charmbracelet/vhs keys.go). */
const pictured = new Map<string, KeyName>([
  ["←", "Left"],
  ["↑", "Up"],
  ["→", "Right"],
  ["↓", "Down"],
]);

/** What is pressed to type a text: one key a character. */
export const keysOfText = (text: string): string[] =>
  [...text].map((character) => {
    const name = pictured.get(character);
    return name === undefined ? character : namedKeys[name];
  });

/** The keys after Ctrl, for which VHS has other ones than after Alt and Shift (charmbracelet/vhs parser/parser.go). */
const afterCtrl = ["Enter", "Space", "Backspace", "Left", "Right", "Up", "Down"] as const;

/** Ctrl[+Alt][+Shift]+key: modifiers first; several keys are pressed one after the other. */
export function control(reader: Reader, line: number): string[] {
  const held = { Alt: false, Shift: false };
  const keys: string[] = [];
  while (reader.take("sign", "+") !== undefined) {
    const modifier = reader.takeOne(["Alt", "Shift"]);
    if (modifier === undefined) keys.push(controlled(reader, line, held));
    else if (keys.length > 0) throw new TapeError(line, `${modifier} stands before the key`);
    else held[modifier] = true;
  }
  if (keys.length === 0) throw new TapeError(line, "Ctrl+ expects a key");
  return keys;
}

function controlled(reader: Reader, line: number, { Alt, Shift }: { Alt: boolean; Shift: boolean }): string {
  const before = Alt ? "\x1b" : "";
  const name = reader.takeOne(afterCtrl);
  if (name === "Up" || name === "Down" || name === "Right" || name === "Left") {
    // xterm, "ctlseqs": 1, and 1 for Shift, 2 for Alt, 4 for Ctrl.
    return `\x1b[1;${5 + (Shift ? 1 : 0) + (Alt ? 2 : 0)}${namedKeys[name].at(-1)}`;
  }
  if (name === "Enter") return `${before}\r`;
  if (name === "Backspace") return `${before}\b`;
  const key = name === "Space" ? " " : (reader.take("string") ?? reader.take("sign"));
  if (key === undefined || !/^[!-~ ]$/.test(key) || "+%=".includes(key)) {
    throw new TapeError(line, "Ctrl+ expects a capital letter, @ [ \\ ] ^ or -, Enter, Space, Backspace or an arrow");
  }
  // The key's lowest five bits (ECMA-48, C0). With Shift, and on other keys, terminals do not agree or send nothing.
  if (Shift || !/[@A-Z[\\\]^_a-z ]/.test(key)) {
    throw new TapeError(line, `Ctrl+${Shift ? "Shift+" : ""}${key} is VHS's, and not played here`);
  }
  return before + String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f);
}

/** Alt and keys: each with an escape before it, as xterm sends it. */
export const alternate = (reader: Reader, line: number): string[] =>
  chord(reader, line, "Alt").map((key) => `\x1b${key}`);

export const shifted = (reader: Reader, line: number): string[] =>
  chord(reader, line, "Shift").map((key) => (key === namedKeys.Tab ? "\x1b[Z" : key.toUpperCase()));

/** What follows Alt or Shift. To VHS a digit is a count, and s and m are units of time: those need quotes. */
function chord(reader: Reader, line: number, name: "Alt" | "Shift"): string[] {
  if (reader.take("sign", "+") !== undefined) {
    const named = reader.takeOne(["Enter", "Tab"]);
    if (named !== undefined) return [namedKeys[named]];
    const text = reader.take("string") ?? reader.take("sign", "[") ?? reader.take("sign", "]");
    if (text !== undefined) return keysOfText(text);
  }
  throw new TapeError(line, `${name}+ expects a character in quotes, a letter, [, ], Enter or Tab`);
}
