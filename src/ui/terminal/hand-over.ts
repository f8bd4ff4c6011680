import { once } from "node:events";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import type { ReadStream, WriteStream } from "node:tty";
import { type SafeText, text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { SessionEnd, TerminalSize } from "../../ports/shells.ts";
import type { OpenShell, ReadyShell } from "../../services/shell/open-shell.ts";
import { KeysForSession, type LeftBy } from "./keys-for-session.ts";
import { askStatus, keepTitle, OriginWatch, restored } from "./modes.ts";

/** How a session on the terminal ended. */
export type HandedBack =
  | SessionEnd
  /** Before its end; `became` says what became of the program. */
  | { end: "left"; by: LeftBy; became: Promise<SafeText> }
  | { end: "not-opened"; trouble: Trouble };

/** The operator's terminal. */
export interface Streams {
  input: ReadStream;
  output: WriteStream;
}

/**
 * Gives the terminal to a session until it ends, or until ctrl-\: every byte passes unchanged, and the size follows. When
 * this returns the terminal is as it was, whatever the program did to it, and nothing that it made the terminal answer is
 * left to be taken for keys. Raw mode is off then; nobody else may read `input` meanwhile.
 */
export async function handOver(
  shell: ReadyShell,
  greeting: SafeText | undefined,
  { input, output }: Streams,
): Promise<HandedBack> {
  // Whoever read keys before us is forgotten by the stream a turn after it let go of it.
  await turn();
  const keys = new KeysForSession(input);
  output.write(`${keepTitle}${greeting === undefined ? "" : `${greeting}\r\n`}`);
  let isShown = true;
  /** In the midst of a line, or of a whole screen. */
  let isCut = true;
  const origin = new OriginWatch();
  const print = (bytes: Uint8Array): void | Promise<void> => {
    origin.read(bytes);
    if (isShown && !output.write(bytes)) return once(output, "drain").then(() => undefined);
  };
  try {
    const end = await ended(shell.start(sizeOf(output), process.env.TERM ?? "xterm", print), keys, output);
    isCut = end.end !== "exited";
    return end;
  } finally {
    isShown = false;
    output.write(restored(sizeOf(output).columns, isCut || origin.moved));
    await keys.drained(() => output.write(askStatus));
    keys.end();
  }
}

/** A shell that is left because this program has to end gets so long to be ended itself. */
const lastWordsMs = 2000;

/** A pseudo-terminal that was given no size says 0. */
const sizeOf = (output: WriteStream): TerminalSize => ({ columns: output.columns || 80, rows: output.rows || 24 });

async function ended(
  opening: Promise<Outcome<OpenShell>>,
  keys: KeysForSession,
  output: WriteStream,
): Promise<HandedBack> {
  const before = sizeOf(output);
  const left = keys.left.then((by) => ({ left: by }));
  const first = await Promise.race([opening, left]);
  if ("left" in first) return { end: "left", by: first.left, became: leftEarly(opening) };
  if (!first.ok) return { end: "not-opened", trouble: first.trouble };
  const session = first.value;
  const follow = (): void => session.resize(sizeOf(output));
  output.on("resize", follow);
  const now = sizeOf(output);
  if (now.columns !== before.columns || now.rows !== before.rows) follow();
  keys.to(session);
  try {
    const end = await Promise.race([session.ended, left]);
    if (!("left" in end)) return end;
    const became = session.leave(false);
    // This program is about to end, and its connections with it.
    if (end.left !== "key") await Promise.race([became, wait(lastWordsMs)]);
    return { end: "left", by: end.left, became };
  } finally {
    output.off("resize", follow);
  }
}

/** A session that opens after nobody wants it any more is ended at once. */
async function leftEarly(opening: Promise<Outcome<OpenShell>>): Promise<SafeText> {
  const opened = await opening;
  return opened.ok ? opened.value.leave(true) : text`left before it was open`;
}
