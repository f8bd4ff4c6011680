import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { screenToSvg } from "../terminal/svg.ts";
import { Terminal } from "../terminal/terminal.ts";
import { Cast } from "./cast.ts";
import { headOf } from "./head.ts";
import { type Command, parseTape, TapeError } from "./parse.ts";
import { type Settings, withSetting } from "./settings.ts";
import { writeShim } from "./shim.ts";

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
  /** Gets what of the tape has no effect; else it is written to stderr. */
  warn?: (warning: string) => void;
}

/**
 * Plays a tape on the built program in a pseudo-terminal. Pictures and recording get the names that the tape gives to
 * VHS's own, with the endings .svg and .cast.
 * @throws TapeError with the tape's line when it cannot be read or a Wait is not met
 */
export async function playTape(tape: string, options: PlayOptions): Promise<Played> {
  const commands = parseTape(tape);
  const { settings, size, env, required, warnings } = headOf(commands);
  for (const warning of warnings) (options.warn ?? ((text) => process.stderr.write(`${text}\n`)))(warning);
  const shims = mkdtempSync(path.join(tmpdir(), "ovl-tui-tape-"));
  const files: string[] = [];
  const write = (file: string, content: string) => {
    if (options.into === undefined) return;
    const place = path.resolve(options.into, file);
    files.push(place);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, content);
  };
  let terminal: Terminal | undefined;
  try {
    writeShim(shims, "ovl-tui", options.program);
    const search = `${shims}${path.delimiter}${env.PATH ?? process.env.PATH ?? ""}`;
    for (const one of required) mustHave(one, search);
    const cast = new Cast(size, "ovl-tui", performance.now());
    // Without anybody's own settings.
    terminal = new Terminal(["bash", "--noprofile", "--norc"], {
      ...size,
      cwd: options.folder,
      env: { PS1: "> ", HISTFILE: "", COLORTERM: "truecolor", FORCE_COLOR: "3", ...env, PATH: search },
      onOutput: (data) => cast.wrote(data, performance.now()),
    });
    // What is typed before the shell reads would be echoed twice.
    await terminal.shows(/\S/);
    let now = settings;
    for (const one of commands) {
      if (one.do === "set" && one.setting === "TypingSpeed") now = withSetting(now, one);
      else if (one.do === "screenshot") write(named(one.file, ".svg"), screenToSvg(terminal.screen, "ovl-tui"));
      else await perform(one, terminal, cast, now);
    }
    // One recording where VHS makes films of several kinds under one name.
    const outputs = commands.flatMap((one) => (one.do === "output" ? [named(one.file, ".cast")] : []));
    for (const file of new Set(outputs)) write(file, cast.text());
    return { seconds: cast.seconds, files };
  } finally {
    await terminal?.close();
    rmSync(shims, { recursive: true, force: true });
  }
}

async function perform(command: Command, terminal: Terminal, cast: Cast, settings: Settings): Promise<void> {
  switch (command.do) {
    case "type":
      for (const key of command.keys) {
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
    case "env":
    case "copy":
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
  while (!wanted.test(on === "screen" ? screenOf(terminal) : terminal.cursorLine())) {
    if (performance.now() > end) {
      throw new TapeError(
        line,
        `/${wanted.source}/ was not on the ${on} within ${within / 1000} s:\n${terminal.text()}`,
      );
    }
    await pause(20);
  }
}

/** All rows without the blanks at their ends, as VHS takes them (charmbracelet/vhs testing.go). */
const screenOf = (terminal: Terminal): string =>
  terminal
    .lines()
    .map((line) => line.trimEnd())
    .join("\n");

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

const named = (file: string, ending: string): string => file.replace(/\.[^./]*$/, ending);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
