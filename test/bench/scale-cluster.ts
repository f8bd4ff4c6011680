/**
 * One size of `npm run bench:scale`, in a process of its own: the built screen on an in-memory cluster whose containers
 * come and go, five events a node and minute. Its arguments: nodes, and the file for the times from event to paint, ms.
 */
import { appendFileSync } from "node:fs";

const eventsPerNodeAndMinute = 5;
const containersPerNode = 20;
const probeEveryMs = 900;

const [nodes = "2", results = "/dev/null"] = process.argv.slice(2);
const built = (file: string): string => new URL(`../../dist/${file}`, import.meta.url).href;
const { createDemo }: typeof import("../../src/demo/demo.ts") = await import(built("demo/demo.js"));
const { showDemo }: typeof import("../../src/cli/demo.ts") = await import(built("cli/demo.js"));
const { systemClock }: typeof import("../../src/adapters/system-clock.ts") = await import(
  built("adapters/system-clock.js")
);

const world = createDemo({ nodes: Number(nodes), containersPerNode, seed: 1, clock: systemClock });
const names = world.spec.nodes.map((node) => node.name);

// What comes goes again, so that the cluster keeps its size.
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
setInterval(() => {
  const first = names[0] ?? "";
  if (probes > 0) world.removeContainer(first, `a-probe-${probes}`);
  probes += 1;
  awaited = { name: `a-probe-${probes}`, since: performance.now() };
  world.startContainer(first, awaited.name);
}, probeEveryMs);

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((chunk: string | Uint8Array, ...rest: []) => {
  if (awaited !== undefined && String(chunk).includes(awaited.name)) {
    appendFileSync(results, `${performance.now() - awaited.since}\n`);
    awaited = undefined;
  }
  return write(chunk, ...rest);
}) as typeof process.stdout.write;

await showDemo(world, { bare: false, readOnly: false }, import(built("ui/start.js")));
process.exit();
