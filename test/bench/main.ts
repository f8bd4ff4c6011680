/**
 * `npm run bench [screen|set-up|pool|logs|ping|shell|transport|binary]`: what the program takes on real hosts, each
 * figure beside its bound. The screen on two hosts with twenty containers; from bare hosts to a ping, and to a pool; logs;
 * pings; a key to its echo in a shell; two hundred connections; the executable's start, which needs no host. A table, no
 * judgement: machines differ.
 */
import path from "node:path";
import { done } from "../lab/command.ts";
import { labObstacle } from "../lab/lab.ts";
import { binaryFigures } from "./binary.ts";
import { type Figure, figureTable } from "./figure.ts";
import { logFigures } from "./logs.ts";
import { pingFigures } from "./ping.ts";
import { poolFigures } from "./pool.ts";
import { screenFigures } from "./screen.ts";
import { setUpFigures } from "./set-up.ts";
import { shellFigures } from "./shell.ts";
import { transportFigures } from "./transport.ts";

interface Bench {
  /** Whether it boots hosts, as the lab does. */
  onHosts: boolean;
  figures: () => Promise<Figure[]>;
}

const benches: Readonly<Record<string, Bench>> = {
  screen: { onHosts: true, figures: screenFigures },
  "set-up": { onHosts: true, figures: setUpFigures },
  pool: { onHosts: true, figures: poolFigures },
  logs: { onHosts: true, figures: logFigures },
  ping: { onHosts: true, figures: pingFigures },
  shell: { onHosts: true, figures: shellFigures },
  transport: { onHosts: true, figures: transportFigures },
  binary: { onHosts: false, figures: binaryFigures },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const chosen = wanted.map((name) => benches[name]).filter((bench) => bench !== undefined);

/** Why what is wanted cannot be measured here. */
function obstacle(): string | undefined {
  if (chosen.length < wanted.length) return `npm run bench takes any of ${Object.keys(benches).join(", ")}`;
  return chosen.some((bench) => bench.onHosts) ? labObstacle() : undefined;
}

const why = obstacle();
if (why !== undefined) {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
await done(["npm", "run", "--silent", "--prefix", path.resolve(import.meta.dirname, "../.."), "build"]);
const figures: Figure[] = [];
// One after the other: side by side each would measure the other.
for (const bench of chosen) figures.push(...(await bench.figures()));
process.stdout.write(`${figureTable(figures)}\n`);
