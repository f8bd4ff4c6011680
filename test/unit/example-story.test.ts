import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import { parseStory } from "../../src/demo/story.ts";
import { faultNames } from "../../src/domain/faults.ts";
import { ManualClock } from "../manual-clock.ts";

const read = (file: string) => readFileSync(path.resolve(import.meta.dirname, "../..", file), "utf8");
const readme = read("README.md");
/** The demo as it is without options. */
const { cast } = createDemo({ nodes: 3, containersPerNode: 8, seed: 1, clock: new ManualClock() });

test("the story that comes with the demo can be played", () => {
  expect(parseStory(read("docs/on-call.yaml"), cast)).toMatchObject({ ok: true });
});

test("the README's story can be played as it stands, and every fault is named there", () => {
  const story = /```yaml\n(story:\n[\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(parseStory(story, cast)).toMatchObject({ ok: true });
  for (const fault of faultNames) expect(readme).toContain(`\`${fault}\``);
});
