import { describe, expect, test } from "vitest";
import { clean } from "../../src/domain/text.ts";
import type { Question } from "../../src/ports/prompter.ts";
import { PromptQueue, refuseAll } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { CalmHolder, Holder } from "../../src/services/state.ts";
import { backoff } from "../../src/services/watch/backoff.ts";
import { EventFilter } from "../../src/services/watch/event-filter.ts";
import { ManualClock } from "../manual-clock.ts";
import { nodeNamed } from "../snapshots.ts";

describe("a calm state", () => {
  test("tells of the first change at once and of a burst at most ten times a second, the last value included", async () => {
    const clock = new ManualClock();
    const state = new CalmHolder(0, clock);
    const heard: number[] = [];
    state.listen(() => heard.push(state.get()));
    for (let value = 1; value <= 50; value++) {
      state.set(value);
      await clock.advance(10);
    }
    expect(heard[0]).toBe(1);
    expect(heard.length).toBeLessThanOrEqual(6);
    await clock.advance(200);
    expect(heard.at(-1)).toBe(50);
  });

  test("says nothing when nothing changed", async () => {
    const clock = new ManualClock();
    const state = new CalmHolder("same", clock);
    let heard = 0;
    state.listen(() => heard++);
    state.set("same");
    await clock.advance(1000);
    expect(heard).toBe(0);
  });

  test("forgets a listener that left", () => {
    const state = new Holder(0);
    let heard = 0;
    const leave = state.listen(() => heard++);
    leave();
    state.set(1);
    expect(heard).toBe(0);
  });
});

describe("questions", () => {
  const question = (file: string): Question => ({
    kind: "passphrase",
    node: nodeNamed("node103"),
    file: clean(file),
    again: false,
  });

  test("are put one after the other, each answered for itself", async () => {
    const queue = new PromptQueue();
    const signal = new AbortController().signal;
    const first = queue.ask(question("a"), signal);
    const second = queue.ask(question("b"), signal);
    expect(queue.current.get()).toMatchObject({ file: "a" });
    queue.answer({ kind: "secret", secret: "one" });
    expect(queue.current.get()).toMatchObject({ file: "b" });
    queue.answer({ kind: "refuse" });
    expect(queue.current.get()).toBeUndefined();
    expect(await first).toEqual({ kind: "secret", secret: "one" });
    expect(await second).toEqual({ kind: "refuse" });
  });

  test("that are withdrawn leave the screen and count as refused", async () => {
    const queue = new PromptQueue();
    const leaving = new AbortController();
    const first = queue.ask(question("a"), leaving.signal);
    const second = queue.ask(question("b"), new AbortController().signal);
    leaving.abort();
    expect(await first).toEqual({ kind: "refuse" });
    expect(queue.current.get()).toMatchObject({ file: "b" });
    queue.answer({ kind: "refuse" });
    await second;
  });

  test("without a screen are refused", async () => {
    expect(await refuseAll.ask(question("a"), new AbortController().signal)).toEqual({ kind: "refuse" });
  });
});

test("read-only that the command line demanded cannot be turned off by a key", () => {
  const locked = new ReadOnly(true);
  expect(locked.toggle()).toBe("locked");
  expect(locked.state.get()).toBe(true);
  const free = new ReadOnly(false);
  expect(free.toggle()).toBe("on");
  expect(free.toggle()).toBe("off");
});

test("waits grow to a ceiling and are spread by chance", () => {
  expect(backoff(0, 400, 5000, 0.999)).toBeLessThanOrEqual(400);
  expect(backoff(3, 400, 5000, 0)).toBe(400 * 8 * 0.75);
  expect(backoff(1000, 400, 5000, 1)).toBe(5000);
});

describe("events", () => {
  const event = (timeNano: string, id = "c1") =>
    ({
      type: "container",
      action: clean("start"),
      id: clean(id),
      name: clean("web"),
      container: undefined,
      timeNano,
    }) as const;

  test("that are replayed after a reconnect pass once", () => {
    const filter = new EventFilter();
    expect(filter.isNew(event("1763900000000000001"))).toBe(true);
    expect(filter.isNew(event("1763900000000000001"))).toBe(false);
    expect(filter.isNew(event("1763900000000000001", "c2"))).toBe(true);
  });

  test("are resumed from the newest, whatever order they came in", () => {
    const filter = new EventFilter();
    expect(filter.since).toBeUndefined();
    filter.isNew(event("999999999999999999"));
    filter.isNew(event("1763900000000000009"));
    filter.isNew(event("1763900000000000002"));
    expect(filter.since).toBe("1763900000000000009");
  });

  test("without end do not grow the memory", () => {
    const filter = new EventFilter();
    for (let n = 0; n < 2000; n++) filter.isNew(event(String(1763900000000000000n + BigInt(n))));
    expect(filter.isNew(event("1763900000000001999"))).toBe(false);
    expect(filter.isNew(event("1763900000000000000"))).toBe(true);
  });
});
