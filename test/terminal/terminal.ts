import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

/** Keys by name, as a terminal sends them. */
export const keys = {
  enter: "\r",
  escape: "\x1b",
  tab: "\t",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  ctrlC: "\x03",
  ctrlR: "\x12",
  ctrlZ: "\x1a",
} as const;

export interface TerminalOptions {
  columns: number;
  rows: number;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Gets what the program writes, as it comes. */
  onOutput?: (data: string) => void;
  /** Answers what the program asks it, its title included, as a terminal does; else it keeps silent. */
  answers?: boolean;
}

/** Seconds that a screen may take on a machine that is busy: a wait for what is there already costs none of them. */
const patience = 60;

/** A program in a pseudo-terminal, with a terminal emulator on the other side: keys in, screen out. */
export class Terminal {
  readonly #pty: ReturnType<typeof spawn>;
  readonly #screen: xterm.Terminal;
  readonly #ended: Promise<{ code: number; signal: number | undefined }>;
  /** What a program set last. */
  title = "";
  /** Every byte the program wrote. */
  raw = "";

  constructor(argv: readonly string[], options: TerminalOptions) {
    const [file = "", ...args] = argv;
    const { columns, rows } = options;
    const windowOptions = options.answers ? { pushTitle: true, popTitle: true, getWinTitle: true } : {};
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 500, windowOptions });
    this.#screen.onTitleChange((title) => {
      this.title = title;
    });
    const inherited = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
    this.#pty = spawn(file, args, {
      name: "xterm-256color",
      cols: columns,
      rows,
      cwd: options.cwd ?? process.cwd(),
      // `CI` would make Ink believe that there is no terminal.
      env: { ...Object.fromEntries(inherited), TERM: "xterm-256color", CI: "false", ...options.env },
    });
    this.#pty.onData((data) => {
      this.raw += data;
      this.#screen.write(data);
      options.onOutput?.(data);
    });
    if (options.answers) this.#screen.onData((answer) => this.#pty.write(answer));
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => resolve({ code: exitCode, signal: signal || undefined }));
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  press(...sequence: string[]): void {
    this.#pty.write(sequence.join(""));
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  /** The terminal is gone, as when its window is closed: SIGHUP, and an error for every write. */
  hangUp(): void {
    // node-pty's own declarations leave it out.
    (this.#pty as unknown as { destroy(): void }).destroy();
  }

  /** The screen's rows, right-trimmed. */
  lines(): string[] {
    const buffer = this.#screen.buffer.active;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? "",
    );
  }

  text(): string {
    return this.lines().join("\n");
  }

  /** The row that the cursor is on, without blanks at its end. */
  cursorLine(): string {
    return (this.lines()[this.#screen.buffer.active.cursorY] ?? "").trimEnd();
  }

  /** Whether the program is on the alternate screen. */
  get alternate(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  /** The emulator itself, for pictures. */
  get screen(): xterm.Terminal {
    return this.#screen;
  }

  /** Waits until the screen matches; fails with the screen as it is when it does not in `seconds`. */
  async shows(wanted: RegExp, seconds = patience): Promise<void> {
    await this.#until(() => wanted.test(this.text()), seconds, `never showed ${wanted}`);
  }

  /** Waits until the screen does not match any more. */
  async hides(unwanted: RegExp, seconds = patience): Promise<void> {
    await this.#until(() => !unwanted.test(this.text()), seconds, `still shows ${unwanted}`);
  }

  /** Waits for the program's end. */
  async exits(seconds = patience): Promise<{ code: number; signal: number | undefined }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the program has not ended in ${seconds} s\n${this.text()}`)),
        seconds * 1000,
      );
    });
    return Promise.race([this.#ended, late]).finally(() => clearTimeout(timer));
  }

  /** Ends the program if it still runs. */
  async close(): Promise<void> {
    this.#pty.kill("SIGKILL");
    await this.#ended;
    this.#screen.dispose();
  }

  /** A frame comes in several pieces; Ink says where it begins and ends (synchronized output, DEC private mode 2026). */
  get #inTheMidstOfAFrame(): boolean {
    return this.#screen.modes.synchronizedOutputMode;
  }

  async #until(holds: () => boolean, seconds: number, otherwise: string): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (this.#inTheMidstOfAFrame || !holds()) {
      if (Date.now() > end) throw new Error(`the screen ${otherwise} in ${seconds} s:\n${this.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
