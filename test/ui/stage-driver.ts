import xterm from "@xterm/headless";
import { frameText } from "../../src/ui/first-frame.ts";
import { keysOf } from "../../src/ui/keymap/keys.ts";
import type { Stage } from "../../src/ui/stage.ts";
import { noKey } from "./ink-keys.ts";

/** Keys that have a name of their own; everything else is typed. */
const named = new Set(["enter", "esc", "tab", "shift-tab", "up", "down", "left", "right", "space", "backspace"]);

/** A stage on a terminal emulator: keys by name in, the screen's rows out. */
export class StageDriver {
  readonly #stage: () => Stage;
  readonly #size: { columns: number; rows: number };

  constructor(stage: () => Stage, size: { columns: number; rows: number }) {
    this.#stage = stage;
    this.#size = size;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#stage().press(named.has(key) || key.startsWith("ctrl-") ? [key] : keysOf(key, noKey));
      await settle();
    }
  }

  async rows(): Promise<string[]> {
    await settle();
    const { columns, rows } = this.#size;
    const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    await new Promise<void>((resolve) => terminal.write(frameText(this.#stage().view()), resolve));
    const buffer = terminal.buffer.active;
    const lines = Array.from({ length: rows }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? "");
    terminal.dispose();
    return lines;
  }

  async text(): Promise<string> {
    return (await this.rows()).join("\n");
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
