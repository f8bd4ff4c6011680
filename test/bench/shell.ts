import { setTimeout as wait } from "node:timers/promises";
import { Lab } from "../lab/lab.ts";
import { openScreen, program } from "../lab/on-screen.ts";
import { Terminal } from "../terminal/terminal.ts";
import { type Figure, spread } from "./figure.ts";
import { percentile } from "./spread.ts";

const keystrokes = 100;
const size = { columns: 100, rows: 30 };

/**
 * From a key to its echo in a shell on the far node: from the panes, from `ovl-tui exec`, and as a person without the
 * program would have it, `ssh -t NODE docker exec -it CONTAINER bash`. Key by key in turn, so that whatever else the
 * machine does falls on all of them.
 */
export async function shellFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench-shell" });
  const shells: Echoes[] = [];
  try {
    const terminal = (argv: readonly string[]) => new Echoes((onOutput) => new Terminal(argv, { ...size, onOutput }));
    const plain = terminal([...lab.sshCommand("node104"), "-t", "docker exec -it node1 bash"]);
    const exec = terminal(lab.inSwitch([...program, "exec", "--config", lab.configFile, "node1"]));
    const panes = new Echoes((onOutput) => openScreen(lab, { ...size, onOutput }));
    shells.push(plain, exec, panes);
    await panes.terminal.shows(/2\/2 nodes live/, 60);
    panes.terminal.press("4");
    await panes.terminal.shows(/▸4 Containers/);
    panes.terminal.press("G", "x");
    for (const one of shells) await one.terminal.shows(/root@node1:.*# /, 30);
    for (let key = 0; key < keystrokes; key++) {
      for (const one of shells) await one.echo();
      await wait(5);
    }
    const above = (one: Echoes) => `${(percentile(one.times, 50) - percentile(plain.times, 50)).toFixed(1)} ms above`;
    return [
      { what: "key to echo, `ssh -t NODE docker exec -it`", measured: fine(plain.times), bound: "" },
      {
        what: "key to echo, a shell from the panes",
        measured: `${fine(panes.times)}, ${above(panes)}`,
        bound: "30 ms above",
      },
      { what: "key to echo, `ovl-tui exec`", measured: `${fine(exec.times)}, ${above(exec)}`, bound: "30 ms above" },
    ];
  } finally {
    await Promise.all(shells.map((one) => one.terminal.close()));
    await lab.down();
  }
}

/** Milliseconds, with tenths of the median: an echo takes few of them. */
const fine = (times: readonly number[]): string => spread(times).replace(/^\d+/, percentile(times, 50).toFixed(1));

/** A shell in a terminal, and how long its echoes take. */
class Echoes {
  readonly times: number[] = [];
  readonly terminal: Terminal;
  #heard: (() => void) | undefined;

  /** `open` gets what listens to the terminal. */
  constructor(open: (onOutput: (data: string) => void) => Terminal) {
    this.terminal = open((data) => {
      if (data.includes("a")) this.#heard?.();
    });
  }

  /** Types one key, and takes the line away before it is full. */
  async echo(): Promise<void> {
    if (this.times.length % 40 === 39) this.terminal.press("\x15");
    await wait(2);
    const heard = new Promise<void>((resolve) => {
      this.#heard = resolve;
    });
    const began = performance.now();
    this.terminal.press("a");
    await heard;
    this.times.push(performance.now() - began);
  }
}
