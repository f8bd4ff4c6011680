import { setTimeout as wait } from "node:timers/promises";
import { Lab } from "../lab/lab.ts";
import { openScreen } from "../lab/on-screen.ts";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { type Figure, spread } from "./figure.ts";
import { cpuMsOf, residentOf } from "./process-cost.ts";

/** Lines of 80 characters, a tenth of a second's worth at a time. */
const flood = `line=$(printf '%064d' 0)
while :; do seq -f "%015g $line" 1 5000; sleep 0.1; done`;
const seconds = 60;
const presses = 60;

/** A container that prints up to 50,000 lines a second, followed for a minute: what a key takes meanwhile, and what memory does. */
export async function logFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench-logs" });
  try {
    const node = lab.node("node104");
    // The engine's own file must not fill the disk.
    const limits = ["--log-opt", "max-size=20m", "--log-opt", "max-file=2"];
    await node.docker("run", "-d", "--name", "flood", ...limits, "big_computing", "sh", "-c", flood);
    const screen = openScreen(lab, { columns: 200, rows: 50 });
    try {
      await screen.shows(/2\/2 nodes live/, 30);
      screen.press("4", "/", "flood", keys.enter, "l");
      await screen.shows(/older ones are gone/, 60);
      return await measured(screen);
    } finally {
      await screen.close();
    }
  } finally {
    await lab.down();
  }
}

async function measured(screen: Terminal): Promise<Figure[]> {
  const linesBefore = goneOn(screen);
  const cpuBefore = cpuMsOf(screen.pid);
  const began = performance.now();
  const memory: number[] = [];
  const times: number[] = [];
  for (let press = 0; press < presses; press++) {
    memory.push(residentOf(screen.pid));
    times.push(await keyToScreen(screen));
    await wait(Math.max(0, began + ((press + 1) * seconds * 1000) / presses - performance.now()));
  }
  const passed = (performance.now() - began) / 1000;
  const rate = (goneOn(screen) - linesBefore) / passed;
  const percent = (cpuMsOf(screen.pid) - cpuBefore) / (passed * 10);
  const third = (part: number): number => {
    const some = memory.slice((part * memory.length) / 3, ((part + 1) * memory.length) / 3);
    return Math.round(some.reduce((sum, one) => sum + one, 0) / some.length / 1e6);
  };
  return [
    { what: "log lines followed", measured: `${Math.round(rate)} lines/s`, bound: "50,000 lines/s" },
    { what: "a key while they are followed", measured: spread(times), bound: "50 ms" },
    {
      what: `resident memory, thirds of ${seconds} s`,
      measured: `${third(0)}, ${third(1)}, ${third(2)} MB`,
      bound: "flat",
    },
    { what: "processor meanwhile", measured: `${Math.round(percent)} %`, bound: "" },
  ];
}

/** Lines that fell out of the ring, as the frame says. */
const goneOn = (screen: Terminal): number => Number(/(\d+) older ones are gone/.exec(screen.text())?.[1] ?? "0");

/** Milliseconds from a key (times on and off) to the screen that shows what it did. */
async function keyToScreen(screen: Terminal): Promise<number> {
  const stamped = /│ \d\d:\d\d:\d\d\.\d{3} /;
  const wasOn = stamped.test(screen.text());
  const began = performance.now();
  screen.press("t");
  if (wasOn) await screen.hides(stamped, 5);
  else await screen.shows(stamped, 5);
  return performance.now() - began;
}
