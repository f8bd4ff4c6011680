import { patternOf } from "./pattern.ts";
import type { Reader } from "./reader.ts";
import { TapeError } from "./tokens.ts";

/** What a tape may set and this player heeds, with VHS's defaults (charmbracelet/vhs vhs.go, style.go). Pixels and ms. */
const defaults = {
  FontSize: 22,
  /** Between cells, in pixels. */
  LetterSpacing: 1,
  /** In parts of the cell's own height. */
  LineHeight: 1,
  Width: 1200,
  Height: 600,
  Padding: 60,
  Margin: 0,
  WindowBar: "",
  WindowBarSize: 30,
  TypingSpeed: 50,
  WaitTimeout: 15_000,
  WaitPattern: />$/u,
};
export type Settings = typeof defaults;

/** A setting as a command. `value` is as the tape has it, times in ms. */
export interface Setting {
  line: number;
  setting: string;
  value: string;
}

const whole = /^[+-]?\d+$/;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const anything = /^/;
const shells = /^(?:bash|zsh|fish|powershell|pwsh|cmd|nu|osh|xonsh)$/;
const bars = /^(?:|Colorful|ColorfulRight|Rings|RingsRight)$/;
const fill = /^(?!#)|^#[\dA-Fa-f]{6}$/;

/** What VHS takes for a setting (charmbracelet/vhs parser/parser.go, command.go), and what it is called. */
const values = new Map<string, readonly [RegExp, string]>([
  ["FontSize", [whole, "a whole number"]],
  ["Width", [whole, "a whole number"]],
  ["Height", [whole, "a whole number"]],
  ["Padding", [whole, "a whole number"]],
  ["Margin", [whole, "a whole number"]],
  ["WindowBarSize", [whole, "a whole number"]],
  ["BorderRadius", [whole, "a whole number"]],
  ["Framerate", [whole, "a whole number"]],
  ["LetterSpacing", [decimal, "a number"]],
  ["LineHeight", [decimal, "a number"]],
  ["PlaybackSpeed", [decimal, "a number"]],
  ["LoopOffset", [decimal, "a number"]],
  ["WindowBar", [bars, "Colorful, ColorfulRight, Rings or RingsRight"]],
  ["MarginFill", [fill, 'a file or a colour such as "#5B56E0"']],
  ["CursorBlink", [/^(?:true|false)$/, "true or false"]],
  ["Shell", [shells, "a shell that VHS knows, such as bash"]],
  ["FontFamily", [anything, "a value"]],
  ["Theme", [anything, "a value"]],
  ["WaitPattern", [anything, "a regular expression"]],
  ["TypingSpeed", [decimal, "a time"]],
  ["WaitTimeout", [decimal, "a time"]],
]);

/** What follows `Set`. */
export function readSetting(reader: Reader, line: number): Setting {
  const token = reader.next();
  const setting = token?.text ?? "";
  const [pattern, what] = (token?.kind === "keyword" ? values.get(setting) : undefined) ?? [];
  if (pattern === undefined) throw new TapeError(line, `unknown setting "${setting}"`);
  const value = valueFor(setting, reader, line);
  if (value === undefined || !pattern.test(value)) throw new TapeError(line, `Set ${setting} expects ${what}`);
  if (setting === "WaitPattern") patternOf(value, line);
  if (setting === "LoopOffset") reader.take("sign", "%");
  if (setting === "Shell" && value !== "bash") throw new TapeError(line, `Set Shell ${value} is not played here`);
  return { line, setting, value };
}

function valueFor(setting: string, reader: Reader, line: number): string | undefined {
  // A tape that says "Set TypingSpeed 1m" sets a second, and VHS then wonders what m is.
  if (setting === "TypingSpeed") return String(reader.duration(line, ["ms", "s"]));
  if (setting === "WaitTimeout") return String(reader.duration(line));
  if (setting === "CursorBlink") return reader.takeOne(["true", "false"]);
  const regex = setting === "WaitPattern" ? reader.take("regex") : undefined;
  const json = setting === "Theme" ? reader.take("json") : undefined;
  return regex ?? json ?? reader.take("string") ?? reader.take("number");
}

/** `settings` with one more of them; those that only decide how VHS draws are none of ours. */
export function withSetting(settings: Settings, { setting, value, line }: Setting): Settings {
  if (setting === "WaitPattern") return { ...settings, WaitPattern: patternOf(value, line) };
  if (setting === "WindowBar") return { ...settings, WindowBar: value };
  return Object.hasOwn(defaults, setting) ? { ...settings, [setting]: Number(value) } : settings;
}

export const settingsOf = (set: readonly Setting[]): Settings => set.reduce(withSetting, defaults);

/**
 * A cell, in parts of the font's size, of the fonts that VHS asks for in turn: the widest of them is DejaVu Sans Mono, the
 * highest JetBrains Mono, which is the first (their tables head and hhea).
 */
const cellWidth = 1233 / 2048;
const cellHeight = 1.32;
/** The padding that ttyd has around its terminal (tsl0922/ttyd html/src/style/index.scss), on both sides. */
const ttydPadding = 2 * 5;
/** What xterm.js keeps for a scroll bar (browser/Viewport.ts). */
const scrollBar = 15;

/**
 * How many cells there are room for. At least as many are there under VHS: xterm.js rounds a cell's width down, and its
 * height is at most the next whole pixel (addons/xterm-addon-canvas CanvasRenderer.ts, xterm-addon-fit FitAddon.ts).
 */
export function sizeOf(settings: Settings): { columns: number; rows: number } {
  const around = 2 * (settings.Padding + settings.Margin) + ttydPadding;
  const bar = settings.WindowBar === "" ? 0 : settings.WindowBarSize;
  const wide = settings.FontSize * cellWidth + Math.round(settings.LetterSpacing);
  const high = (Math.floor(settings.FontSize * cellHeight) + 1) * settings.LineHeight;
  return {
    columns: Math.floor((settings.Width - around - scrollBar) / wide),
    rows: Math.floor((settings.Height - around - bar) / high),
  };
}
