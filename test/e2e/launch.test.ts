import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

test("in the demo a container is launched on another node by keys, and its image is pulled there", async () => {
  const at = new Terminal([process.execPath, bin, "demo"], { columns: 80, rows: 24 });
  terminal = at;
  await at.shows(/3\/3 nodes live/);
  at.press("4");
  await at.shows(/consul +node103/);
  at.press("n");
  await at.shows(/image +consul:1\.8\.7 +there/);
  // From the name up to the node, and on to the image.
  at.press(keys.up, keys.up);
  await at.shows(/▸ node /);
  at.press("\x15", "node104");
  await at.shows(/node +node104 +\d+ running/);
  at.press(keys.up, keys.up, "\x15", "busybox");
  await at.shows(/image +busybox +on no node: docker\.io is asked/);
  at.press("\x0e");
  await at.shows(/\$ docker run -itd --name consul-1 /);
  at.press("a");
  await at.shows(/Launch\?[\s\S]*consul-1 on node104/);
  at.press("y");
  await at.shows(/pulling its image/);
  await at.shows(/up +[\d.]+ s +consul-1 on node104/);
  at.press(keys.enter);
  await at.shows(/consul-1 is up on node104/);
  expect(at.text()).toContain("Containers");
});
