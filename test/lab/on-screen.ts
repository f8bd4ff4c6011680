import path from "node:path";
import { Terminal, type TerminalOptions } from "../terminal/terminal.ts";
import type { Lab } from "./lab.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The built program, as an operator would start it: `npm test` builds it before anything runs. */
export const program = [process.execPath, path.join(root, "bin/ovl-tui.js")];

/** Opens the program's screen where the lab's hosts can be reached. */
export function openScreen(lab: Lab, options: Partial<TerminalOptions> & { args?: readonly string[] } = {}): Terminal {
  const { args = ["--config", lab.configFile], columns = 160, rows = 45, ...rest } = options;
  return new Terminal(lab.inSwitch([...program, ...args]), { columns, rows, ...rest });
}

/** A row of a pane that begins with `name`, up to the pane's border, as a pattern. */
export const row = (name: string, ...words: readonly string[]): RegExp =>
  new RegExp(`│ ${[name, ...words].join("[^│]*\\s")}(?=[\\s│])`);
