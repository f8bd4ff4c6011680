/**
 * `npm run bench [screen|set-up|pool|logs|ping|shell|transport|binary]`: what the program takes on real hosts, each
 * figure beside its bound. The screen on two hosts with twenty containers; from bare hosts to a ping, and to a pool; logs; pings; a key
 * to its echo in a shell; two hundred connections; the executable's start. A table, no judgement: machines differ.
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

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  screen: screenFigures,
  "set-up": setUpFigures,
  pool: poolFigures,
  logs: logFigures,
  ping: pingFigures,
  shell: shellFigures,
  transport: transportFigures,
  binary: binaryFigures,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const chosen = wanted.map((name) => benches[name]).filter((bench) => bench !== undefined);
const obstacle =
  chosen.length < wanted.length ? `npm run bench takes ${Object.keys(benches).join(" and ")}` : labObstacle();
if (obstacle !== undefined) {
  process.stderr.write(`${obstacle}\n`);
  process.exit(2);
}
await done(["npm", "run", "--silent", "--prefix", path.resolve(import.meta.dirname, "../.."), "build"]);
const figures: Figure[] = [];
// One after the other: side by side each would measure the other.
for (const bench of chosen) figures.push(...(await bench()));
process.stdout.write(`${figureTable(figures)}\n`);
