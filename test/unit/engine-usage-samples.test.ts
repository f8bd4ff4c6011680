import { afterEach, expect, test } from "vitest";
import { createEngine } from "../../src/adapters/engine/engine.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { Usage } from "../../src/domain/engine.ts";
import { asContainerId, asNodeName, type ContainerId } from "../../src/domain/ids.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import { type FakeEngine, fakeEngine, json } from "./fake-engine.ts";

const node = asNodeName("node103") ?? expect.fail();
const id = (digit: string): ContainerId => asContainerId(digit.repeat(64)) ?? expect.fail();
const patience = { timeout: 30_000 };

let fake: FakeEngine | undefined;
afterEach(() => fake?.stop());

/** An engine where streams are few, which answers each question for statistics with one sample, the next one higher. */
async function samplingEngine(gone: ReadonlySet<string> = new Set()) {
  let sample = 0;
  let most = 0;
  let open = 0;
  fake = await fakeEngine((path, response) => {
    const [, asked] = /^\/v1\.41\/containers\/([0-9a-f]{64})\/stats$/.exec(path) ?? expect.fail(path);
    if (gone.has(asked ?? "")) {
      response.statusCode = 404;
      return json(response, { message: "No such container" });
    }
    sample++;
    most = Math.max(most, ++open);
    const cpu = { cpu_usage: { total_usage: sample * 100 }, system_cpu_usage: sample * 1000, online_cpus: 2 };
    setTimeout(() => {
      open--;
      json(response, { cpu_stats: cpu, precpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: { usage: 7 } });
    }, 20);
  }, "1.41");
  const { transport } = fake;
  const engine = createEngine(Object.assign(transport, { fewStreams: true }), node, systemClock);
  return { engine, asked: fake.asked, most: () => most };
}

test("where streams are few, usage is asked for again and again, and its second sample has a CPU figure", async () => {
  const { engine, asked } = await samplingEngine();
  const seen: Usage[] = [];
  const stream = engine.usage(id("a"), { usage: (usage) => seen.push(usage), ended: () => expect.fail() });
  expect(seen).toEqual([]);
  await expect.poll(() => seen.length, patience).toBe(2);
  stream.close();
  expect(seen[0]).toMatchObject({ cpuPercent: undefined, memoryBytes: 7 });
  expect(seen[1]).toMatchObject({ cpuPercent: 20 });
  expect(asked.filter((url) => url.includes("/stats"))).toEqual(
    Array.from({ length: 2 }, () => `/v1.41/containers/${id("a")}/stats?stream=false&one-shot=true`),
  );
  engine.close();
});

test("however many containers there are, two questions are open at once, and each container has its turn", async () => {
  const { engine, most } = await samplingEngine();
  const seen = new Map<string, number>();
  const streams = [..."0123456789"].map((digit) =>
    engine.usage(id(digit), { usage: () => seen.set(digit, (seen.get(digit) ?? 0) + 1), ended: () => expect.fail() }),
  );
  await expect.poll(() => [...seen.values()].filter((count) => count >= 2).length, patience).toBe(10);
  expect(most()).toBe(2);
  for (const stream of streams) stream.close();
  engine.close();
});

test("a container that is gone ends, once, and the others go on", async () => {
  const { engine } = await samplingEngine(new Set([id("b")]));
  const ends: Trouble[] = [];
  const seen: Usage[] = [];
  engine.usage(id("b"), { usage: () => expect.fail(), ended: (trouble) => ends.push(trouble) });
  const other = engine.usage(id("a"), { usage: (usage) => seen.push(usage), ended: () => expect.fail() });
  await expect.poll(() => seen.length, patience).toBe(2);
  expect(ends).toMatchObject([{ kind: "engine-refused", status: 404 }]);
  other.close();
  engine.close();
});

test("a container that is followed no more is not asked for, and nothing stays behind", async () => {
  const { engine, asked } = await samplingEngine();
  const stream = engine.usage(id("a"), { usage: () => expect.fail(), ended: () => expect.fail() });
  stream.close();
  const seen: Usage[] = [];
  const other = engine.usage(id("c"), { usage: (usage) => seen.push(usage), ended: () => expect.fail() });
  await expect.poll(() => seen.length, patience).toBe(1);
  engine.close();
  other.close();
  expect(asked.filter((url) => url.includes(id("a")))).toEqual([]);
});
