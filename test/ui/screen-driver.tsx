import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import xterm from "@xterm/headless";
import { type Instance, render } from "ink";
import stringWidth from "string-width";
import type { Finding } from "../../src/domain/finding.ts";
import type { Pieces } from "../../src/domain/pieces.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import type { SafeText } from "../../src/domain/text.ts";
import { clean } from "../../src/domain/text.ts";
import { PromptQueue } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { Holder } from "../../src/services/state.ts";
import { App } from "../../src/ui/app.tsx";
import type { AppServices } from "../../src/ui/app-props.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { type Opening, type StageName, stageNames } from "../../src/ui/opening.ts";
import { Screen, type TerminalEffect } from "../../src/ui/screen/screen.ts";
import { ManualClock } from "../manual-clock.ts";
import { start } from "../snapshots.ts";

export interface FakeOptions {
  snapshot: Snapshot;
  findings?: readonly Finding[];
  locked?: boolean;
  running?: readonly SafeText[];
  demo?: boolean;
}

function* inPieces<T>(result: T): Pieces<T> {
  yield;
  return result;
}

/** Services in the hands of a test: it says what is seen, and sees what the screen asks for. */
export class FakeServices implements AppServices {
  readonly clock = new ManualClock(start);
  readonly snapshot: Holder<Snapshot>;
  readonly running: Holder<readonly SafeText[]>;
  readonly prompts = new PromptQueue();
  readonly readOnly: ReadOnly;
  readonly storeKind = clean("consul");
  readonly specFile = clean("ovl.yaml");
  readonly demo: boolean;
  /** "refresh", "retry node104", "show node2": what the screen asked of the watch. */
  readonly asked: string[] = [];
  found: readonly Finding[];

  constructor(options: FakeOptions) {
    this.snapshot = new Holder(options.snapshot);
    this.running = new Holder(options.running ?? []);
    this.readOnly = new ReadOnly(options.locked ?? false);
    this.demo = options.demo ?? false;
    this.found = options.findings ?? [];
  }

  readonly watch: AppServices["watch"] = {
    state: {
      get: () => this.snapshot.get(),
      listen: (listener) => this.snapshot.listen(listener),
    },
    refresh: () => this.asked.push("refresh"),
    retry: (node) => this.asked.push(`retry ${node}`),
    show: (containers) => this.asked.push(`show ${containers.map((id) => this.#nameOf(id)).join(" ")}`.trim()),
  };

  readonly stages: ReadonlySet<StageName> = new Set(stageNames);

  readonly open = (opening: Opening): void => {
    this.asked.push(`open ${opening.stage}`);
  };

  readonly findings = (): Pieces<readonly Finding[]> => inPieces(this.found);

  #nameOf(id: string): string {
    for (const node of this.snapshot.get().nodes.values()) {
      if (node.containers.state !== "fresh") continue;
      for (const container of node.containers.value.values()) if (container.id === id) return container.name;
    }
    return "nothing";
  }
}

/** Ink writes here as to a terminal; everything goes on to the emulator. */
class FakeOutput extends EventEmitter {
  readonly isTTY = true;
  raw = "";

  constructor(readonly terminal: xterm.Terminal) {
    super();
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  write(data: string, done?: unknown): boolean {
    this.raw += data;
    this.terminal.write(data, () => {
      if (typeof done === "function") done();
    });
    return true;
  }
}

class FakeInput extends PassThrough {
  readonly isTTY = true;
  setRawMode(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** Widths as string-width has them, which Ink uses; the emulator's own tables are those of Unicode 6. */
function agreeOnWidths(terminal: xterm.Terminal): void {
  const wcwidth = (codepoint: number): 0 | 1 | 2 => {
    const width = stringWidth(String.fromCodePoint(codepoint));
    return width >= 2 ? 2 : width === 0 ? 0 : 1;
  };
  terminal.unicode.register({
    version: "string-width",
    wcwidth,
    // As xterm's own providers: bits 1 and 2 are the width, bit 0 says whether it joins the cell before (UnicodeV6.ts).
    charProperties: (codepoint, preceding) => {
      const width = wcwidth(codepoint);
      const before = (preceding >> 1) & 3;
      const joins = width === 0 && before !== 0;
      return ((joins ? before : width) << 1) | (joins ? 1 : 0);
    },
  });
  terminal.unicode.activeVersion = "string-width";
}

export interface Size {
  columns: number;
  rows: number;
}

/** The whole screen on a terminal emulator. */
export class ScreenDriver {
  readonly services: FakeServices;
  readonly effects: TerminalEffect[] = [];
  readonly #terminal: xterm.Terminal;
  readonly #output: FakeOutput;
  readonly #input = new FakeInput();
  readonly #instance: Instance;

  constructor(size: Size, options: FakeOptions) {
    this.services = new FakeServices(options);
    this.#terminal = new xterm.Terminal({
      cols: size.columns,
      rows: size.rows,
      allowProposedApi: true,
      convertEol: true,
    });
    agreeOnWidths(this.#terminal);
    this.#output = new FakeOutput(this.#terminal);
    const screen = new Screen(this.services, painter(true), size, (effect) => this.effects.push(effect));
    this.#instance = render(<App screen={screen} />, {
      stdout: this.#output as unknown as NodeJS.WriteStream,
      stdin: this.#input as unknown as NodeJS.ReadStream,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: false,
      // No waiting for the next frame.
      maxFps: 1000,
    });
  }

  /** Opens the screen and waits for its first frame. */
  static async open(size: Size, options: FakeOptions): Promise<ScreenDriver> {
    const driver = new ScreenDriver(size, options);
    await driver.settled();
    return driver;
  }

  /** What is typed in one chunk, as a terminal sends it. */
  async press(...chunks: string[]): Promise<void> {
    for (const chunk of chunks) {
      this.#input.write(chunk);
      // A lone escape is a key only when nothing follows it for 20 ms.
      await wait(chunk === "\u001B" ? 40 : 1);
    }
    await this.settled();
  }

  async sees(snapshot: Snapshot): Promise<void> {
    this.services.snapshot.set(snapshot);
    await this.settled();
  }

  async resize(size: Size): Promise<void> {
    this.#terminal.resize(size.columns, size.rows);
    this.#output.emit("resize");
    await this.settled();
  }

  /** Moves the clock on. */
  async later(ms: number): Promise<void> {
    await this.services.clock.advance(ms);
    await this.settled();
  }

  /** Waits until Ink has drawn and the emulator has read all of it. */
  async settled(): Promise<void> {
    await wait(2);
    await this.#instance.waitUntilRenderFlush();
    await wait(6);
    await this.#instance.waitUntilRenderFlush();
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
  }

  /** The rows as the operator sees them, right-trimmed. */
  lines(): string[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from({ length: this.#terminal.rows }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? "");
  }

  text(): string {
    return this.lines().join("\n");
  }

  /** The first row that matches; fails with the screen when none does. */
  row(wanted: RegExp): string {
    const found = this.lines().find((line) => wanted.test(line));
    if (found === undefined) throw new Error(`no row matches ${wanted}:\n${this.text()}`);
    return found;
  }

  /** What stands at the last column of each row. */
  lastColumn(): string[] {
    const buffer = this.#terminal.buffer.active;
    const { cols, rows } = this.#terminal;
    return Array.from(
      { length: rows },
      (_, row) =>
        buffer
          .getLine(row)
          ?.getCell(cols - 1)
          ?.getChars() ?? "",
    );
  }

  /** How the first cell of `words` in the first matching row is drawn. */
  look(words: string): { dim: boolean; inverse: boolean; bold: boolean; colour: number } {
    const buffer = this.#terminal.buffer.active;
    for (let row = 0; row < this.#terminal.rows; row++) {
      const line = buffer.getLine(row);
      const column = line?.translateToString(true).indexOf(words) ?? -1;
      const cell = column < 0 ? undefined : line?.getCell(column);
      if (cell === undefined) continue;
      return {
        dim: cell.isDim() !== 0,
        inverse: cell.isInverse() !== 0,
        bold: cell.isBold() !== 0,
        colour: cell.getFgColor(),
      };
    }
    throw new Error(`nowhere on the screen: ${words}\n${this.text()}`);
  }

  /** The first word of the row that the cursor is on. */
  cursor(): string | undefined {
    const buffer = this.#terminal.buffer.active;
    for (let row = 0; row < this.#terminal.rows; row++) {
      const line = buffer.getLine(row);
      let inverse = "";
      for (let column = 0; column < this.#terminal.cols; column++) {
        const cell = line?.getCell(column);
        if (cell !== undefined && cell.isInverse() !== 0) inverse += cell.getChars() || " ";
      }
      // A tab's name and a text cursor are inverse too, and shorter than any row.
      if (inverse.length > 30) return inverse.trim().split(" ")[0];
    }
    return undefined;
  }

  /** Rows that scrolled off the top; there must never be any. */
  get scrolledAway(): number {
    return this.#terminal.buffer.active.baseY;
  }

  /** Every byte written since the last call. */
  takeRaw(): string {
    const { raw } = this.#output;
    this.#output.raw = "";
    return raw;
  }

  async close(): Promise<void> {
    this.#instance.unmount();
    await this.#instance.waitUntilExit();
    this.#terminal.dispose();
  }
}

export const keys = {
  enter: "\r",
  escape: "\u001B",
  tab: "\t",
  shiftTab: "\u001B[Z",
  up: "\u001B[A",
  down: "\u001B[B",
  pageDown: "\u001B[6~",
  home: "\u001B[H",
  end: "\u001B[F",
  backspace: "\u007F",
  ctrlC: "\u0003",
  ctrlD: "\u0004",
  ctrlL: "\u000C",
  ctrlR: "\u0012",
  ctrlU: "\u0015",
  ctrlZ: "\u001A",
} as const;

/** A paste as a terminal brackets it. */
export const paste = (content: string): string => `\u001B[200~${content}\u001B[201~`;
