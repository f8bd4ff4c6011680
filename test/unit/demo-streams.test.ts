import { describe, expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import { eventsKept } from "../../src/demo/event-log.ts";
import type { EngineEvent, Usage } from "../../src/domain/engine.ts";
import type { ContainerId } from "../../src/domain/ids.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Engine } from "../../src/ports/engine.ts";
import { ManualClock } from "../manual-clock.ts";

async function open() {
  const clock = new ManualClock();
  const demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 5, clock });
  const [, spec] = demo.spec.nodes;
  if (spec === undefined) throw new Error("two nodes");
  const access = demo.node(spec, demo.spec, { ask: async () => ({ kind: "refuse" }) });
  await clock.advance(1000);
  return { clock, demo, node: spec.name, ...access };
}

function listen(engine: Engine, since?: string) {
  const heard: EngineEvent[] = [];
  const ends: Trouble[] = [];
  engine.events(since, {
    opened: () => {},
    event: (event) => heard.push(event),
    ended: (trouble) => ends.push(trouble),
  });
  return { heard, ends };
}

function measure(engine: Engine, id: ContainerId) {
  const samples: Usage[] = [];
  const ends: Trouble[] = [];
  const stream = engine.usage(id, { usage: (usage) => samples.push(usage), ended: (trouble) => ends.push(trouble) });
  return { samples, ends, stream };
}

describe("the demo's events", () => {
  test("of the last 256 are kept for those who ask later", async () => {
    const { clock, demo, node, engine } = await open();
    // Each of these is three events: create, connect, start.
    for (let made = 0; made < 100; made++) demo.startContainer(node, `many-${made}`);
    const { heard } = listen(engine, "0");
    await clock.advance(1000);
    expect(heard).toHaveLength(eventsKept);
    expect(heard.at(-1)).toMatchObject({ action: "start", name: "many-99" });
  });

  test("that are dropped reach no listener, and come with since", async () => {
    const { clock, demo, node, engine } = await open();
    const live = listen(engine);
    await clock.advance(1000);
    demo.dropEvents(node, 3);
    const id = demo.startContainer(node, "unnoticed");
    demo.startContainer(node, "noticed");
    expect(live.heard.map((one) => one.name)).not.toContain("unnoticed");
    expect(live.heard.map((one) => one.name)).toContain("noticed");
    const late = listen(engine, "0");
    await clock.advance(1000);
    expect(late.heard.filter((one) => one.id === id).map((one) => one.action)).toEqual(["create", "start"]);
  });

  test("break off when the stream is cut, and can be had again", async () => {
    const { clock, demo, node, engine } = await open();
    const cut = listen(engine);
    await clock.advance(1000);
    demo.cutEventStream(node);
    demo.cutEventStream(node);
    expect(cut.ends).toHaveLength(1);
    const again = listen(engine);
    await clock.advance(1000);
    demo.startContainer(node, "after");
    expect(again.heard.map((one) => one.action)).toEqual(["create", "connect", "start"]);
    expect(cut.heard).toEqual([]);
  });

  test("said while no packet gets through arrive when the way opens in time", async () => {
    const { clock, demo, node, engine, link } = await open();
    const { heard, ends } = listen(engine);
    await clock.advance(1000);
    demo.breakNode(node, "link-down");
    demo.stopContainer(node, "web-2");
    await clock.advance(20_000);
    expect(heard).toEqual([]);
    demo.mendNode(node);
    await clock.advance(1000);
    expect(heard.map((one) => one.action)).toEqual(["kill", "die", "disconnect", "stop"]);
    expect(ends).toEqual([]);
    expect(link.state.state).toBe("live");
  });
});

describe("the demo's usage", () => {
  test("comes once a second, ends with the container, and is the same for the same seed", async () => {
    const run = async () => {
      const { clock, demo, node, engine } = await open();
      const id = demo.startContainer(node, "measured");
      const { samples, ends } = measure(engine, id);
      await clock.advance(10_500);
      expect(samples.length).toBeGreaterThanOrEqual(10);
      expect(samples.map((one) => one.cpuPercent === undefined)).toEqual([
        true,
        ...Array(samples.length - 1).fill(false),
      ]);
      expect(ends).toEqual([]);
      demo.removeContainer(node, "measured");
      await clock.advance(2000);
      expect(ends).toMatchObject([{ kind: "connection-lost" }]);
      return samples;
    };
    expect(await run()).toEqual(await run());
  });

  test("stops when its stream is closed", async () => {
    const { clock, demo, node, engine } = await open();
    const { samples, stream } = measure(engine, demo.startContainer(node, "measured"));
    await clock.advance(3500);
    stream.close();
    const before = samples.length;
    await clock.advance(10_000);
    expect(samples).toHaveLength(before);
  });
});

test("a slow node is slow, still answers, and is live again once mended", async () => {
  const { clock, demo, node, engine, link } = await open();
  demo.breakNode(node, "slow");
  await clock.advance(2000);
  expect(link.state).toMatchObject({ state: "slow", roundTripMs: 1500 });
  const hasty = engine.ping({ ms: 1000 });
  const patient = engine.ping({ ms: 5000 });
  await clock.advance(5000);
  expect(await hasty).toMatchObject({ ok: false, trouble: { kind: "timed-out" } });
  expect(await patient).toEqual({ ok: true, value: 1500 });
  demo.mendNode(node);
  await clock.advance(1000);
  expect(link.state.state).toBe("live");
});

test("nothing of a closed link goes on: no timer is left", async () => {
  const { clock, demo, node, engine, link } = await open();
  listen(engine);
  measure(engine, demo.startContainer(node, "measured"));
  const call = engine.containers({ ms: 10_000 });
  await link.close();
  expect(await call).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
  await clock.advance(0);
  expect(clock.waiting).toBe(0);
});
