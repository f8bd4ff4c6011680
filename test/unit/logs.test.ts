import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLine } from "../../src/adapters/engine/logs.ts";
import { createDemo } from "../../src/demo/demo.ts";
import type { SourcedLine } from "../../src/domain/logs/line.ts";
import { LogRing } from "../../src/domain/logs/ring.ts";
import { parseStart } from "../../src/domain/logs/start.ts";
import { clean } from "../../src/domain/text.ts";
import { Resume } from "../../src/services/logs/follow-container.ts";
import { LogFollow } from "../../src/services/logs/log-follow.ts";
import { refuseAll } from "../../src/services/prompts.ts";
import { ClusterWatch } from "../../src/services/watch/cluster-watch.ts";
import { ManualClock } from "../manual-clock.ts";
import { nodeNamed, start } from "../snapshots.ts";

const at = (ms: number): string => `${new Date(start + ms).toISOString().slice(0, 23)}000000Z`;
const line = (ms: number, words: string, source = 0): SourcedLine => ({
  at: at(ms),
  from: "stdout",
  words: clean(words),
  source,
});
const all = (ring: LogRing): string[] =>
  Array.from({ length: ring.end - ring.first }, (_, index) => ring.at(ring.first + index)?.words ?? "nothing");

describe("the ring of lines", () => {
  test("merges sources by time, whichever came first", () => {
    const ring = new LogRing({ lines: 100, units: 10_000 });
    ring.add([line(1, "a1"), line(5, "a5"), line(9, "a9")]);
    ring.add([line(2, "b2", 1), line(5, "b5", 1), line(10, "b10", 1)]);
    expect(all(ring)).toEqual(["a1", "b2", "a5", "b5", "a9", "b10"]);
  });

  test("never holds more than its bounds and a tenth, and a line keeps its number", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(50), { maxLength: 30 }), { maxLength: 40 }), (batches) => {
        const ring = new LogRing({ lines: 50, units: 600 });
        let added = 0;
        for (const [index, batch] of batches.entries()) {
          ring.add(batch.map((length, place) => line(index * 1000 + place, "x".repeat(length))));
          added += batch.length;
          expect(ring.end).toBe(added);
          expect(ring.end - ring.first).toBeLessThanOrEqual(55);
          expect(ring.units).toBe(all(ring).reduce((sum, words) => sum + words.length, 0));
          expect(ring.units).toBeLessThanOrEqual(660);
        }
      }),
    );
  });

  test("keeps the newest of a burst that is larger than itself", () => {
    const ring = new LogRing({ lines: 10, units: 10_000 });
    ring.add(Array.from({ length: 1000 }, (_, index) => line(index, `line ${index}`)));
    expect(all(ring).at(-1)).toBe("line 999");
    expect(ring.end - ring.first).toBeLessThanOrEqual(11);
    expect(ring.dropped).toBeGreaterThanOrEqual(989);
  });
});

describe("a line of the engine", () => {
  test("has its time to the nanosecond, and no escape sequence survives in it", () => {
    const raw = "2026-11-23T14:00:00.123456789Z \u001b[2J\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007end\r";
    const parsed = parseLine(raw, "stderr");
    expect(parsed.at).toBe("2026-11-23T14:00:00.123456789Z");
    expect(parsed.words).toMatch(/^red.? end$/);
    expect(parsed.words).not.toMatch(/\p{Cc}/u);
  });

  test("without a time is kept as it is", () => {
    expect(parseLine("no time here", "stdout")).toEqual({ at: "", from: "stdout", words: "no time here" });
  });
});

describe("a stream that broke", () => {
  const plain = (ms: number, words: string) => ({ at: at(ms), from: "stdout" as const, words: clean(words) });
  const words = (lines: readonly { words: string }[]): string[] => lines.map((one) => one.words);

  test("goes on at the last moment: what was seen of it is left out, what is new of it is not", () => {
    const resume = new Resume();
    expect(resume.from({ tail: 100 })).toEqual({ tail: 100 });
    expect(words(resume.fresh([plain(1, "a"), plain(2, "b"), plain(2, "c")]))).toEqual(["a", "b", "c"]);
    expect(resume.from({ tail: 100 })).toEqual({ since: at(2) });
    resume.opened();
    expect(words(resume.fresh([plain(2, "b"), plain(2, "c"), plain(2, "d"), plain(3, "e")]))).toEqual(["d", "e"]);
  });

  test("keeps lines whose clock was set back, as long as nothing was told twice", () => {
    const resume = new Resume();
    resume.from({ tail: 1 });
    expect(words(resume.fresh([plain(9, "a"), plain(3, "b"), plain(4, "c")]))).toEqual(["a", "b", "c"]);
  });
});

describe("where a log begins", () => {
  test.each([
    ["500", { tail: 500 }],
    ["90s", { since: at(-90_000) }],
    ["2h", { since: at(-7_200_000) }],
    ["1d", { since: at(-86_400_000) }],
    ["soon", undefined],
    ["", undefined],
    ["-5", undefined],
  ])("%s", (raw, wanted) => {
    expect(parseStart(raw, start)).toEqual(wanted);
  });
});

describe("logs that are followed", () => {
  async function followed(names: readonly (readonly [string, string])[]) {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 3, seed: 1, clock });
    const watch = new ClusterWatch(demo.spec, demo, refuseAll);
    await clock.advance(5000);
    const sources = names.map(([node, name]) => {
      const snapshot = watch.state.get().nodes.get(nodeNamed(node));
      const containers = snapshot?.containers.state === "fresh" ? [...snapshot.containers.value.values()] : [];
      const found = containers.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no ${name}`);
      return { of: "container" as const, node: nodeNamed(node), id: found.id, label: found.name };
    });
    const follow = new LogFollow(sources, watch.access, clock);
    follow.begin({ tail: 50 });
    await clock.advance(5000);
    return { clock, demo, watch, follow, states: () => follow.state.get().sources.map((one) => one.state) };
  }

  test("come together in the order of their times", async () => {
    const { follow, watch, states } = await followed([
      ["node103", "node2"],
      ["node104", "node1"],
    ]);
    expect(states()).toEqual(["following", "following"]);
    const times = Array.from({ length: follow.ring.end - follow.ring.first }, (_, i) =>
      follow.ring.at(follow.ring.first + i),
    );
    expect(new Set(times.map((one) => one?.source)).size).toBe(2);
    const stamps = times.map((one) => one?.at ?? "");
    expect(stamps).toEqual([...stamps].sort());
    follow.close();
    await watch.stop();
  });

  test("go on when the node is back, without a line lost or doubled", async () => {
    const { clock, demo, follow, watch, states } = await followed([["node104", "node1"]]);
    demo.breakNode("node104", "link-down");
    await clock.advance(40_000);
    expect(states()).toEqual(["waiting"]);
    demo.mendNode("node104");
    await clock.advance(60_000);
    expect(states()).toEqual(["following"]);
    const undisturbed = await followed([["node104", "node1"]]);
    await undisturbed.clock.advance(100_000);
    const told = ({ ring }: LogFollow) =>
      Array.from({ length: ring.end - ring.first }, (_, i) => ring.at(ring.first + i)).map(
        (one) => `${one?.at} ${one?.words}`,
      );
    const ours = told(follow);
    const theirs = told(undisturbed.follow);
    const last = [ours.at(-1) ?? "", theirs.at(-1) ?? ""].sort()[0] ?? "";
    expect(ours.length).toBeGreaterThan(60);
    expect(ours.filter((one) => one <= last)).toEqual(theirs.filter((one) => one <= last));
    follow.close();
    undisturbed.follow.close();
    await Promise.all([watch.stop(), undisturbed.watch.stop()]);
  });

  test("say that the container ended, and follow it again when it runs", async () => {
    const { clock, demo, follow, watch, states } = await followed([["node104", "node1"]]);
    demo.stopContainer("node104", "node1");
    await clock.advance(3000);
    expect(["ended", "gone"]).toContain(states()[0]);
    follow.close();
    await watch.stop();
  });
});
