import { existsSync } from "node:fs";
import { ran } from "./command.ts";

interface Running {
  what: string;
  began: number;
  /** What the step has put on the disk so far. */
  megabytes: number;
}

const running = new Set<Running>();

/**
 * Tells on stderr what is being done, how long it takes and how large what it makes at `places` becomes. On a terminal each
 * step has a line that moves until it ends; elsewhere there is a line at the begin and one at the end.
 */
export async function step<T>(what: string, work: () => Promise<T>, places: readonly string[] = []): Promise<T> {
  const mine: Running = { what, began: Date.now(), megabytes: 0 };
  const measure = async () => {
    mine.megabytes = await sizeOf(places);
  };
  running.add(mine);
  if (!process.stderr.isTTY) process.stderr.write(`${what} …\n`);
  const painter = setInterval(paint, 250);
  const meter = setInterval(measure, 2000);
  try {
    const result = await work();
    clearInterval(meter);
    await measure();
    running.delete(mine);
    write(`${words(mine)}\n`);
    return result;
  } catch (error) {
    running.delete(mine);
    write(`${words(mine)}: failed\n`);
    throw error;
  } finally {
    clearInterval(painter);
    clearInterval(meter);
  }
}

const words = ({ what, began, megabytes }: Running): string =>
  `${what}: ${((Date.now() - began) / 1000).toFixed(1)} s${megabytes > 0 ? `, ${megabytes} MB` : ""}`;

/** How many lines below what stays are drawn anew each time; the cursor is at the end of the last. */
let drawn = 0;

function paint(): void {
  if (process.stderr.isTTY) process.stderr.write(erased() + moving());
}

/** A line that stays, above those that move. */
function write(text: string): void {
  process.stderr.write(process.stderr.isTTY ? erased() + text + moving() : text);
}

/** Back to the begin of the first line that moves, and nothing from there on (console_codes(4): CUU, ED). */
function erased(): string {
  const up = drawn > 1 ? `\x1b[${drawn - 1}A` : "";
  drawn = 0;
  return `\r${up}\x1b[J`;
}

function moving(): string {
  const width = (process.stderr.columns ?? 80) - 1;
  const lines = [...running].map(words).map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
  drawn = lines.length;
  return lines.join("\n");
}

async function sizeOf(places: readonly string[]): Promise<number> {
  const there = places.filter((place) => existsSync(place));
  if (there.length === 0) return 0;
  // Files come and go while it looks: what it could not see is no reason to stop.
  const { stdout } = await ran(["du", "-scxm", ...there], { seconds: 30 });
  return Number(/^(\d+)\s+total$/m.exec(stdout)?.[1] ?? 0);
}
