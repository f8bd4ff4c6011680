/**
 * `npm run bench:scale [NODES…]`: what the screen costs at 2, 20, 200 and 1000 nodes of twenty containers, with events at
 * five a node and minute and statistics for what is on the screen. Each size is a process of its own in a
 * pseudo-terminal of 200x50: first nothing is pressed, then containers are awaited on the screen, then keys are timed
 * from the press until another row is the selected one on the terminal. Cluster and screen share the process: the cost is
 * of both. On a machine that others use, `chrt -r 1 npm run bench:scale` lets root go before them (sched(7)).
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { textTable } from "../../src/cli/text-table.ts";
import { done } from "../lab/command.ts";
import { Terminal } from "../terminal/terminal.ts";
import { cpuMsOf, residentOf } from "./process-cost.ts";
import { containersPerNode, eventsPerNodeAndMinute, probeEveryMs } from "./scale-load.ts";
import { Selection } from "./selection.ts";
import { percentile } from "./spread.ts";

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [2, 20, 200, 1000];
const presses = 160;
const probes = 25;
/** After this long without a key the screen rests. */
const settleMs = 14_000;
const idleMs = 20_000;

/** What one size costs. */
interface Cost {
  nodes: number;
  liveMs: number;
  keys: readonly number[];
  /** Processor time of a key and its frame, without what the idle screen takes. */
  keyCpuMs: number;
  events: readonly number[];
  /** Of one core, while nothing is pressed. */
  idlePercent: number;
  residentBytes: number;
}

/** What is promised, and of which sizes. */
const bounds: Readonly<Record<number, Partial<Record<"keyP95" | "eventP95" | "idle" | "resident", string>>>> = {
  2: { keyP95: "33 ms" },
  20: { keyP95: "33 ms" },
  200: { keyP95: "33 ms", eventP95: "200 ms", idle: "10 %", resident: "300 MB" },
  1000: { keyP95: "50 ms" },
};

const root = path.resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-scale-"));
try {
  // As the program itself is: one bundle of the production build.
  const program = path.join(folder, "program");
  await done([
    process.execPath,
    path.join(root, "build/bundle.js"),
    path.join(root, "test/bench/scale-cluster.ts"),
    program,
  ]);
  const costs: Cost[] = [];
  for (const nodes of sizes) costs.push(await measure(nodes, path.join(program, "scale-cluster.js")));
  process.stdout.write(`${costTable(costs)}\n\n${growthTable(costs)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(nodes: number, program: string): Promise<Cost> {
  const events = path.join(folder, `events-${nodes}`);
  let selection: Selection | undefined;
  const start = performance.now();
  const terminal = new Terminal([process.execPath, program, String(nodes), events], {
    columns: 200,
    rows: 50,
    env: { NODE_ENV: "production" },
    onOutput: () => selection?.heard(),
  });
  try {
    await terminal.shows(new RegExp(`${nodes}/${nodes} nodes live`), 60);
    const liveMs = performance.now() - start;
    await wait(settleMs);
    const before = cpuMsOf(terminal.pid);
    await wait(idleMs);
    const idlePercent = ((cpuMsOf(terminal.pid) - before) / idleMs) * 100;
    const residentBytes = residentOf(terminal.pid);
    terminal.signal("SIGUSR2");
    await wait((probes + 1) * probeEveryMs);
    terminal.signal("SIGUSR2");
    const paints = readFileSync(events, "utf8").trim().split("\n").map(Number);
    terminal.press("4");
    await terminal.shows(/▸4 Containers/);
    selection = new Selection(terminal);
    // Off the first row, from which no key leads up.
    for (let row = 0; row < 5; row++) await selection.moves("j");
    const keys: number[] = [];
    const pressing = { at: performance.now(), cpuMs: cpuMsOf(terminal.pid) };
    for (let press = 0; press < presses; press++) {
      await wait(80 + (press % 7) * 20);
      keys.push(await selection.moves(press % 20 < 10 ? "j" : "k"));
    }
    const idleCpuMs = ((performance.now() - pressing.at) * idlePercent) / 100;
    const keyCpuMs = Math.max(0, cpuMsOf(terminal.pid) - pressing.cpuMs - idleCpuMs) / presses;
    return { nodes, liveMs, keys, keyCpuMs, events: paints, idlePercent, residentBytes };
  } finally {
    await terminal.close();
  }
}

/** Each size with its bounds in brackets beside what they bind. */
function costTable(costs: readonly Cost[]): string {
  const beside = (measured: string, bound: string | undefined): string =>
    bound === undefined ? measured : `${measured} (${bound})`;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const rows = costs.map(({ nodes, liveMs, keys, events, idlePercent, residentBytes }) => {
    const promised = bounds[nodes] ?? {};
    return [
      ...[String(nodes), String(nodes * containersPerNode), ms(liveMs), ms(percentile(keys, 50))],
      beside(ms(percentile(keys, 95)), promised.keyP95),
      ...[ms(percentile(events, 50)), beside(ms(percentile(events, 95)), promised.eventP95)],
      beside(`${idlePercent.toFixed(1)} %`, promised.idle),
      beside(`${Math.round(residentBytes / 1e6)} MB`, promised.resident),
    ];
  });
  const head = ["NODES", "CONTAINERS", "ALL LIVE", "KEY P50", "KEY P95", "EVENT P50", "EVENT P95", "IDLE", "RESIDENT"];
  const meaning = [
    "key: from the press until another row stands selected on the terminal, events beside it",
    "event: from an engine's change until its row is written to the terminal",
    "idle: processor while nothing is pressed, of one core; in brackets what is promised of that size",
  ];
  return [textTable([head, ...rows]), ...meaning].join("\n");
}

/** What is data may grow as the nodes do, and no faster; what is painting stays. */
function growthTable(costs: readonly Cost[]): string {
  const [smallest] = costs;
  const rows = costs.map((cost, index) => {
    const before = costs[index - 1];
    const perEvent = (cost.idlePercent * 10) / ((eventsPerNodeAndMinute * cost.nodes) / 60);
    const times = (of: (one: Cost) => number): string =>
      before === undefined ? "" : `x${(of(cost) / Math.max(0.01, of(before))).toFixed(1)}`;
    const more = smallest === undefined ? 0 : cost.nodes - smallest.nodes;
    const perNode =
      smallest === undefined || more === 0 ? undefined : (cost.residentBytes - smallest.residentBytes) / more;
    return [
      String(cost.nodes),
      before === undefined ? "" : `x${cost.nodes / before.nodes}`,
      times((one) => one.liveMs),
      times((one) => one.idlePercent),
      times((one) => one.residentBytes),
      times((one) => percentile(one.keys, 50)),
      times((one) => percentile(one.events, 50)),
      `${cost.keyCpuMs.toFixed(1)} ms`,
      `${perEvent.toFixed(1)} ms`,
      perNode === undefined ? "" : `${Math.round(perNode / 1000)} kB`,
    ];
  });
  const head = [
    "NODES",
    "MORE",
    "ALL LIVE",
    "IDLE",
    "RESIDENT",
    "KEY P50",
    "EVENT P50",
    "CPU A KEY",
    "CPU AN EVENT",
    "MEMORY A NODE",
  ];
  const rule = "data (all live, idle, resident) may grow as the nodes do; painting (key, event) stays: about x1";
  return `${textTable([head, ...rows])}\n${rule}`;
}
