import { constants } from "node:os";
import type { Instance, SuspendTerminal } from "ink";
import { clipboardSequence } from "./clipboard.ts";
import { type Painter, painter, wantsColour } from "./draw/style.ts";
import { frameText } from "./first-frame.ts";
import type { Size } from "./screen/layout.ts";
import type { TerminalEffect } from "./screen/screen.ts";
import { type Stage, Stages } from "./stage.ts";
import { redraw, toShell } from "./suspend.ts";

export { Screen } from "./screen/screen.ts";

/** Alternate screen, cleared, without a cursor (xterm, "ctlseqs"), and back. Ink says the same again when it takes over. */
const enter = "\u001b[?1049h\u001b[?25l\u001b[2J";
const leave = "\u001b[?25h\u001b[?1049l";

const deadlySignals = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** What a stage is made with. */
export interface StageTools {
  paint: Painter;
  size: Size;
  /** What only the terminal can do. */
  onTerminal(effect: TerminalEffect): void;
  /** Puts another stage on. */
  show(stage: Stage): void;
  /**
   * Lends the terminal: Ink lets go of it until `work` ends, and then draws everything anew. False, and nothing done,
   * while somebody else has it or before Ink has.
   */
  lend(work: () => Promise<void>): Promise<boolean>;
  /** Puts words into the clipboard of the operator's terminal. */
  copy(words: string): void;
}

/**
 * Shows stages until the operator quits; on the terminal nothing is left of it then. The result is the exit code:
 * 0, or 128 and the number of the signal that ended it. Throws what went wrong in the program itself, after the
 * terminal was restored, for the caller to say in one line. Both standard streams have to be a terminal.
 */
export async function startScreen(first: (tools: StageTools) => Stage): Promise<number> {
  const { stdout } = process;
  let instance: Instance | undefined;
  let ended: { signal?: NodeJS.Signals; error?: unknown } | undefined;
  const end = (how: { signal?: NodeJS.Signals; error?: unknown }): void => {
    ended ??= how;
    // Who has the terminal gives it back in order first; the same signal asks them to.
    if (lent === undefined) instance?.unmount();
    else void lent.then(() => instance?.unmount());
  };
  const failed = (error: unknown): void => end({ error });
  const signalled = (signal: NodeJS.Signals): void => end({ signal });
  /** Whoever is at the other end of the terminal is gone; SIGHUP, which says so, may come later or not at all. */
  const hungUp = (): void => end({ signal: "SIGHUP" });

  let suspend: SuspendTerminal | undefined;
  let away = false;
  let lent: Promise<void> | undefined;
  const suspended = async (how: (suspend: SuspendTerminal) => Promise<void>): Promise<boolean> => {
    if (suspend === undefined || away) return false;
    away = true;
    // While we are away SIGTSTP has to do what it does by itself: stop.
    process.off("SIGTSTP", stopped);
    const { promise, resolve } = Promise.withResolvers<void>();
    lent = promise;
    try {
      await how(suspend);
    } catch (error) {
      failed(error);
    } finally {
      away = false;
      lent = undefined;
      resolve();
      process.on("SIGTSTP", stopped);
    }
    return true;
  };
  const stopped = (): void => void suspended(toShell);
  const onTerminal = (effect: TerminalEffect): void => {
    if (effect === "quit") end({});
    else void suspended(effect === "suspend" ? toShell : redraw);
  };

  const tools: StageTools = {
    paint: painter(wantsColour(process.env)),
    // A pseudo-terminal that was given no size says 0; the first resize corrects it.
    size: { columns: stdout.columns || 80, rows: stdout.rows || 24 },
    onTerminal,
    show: (stage) => screen.show(stage),
    copy: (words) => void stdout.write(clipboardSequence(words, process.env)),
    lend: (work) => suspended((suspend) => suspend(work)),
  };
  const screen: Stages = new Stages(first(tools), tools.size);
  for (const signal of deadlySignals) process.on(signal, signalled);
  process.on("SIGTSTP", stopped);
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  for (const stream of [process.stdin, stdout]) stream.on("error", hungUp);
  // The first frame at once; Ink is loaded while it is on the terminal and the nodes are being called.
  process.stdin.setRawMode(true);
  stdout.write(enter + frameText(screen.view()));
  try {
    const ready = (terminal: SuspendTerminal): void => {
      suspend = terminal;
    };
    const { mount } = await import("./mount.tsx");
    instance = mount(screen, ready);
    if (ended !== undefined) instance.unmount();
    await instance.waitUntilExit();
  } catch (error) {
    ended ??= { error };
  } finally {
    if (instance === undefined) {
      stdout.write(leave);
      process.stdin.setRawMode(false);
    }
    for (const signal of deadlySignals) process.off(signal, signalled);
    process.off("SIGTSTP", stopped);
    process.off("uncaughtException", failed);
    process.off("unhandledRejection", failed);
    for (const stream of [process.stdin, stdout]) stream.off("error", hungUp);
  }
  if (ended?.error !== undefined) throw ended.error;
  return ended?.signal === undefined ? 0 : 128 + constants.signals[ended.signal];
}
