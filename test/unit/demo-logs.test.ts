import { describe, expect, test } from "vitest";
import { createDemo, type Demo } from "../../src/demo/demo.ts";
import { parseStory } from "../../src/demo/story.ts";
import type { ContainerId } from "../../src/domain/ids.ts";
import type { LogLine } from "../../src/domain/logs/line.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { LogStart } from "../../src/ports/logs.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { ManualClock } from "../manual-clock.ts";

const begin = Date.UTC(2026, 10, 23, 14);
const iso = (at: number): string => new Date(at).toISOString().slice(0, 23);

async function open(start = begin) {
  const clock = new ManualClock(start);
  const demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 5, clock });
  const [, spec] = demo.spec.nodes;
  if (spec === undefined) throw new Error("two nodes");
  const access = demo.node(spec, demo.spec, { ask: async () => ({ kind: "refuse" }) });
  await clock.advance(1000);
  return { clock, demo, node: spec.name, ...access };
}

function tell(demo: Demo, entry: string): void {
  const parsed = parseStory(`story:\n  - { ${entry} }\n`, demo.cast);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  demo.play(parsed.story);
}

function follow({ logs }: Pick<NodeAccess, "logs">, id: ContainerId, start: LogStart = { tail: 1000 }) {
  const lines: LogLine[] = [];
  const ends: (Trouble | undefined)[] = [];
  logs.follow(id, start, { lines: (all) => lines.push(...all), ended: (trouble) => ends.push(trouble) });
  return { lines, ends };
}

/** The id of a container that ends by itself. */
async function make({ clock, control }: Awaited<ReturnType<typeof open>>, command: readonly string[]) {
  const of = { hostname: undefined, network: undefined, address: undefined, privileged: false, remove: false };
  const nothing = { terminal: false, environment: {}, mounts: [], stopSignal: undefined, labels: {} };
  const definition = { ...of, ...nothing, name: "made", image: "nginx:1.25", command, restart: "always" };
  const created = control.engine.createContainer(definition, { ms: 5000 });
  await clock.advance(1000);
  const id = await created;
  if (!id.ok) throw new Error(JSON.stringify(id.trouble));
  const started = control.engine.startContainer(id.value, { ms: 5000 });
  await clock.advance(500);
  expect(await started).toMatchObject({ ok: true });
  return id.value;
}

describe("the log of a container", () => {
  test("that was killed has what it said while it ran, and nothing from after its end", async () => {
    const at = await open();
    const { clock, demo, node } = at;
    const id = demo.startContainer(node, "report");
    await clock.advance(60_000);
    tell(demo, "at: 0, kill: report");
    await clock.advance(100_000);
    const { lines, ends } = follow(at, id);
    await clock.advance(1000);
    expect(ends).toEqual([undefined]);
    expect(lines.length).toBeGreaterThan(20);
    expect((lines.at(-1)?.at ?? "") < iso(begin + 62_000)).toBe(true);
  });

  test("ends with its last words at the time of its death, for who follows it as well", async () => {
    const at = await open();
    const { clock, demo, node } = at;
    const id = demo.startContainer(node, "report");
    const { lines, ends } = follow(at, id);
    await clock.advance(9000);
    tell(demo, "at: 0, die: report");
    await clock.advance(1000);
    expect(ends).toEqual([undefined]);
    expect(lines.at(-1)).toMatchObject({ words: "Killed", from: "stderr" });
    expect(lines.at(-1)?.at.slice(0, 23)).toBe(iso(begin + 10_000));
  });

  test("keeps what was said before a restart, in the order of the times", async () => {
    const at = await open();
    const { clock, demo, node } = at;
    const id = demo.startContainer(node, "report");
    await clock.advance(20_000);
    tell(demo, "at: 0, die: report");
    await clock.advance(20_000);
    const { lines } = follow(at, id);
    await clock.advance(1000);
    const death = lines.findIndex((one) => one.words === "Killed");
    expect(death).toBeGreaterThan(5);
    expect(lines.length - death).toBeGreaterThan(5);
    expect(lines.map((one) => one.at)).toEqual(lines.map((one) => one.at).sort());
  });

  test("that was run with --rm ends as its container does, not as one that was never there", async () => {
    const at = await open();
    const { clock, demo, engine, node } = at;
    const listed = engine.containers({ ms: 5000 });
    await clock.advance(1000);
    const outcome = await listed;
    const id = outcome.ok ? outcome.value.find((one) => one.name === "node1")?.id : undefined;
    if (id === undefined) throw new Error("no node1");
    const { ends } = follow(at, id);
    await clock.advance(1000);
    demo.stopContainer(node, "node1");
    await clock.advance(1000);
    expect(ends).toEqual([undefined]);
  });

  test("says the same of the same seed, whenever the demo was begun", async () => {
    const said = async (start: number) => {
      const at = await open(start);
      const { lines } = follow(at, at.demo.startContainer(at.node, "report"));
      await at.clock.advance(30_000);
      return lines.map(({ at: time, from, words }) => ({ ms: Date.parse(time) - start, from, words }));
    };
    expect((await said(begin)).length).toBeGreaterThan(5);
    expect(await said(begin + 123_456)).toEqual(await said(begin));
  });
});

describe("a container that falls over and is always started again", () => {
  const diedAt = async (command: string[], ms: number) => {
    const at = await open();
    const died: number[] = [];
    at.engine.events(undefined, {
      opened: () => {},
      event: ({ action }) => action === "die" && died.push(at.clock.now()),
      ended: () => {},
    });
    await make(at, command);
    await at.clock.advance(ms);
    return died.slice(1).map((one, index) => one - (died[index] ?? 0));
  };

  test("waits twice as long each time", async () => {
    expect((await diedAt(["false"], 2000)).slice(0, 4)).toEqual([150, 250, 450, 850]);
  });

  test("waits no longer than the first time when it ran for ten seconds", async () => {
    expect(await diedAt(["sleep", "12"], 50_000)).toEqual([12_150, 12_150, 12_150]);
  });
});
