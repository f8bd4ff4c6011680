/**
 * One size of `npm run bench:scale`, in a process of its own: the screen on an in-memory cluster whose containers come and
 * go, five events a node and minute. Its arguments: nodes, and the file for the times from event to paint, ms. SIGUSR2
 * begins and ends those: containers that are awaited on the screen, beside the others.
 */
import { appendFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { showDemo } from "../../src/cli/demo.ts";
import { createDemo } from "../../src/demo/demo.ts";
import { containersPerNode, eventsPerNodeAndMinute, probeEveryMs } from "./scale-load.ts";

// As bin/ovl-tui.js does; on the command line it would come too late.
setFlagsFromString("--semi-space-growth-factor=1");

const [nodes = "2", results = "/dev/null"] = process.argv.slice(2);
const world = createDemo({ nodes: Number(nodes), containersPerNode, seed: 1, clock: systemClock });
const names = world.spec.nodes.map((node) => node.name);

// What comes goes again, so that the cluster keeps its size. A step apart that has no divisor with any size.
const passing: { node: string; name: string }[] = [];
let number = 0;
setInterval(
  () => {
    number += 1;
    const gone = passing.length > 5 ? passing.shift() : undefined;
    if (gone !== undefined) return world.removeContainer(gone.node, gone.name);
    const node = names[(number * 7919) % names.length] ?? "";
    const name = `passing-${number}`;
    world.startContainer(node, name);
    passing.push({ node, name });
  },
  60_000 / (eventsPerNodeAndMinute * names.length),
);

// On the first node, where the list begins, with a name that sorts first: it is seen as soon as it is painted.
let awaited: { name: string; since: number } | undefined;
let probes = 0;
let probing: NodeJS.Timeout | undefined;
process.on("SIGUSR2", () => {
  if (probing === undefined) probing = setInterval(probe, probeEveryMs);
  else clearInterval(probing);
});

function probe(): void {
  const first = names[0] ?? "";
  // Two that follow each other begin with different letters: Ink writes no more of a row than what differs.
  const name = (count: number) => `${count % 2 === 0 ? "a" : "b"}-probe-${count}`;
  if (probes > 0) world.removeContainer(first, name(probes));
  probes += 1;
  awaited = { name: name(probes), since: performance.now() };
  world.startContainer(first, awaited.name);
}

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((chunk: string | Uint8Array, ...rest: []) => {
  if (awaited !== undefined && String(chunk).includes(awaited.name)) {
    appendFileSync(results, `${performance.now() - awaited.since}\n`);
    awaited = undefined;
  }
  return write(chunk, ...rest);
}) as typeof process.stdout.write;

await showDemo(world, { bare: false, readOnly: false }, import("../../src/ui/start.ts"));
process.exit();
