/**
 * `npm run bench:scale`: what the screen costs at 2, 20, 200 and 1000 nodes of twenty containers, with events at five a
 * node and minute. Each size is a process of its own in a pseudo-terminal of 200x50; keys are timed from the press to the
 * first byte that comes back. A table, no judgement: machines differ.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { textTable } from "../../src/cli/text-table.ts";
import { done } from "../lab/command.ts";
import { Terminal } from "../terminal/terminal.ts";
import { cpuMsOf, residentOf } from "./process-cost.ts";
import { percentile } from "./spread.ts";

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [2, 20, 200, 1000];
const presses = 60;
const idleMs = 20_000;

const root = path.resolve(import.meta.dirname, "../..");
await done(["npm", "run", "--silent", "--prefix", root, "build"]);
const rows: string[][] = [];
for (const nodes of sizes) rows.push(await measure(nodes));
const head = [
  "NODES",
  "CONTAINERS",
  "ALL LIVE",
  "KEY P50",
  "KEY P95",
  "EVENT P50",
  "EVENT P95",
  "IDLE CPU",
  "RESIDENT",
];
process.stdout.write(`${textTable([head, ...rows])}\n`);
process.stdout.write("bounds: key p95 33 ms up to 200 nodes, 50 ms at 1000; at 200 event p95 200 ms, 10 %, 300 MB\n");

async function measure(nodes: number): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-scale-"));
  const events = path.join(folder, "events");
  let answered: (() => void) | undefined;
  const start = performance.now();
  const script = path.join(import.meta.dirname, "scale-cluster.ts");
  const terminal = new Terminal([process.execPath, "--no-warnings", script, String(nodes), events], {
    columns: 200,
    rows: 50,
    env: { NODE_ENV: "production" },
    onOutput: () => answered?.(),
  });
  try {
    await terminal.shows(new RegExp(`${nodes}/${nodes} nodes live`), 60);
    const live = performance.now() - start;
    await wait(5000);
    const before = cpuMsOf(terminal.pid);
    await wait(idleMs);
    const idle = ((cpuMsOf(terminal.pid) - before) / idleMs) * 100;
    terminal.press("4");
    await wait(500);
    const keys: number[] = [];
    for (let press = 0; press < presses; press++) {
      await wait(80 + (press % 7) * 20);
      const pressed = performance.now();
      const painted = new Promise<void>((resolve) => {
        answered = resolve;
      });
      terminal.press(press % 20 < 10 ? "j" : "k");
      await painted;
      keys.push(performance.now() - pressed);
      answered = undefined;
    }
    const paints = readFileSync(events, "utf8").trim().split("\n").map(Number);
    const ms = (value: number) => `${value.toFixed(0)} ms`;
    return [
      String(nodes),
      String(nodes * 20),
      ms(live),
      ms(percentile(keys, 50)),
      ms(percentile(keys, 95)),
      ms(percentile(paints, 50)),
      ms(percentile(paints, 95)),
      `${idle.toFixed(1)} %`,
      `${Math.round(residentOf(terminal.pid) / 1e6)} MB`,
    ];
  } finally {
    await terminal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
