import path from "node:path";
import { done } from "../lab/command.ts";
import { Terminal } from "../terminal/terminal.ts";
import { type Figure, spread } from "./figure.ts";

const runs = 9;
const root = path.resolve(import.meta.dirname, "../..");

/** The self-contained executable and the program on Node, each with the demo: how long until the first frame stands. */
export async function binaryFigures(): Promise<Figure[]> {
  await done([process.execPath, path.join(root, "build/binary.js")]);
  const executable = [path.join(root, "dist/ovl-tui-linux-x64"), "demo"];
  const onNode = [process.execPath, path.join(root, "bin/ovl-tui.js"), "demo"];
  const times: { executable: number; onNode: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const time = { executable: await firstFrame(executable), onNode: await firstFrame(onNode) };
    // The first run warms the disk's cache and the compile cache.
    if (run > 0) times.push(time);
  }
  return [
    { what: "first frame of the executable", measured: spread(times.map((one) => one.executable)), bound: "400 ms" },
    { what: "the same on Node, for comparison", measured: spread(times.map((one) => one.onNode)), bound: "" },
  ];
}

/** Milliseconds from the start of the process until its first frame stands on the terminal. */
async function firstFrame(command: readonly string[]): Promise<number> {
  const began = performance.now();
  const screen = new Terminal(command, { columns: 200, rows: 50 });
  try {
    await screen.shows(/1 Nodes/, 20);
    return performance.now() - began;
  } finally {
    await screen.close();
  }
}
