import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { screenToSvg } from "../terminal/svg.ts";
import { Terminal } from "../terminal/terminal.ts";
import { Cast } from "./cast.ts";
import { type Command, parseTape, TapeError } from "./parse.ts";

export interface Played {
  /** Length of the recording. */
  seconds: number;
  /** Files that were written. */
  files: readonly string[];
}

export interface PlayOptions {
  /** Where the tape's relative paths begin. */
  folder: string;
  /** The built program's start script: what the tape's shell finds as `ovl-tui`. */
  program: string;
  /** Where what the tape makes is put, by the tape's relative paths; nothing is written without. */
  into?: string;
}

/** What a tape may set, with VHS's defaults. Sizes are pixels, times ms. */
interface Settings {
  Shell: string;
  FontSize: number;
  Width: number;
  Height: number;
  Padding: number;
  TypingSpeed: number;
  WaitTimeout: number;
  WaitPattern: RegExp;
}

const defaults: Settings = {
  Shell: "bash",
  FontSize: 22,
  Width: 1200,
  Height: 600,
  Padding: 60,
  TypingSpeed: 50,
  WaitTimeout: 15_000,
  WaitPattern: />$/m,
};

/** A cell of the common monospaced fonts, in parts of the font's size. */
const cellWidth = 0.6;
const cellHeight = 1.2;

/**
 * Plays a tape on the built program in a pseudo-terminal. Pictures and recording get the names that the tape gives to
 * VHS's own, with the endings .svg and .cast.
 * @throws TapeError with the tape's line when it cannot be read or a Wait is not met
 */
export async function playTape(tape: string, options: PlayOptions): Promise<Played> {
  const commands = parseTape(tape);
  const settings = settingsOf(commands);
  const outputs = commands.flatMap((one) => (one.do === "output" ? [one.file] : []));
  const shims = mkdtempSync(path.join(tmpdir(), "ovl-tui-tape-"));
  const shim = path.join(shims, "ovl-tui");
  writeFileSync(shim, `#!/bin/sh\nexec ${process.execPath} ${path.resolve(options.program)} "$@"\n`, { mode: 0o755 });
  const search = `${shims}${path.delimiter}${process.env.PATH ?? ""}`;
  for (const one of commands) if (one.do === "require") mustHave(one, search);
  const size = sizeOf(settings);
  const cast = new Cast(size, "ovl-tui", performance.now());
  const terminal = new Terminal([settings.Shell, ...plain(settings.Shell)], {
    ...size,
    cwd: options.folder,
    env: { PATH: search, PS1: "> ", HISTFILE: "", COLORTERM: "truecolor", FORCE_COLOR: "3" },
    onOutput: (data) => cast.wrote(data, performance.now()),
  });
  const files: string[] = [];
  const write = (file: string, ending: string, content: string) => {
    if (options.into === undefined) return;
    const place = path.resolve(options.into, file.replace(/\.[a-z0-9]+$/i, "") + ending);
    files.push(place);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, content);
  };
  try {
    // What is typed before the shell reads would be echoed twice.
    await terminal.shows(/\S/);
    for (const one of commands) {
      if (one.do === "screenshot") write(one.file, ".svg", screenToSvg(terminal.screen, "ovl-tui"));
      else await perform(one, terminal, cast, settings);
    }
    for (const file of outputs) write(file, ".cast", cast.text());
  } finally {
    await terminal.close();
    rmSync(shims, { recursive: true, force: true });
  }
  return { seconds: cast.seconds, files };
}

async function perform(command: Command, terminal: Terminal, cast: Cast, settings: Settings): Promise<void> {
  switch (command.do) {
    case "type":
      // An escape sequence is one key, and so is every other character.
      for (const key of command.text.match(/\x1b(?:\[[\d;]*[A-Za-z~]|[^[])?|[^\x1b]/gu) ?? []) {
        terminal.press(key);
        await pause(command.everyMs ?? settings.TypingSpeed);
      }
      return;
    case "sleep":
      return pause(command.ms);
    case "wait":
      return met(command, terminal, settings);
    case "hide":
    case "show":
      return cast.hide(command.do === "hide", performance.now());
    case "output":
    case "require":
    case "set":
    case "screenshot":
      return;
  }
}

async function met(
  { line, on, pattern, timeoutMs }: Extract<Command, { do: "wait" }>,
  terminal: Terminal,
  settings: Settings,
): Promise<void> {
  const wanted = pattern ?? settings.WaitPattern;
  const within = timeoutMs ?? settings.WaitTimeout;
  const end = performance.now() + within;
  while (!wanted.test(on === "screen" ? terminal.text() : terminal.cursorLine())) {
    if (performance.now() > end) {
      throw new TapeError(line, `${wanted} was not on the ${on} within ${within / 1000} s:\n${terminal.text()}`);
    }
    await pause(20);
  }
}

function settingsOf(commands: readonly Command[]): Settings {
  const settings = { ...defaults };
  for (const one of commands) {
    if (one.do !== "set" || !Object.hasOwn(settings, one.setting)) continue;
    const { setting, value, line } = one;
    if (setting === "Shell") settings.Shell = value;
    else if (setting === "WaitPattern") settings.WaitPattern = new RegExp(value, "m");
    else {
      const number = Number(value);
      if (!Number.isFinite(number)) throw new TapeError(line, `Set ${setting} expects a number`);
      settings[setting as "FontSize" | "Width" | "Height" | "Padding" | "TypingSpeed" | "WaitTimeout"] = number;
    }
  }
  return settings;
}

const sizeOf = ({ Width, Height, Padding, FontSize }: Settings) => ({
  columns: Math.floor((Width - 2 * Padding) / (FontSize * cellWidth)),
  rows: Math.floor((Height - 2 * Padding) / (FontSize * cellHeight)),
});

/** A shell without anybody's own settings. */
const plain = (shell: string): string[] => (path.basename(shell) === "bash" ? ["--noprofile", "--norc"] : []);

function mustHave({ program, line }: Extract<Command, { do: "require" }>, search: string): void {
  const found = search.split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new TapeError(line, `${program} is required and not on the PATH`);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
