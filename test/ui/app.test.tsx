import { stripVTControlCharacters } from "node:util";
import { render } from "ink-testing-library";
import { expect, test } from "vitest";
import { App } from "../../src/ui/app.tsx";
import { painter } from "../../src/ui/draw/style.ts";
import { Screen } from "../../src/ui/screen/screen.ts";
import { clusterAfter } from "./clusters.ts";
import { FakeServices } from "./screen-driver.tsx";

test("the tree puts the screen's lines where they belong and hands every key of a chunk to it", async () => {
  const services = new FakeServices({ snapshot: clusterAfter(), demo: true });
  const screen = new Screen(services, painter(false), { columns: 100, rows: 24 }, () => undefined);
  const app = render(<App screen={screen} />);
  const frame = () => stripVTControlCharacters(app.lastFrame() ?? "");
  await expect.poll(frame).toContain("1 Nodes");
  const lines = frame().split("\n");
  expect(lines).toHaveLength(24);
  expect(lines[0]).toMatch(/^ ovl-tui {2}bigcomputing .* DEMO {2}RW {2}14:00:00/);
  expect(lines[2]).toMatch(/^┌▸1 Nodes ─+┐$/);
  expect(lines[21]).toMatch(/^└─+┘$/);
  app.stdin.write("4j/node1");
  await expect.poll(frame).toContain("▸4 Containers /node1 2 of 2");
  app.unmount();
});
