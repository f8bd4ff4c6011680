/**
 * The connections of `npm run bench:transport`, in a process of their own in the lab's network: many links of the
 * program's own adapter to one sshd, each with the engine's events forwarded through it. Arguments: the lab's file, the
 * port of sshd, how many. Needs `--expose-gc`.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { createWorld } from "../../src/adapters/world.ts";
import { readSpec } from "../../src/cli/spec-file.ts";
import { asNodeName } from "../../src/domain/ids.ts";
import { isUp } from "../../src/domain/link.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import type { TransportReport } from "./transport-load.ts";

const idleMs = 30_000;
const delayStepMs = 5;

const [configFile = "", port = "22", count = "200"] = process.argv.slice(2);
const spec = readSpec(configFile);
const [host] = spec.nodes;
if (host === undefined) throw new Error(`${configFile} names no node`);
const world = createWorld();
/** Whatever is asked is refused: a benchmark has nobody to ask. */
const prompter = { ask: async () => ({ kind: "refuse" }) as const };

/** Resolves once the link is up; fails where it needs a person. */
function up({ link }: NodeAccess): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (isUp(link.state)) resolve();
      else if (link.state.state === "refused") reject(new Error(JSON.stringify(link.state.trouble)));
    };
    link.onState(look);
    look();
  });
}

async function engineAnswers({ engine }: NodeAccess): Promise<void> {
  const answer = await engine.ping({ ms: 60_000 });
  if (!answer.ok) throw new Error(JSON.stringify(answer.trouble));
}

const collected = (): NodeJS.MemoryUsage => {
  globalThis.gc?.();
  return process.memoryUsage();
};

const delays = monitorEventLoopDelay({ resolution: delayStepMs });
/** Above the step of the measurement itself. */
const delayed = (): { p99: number; most: number } => ({
  p99: Math.max(0, delays.percentile(99) / 1e6 - delayStepMs),
  most: Math.max(0, delays.max / 1e6 - delayStepMs),
});

// What is loaded when the first connection is made belongs to no connection.
const first = world.node(host, spec, prompter);
await up(first);
await engineAnswers(first);
await first.link.close();
await wait(500);

const before = collected();
delays.enable();
const cpu = process.cpuUsage();
const began = performance.now();
const nodes = Array.from({ length: Number(count) }, (_, number) => {
  const name = asNodeName(`node${number}`);
  if (name === undefined) throw new Error("a node's name");
  return world.node({ ...host, name, ssh: { ...host.ssh, port: Number(port) } }, spec, prompter);
});
await Promise.all(nodes.map(up));
const allLiveMs = performance.now() - began;
await Promise.all(nodes.map(engineAnswers));
const allAnsweredMs = performance.now() - began;
const connecting = process.cpuUsage(cpu);
const connectDelayMs = delayed();

const troubled = new Set<NodeAccess>();
await Promise.all(
  nodes.map(
    (node) =>
      new Promise<void>((opened) => {
        node.link.onState((state) => {
          if (state.state === "lost" || state.state === "refused") troubled.add(node);
        });
        node.engine.events(undefined, { opened, event: () => {}, ended: () => troubled.add(node) });
      }),
  ),
);
await wait(2000);
delays.reset();
const resting = process.cpuUsage();
await wait(idleMs);
const idle = process.cpuUsage(resting);
const idleDelayMs = delayed();
const held = nodes.length - troubled.size;
const after = collected();
const report: TransportReport = {
  ...{ allLiveMs, allAnsweredMs, connectDelayMs, idleDelayMs, held },
  connectCpuMs: (connecting.user + connecting.system) / 1000,
  residentEach: (after.rss - before.rss) / nodes.length,
  heapEach: (after.heapUsed - before.heapUsed) / nodes.length,
  residentBytes: after.rss,
  idlePercent: (idle.user + idle.system) / 10 / idleMs,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
await Promise.all(nodes.map((node) => node.link.close()));
process.exit();
