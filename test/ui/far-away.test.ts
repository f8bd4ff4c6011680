import { afterEach, beforeEach, expect, test } from "vitest";
import { DemoDriver } from "./demo-driver.ts";

let at: DemoDriver;
beforeEach(async () => {
  at = new DemoDriver({ columns: 200, rows: 50 }, { nodes: 60, containersPerNode: 5 });
  await at.shows(/60\/60 nodes live/);
  // The first news of the nodes are over.
  await at.clock.advance(5000);
});
afterEach(() => at.close());

/** The nodes are node103 and so on: the last is far below what 50 rows show. */
const farAway = "node162";

test("of many nodes, a container that starts in sight has its row within a fifth of a second", async () => {
  at.demo.startContainer("node103", "a-new-one");
  await at.clock.advance(200);
  expect(await at.keys.text()).toMatch(/│ a-new-one /);
});

test("of many nodes, one that starts out of sight is counted within a second", async () => {
  expect(await at.keys.text()).toContain("301 containers");
  at.demo.startContainer(farAway, "far-away");
  await at.clock.advance(1300);
  expect(await at.keys.text()).toContain("302 containers");
});

test("of many nodes, one whose own row alone is in sight has what runs on it counted there as soon", async () => {
  await at.keys.press("1", "z");
  expect(await at.keys.text()).toMatch(/│ node115 +live .* 5 +\d+ +[\d.]+ GB/);
  at.demo.startContainer("node115", "another");
  await at.clock.advance(2600);
  expect(await at.keys.text()).toMatch(/│ node115 +live .* 6 +\d+ +[\d.]+ GB/);
});

test("of many nodes, one that goes down out of sight is told at once", async () => {
  at.demo.breakNode(farAway, "shut-down");
  await at.shows(/59\/60 nodes live/);
  const { link } = at.watch.state.get().nodes.get(at.node(farAway)) ?? {};
  expect(at.clock.now() - (link?.since ?? 0)).toBeLessThanOrEqual(500);
});

test("a filter that lets few rows through shows one that comes to any node", async () => {
  await at.keys.press("4", "/", ..."far", "enter");
  at.demo.startContainer(farAway, "far-away");
  await at.clock.advance(200);
  expect(await at.keys.text()).toMatch(/│ far-away /);
});
