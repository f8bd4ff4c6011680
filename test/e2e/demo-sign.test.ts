import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StageName } from "../../src/ui/opening.ts";
import { keys, Terminal } from "../terminal/terminal.ts";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");

let home: string;
let at: Terminal;
beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), "ovl-tui-sign-"));
  const place = (name: string) => path.join(home, name);
  const env = {
    ...{ HOME: home, XDG_CONFIG_HOME: place("config"), XDG_STATE_HOME: place("state") },
    ...{ XDG_DATA_HOME: place("data"), SSH_AUTH_SOCK: "" },
  };
  at = new Terminal([process.execPath, bin, "demo"], { columns: 80, rows: 24, cwd: home, env });
  await at.shows(/3\/3 nodes live/);
});
afterEach(async () => {
  await at.close();
  rmSync(home, { recursive: true, force: true });
});

/** Keys one after the other, each once the screen shows what the one before it led to. */
async function walk(...steps: readonly (readonly [key: string, shown: RegExp])[]): Promise<void> {
  for (const [key, shown] of steps) {
    at.press(key);
    await at.shows(shown);
  }
}

const header = (): string => at.lines()[0] ?? "";

/** On the narrowest terminal, on a wide one, where nothing fits, and back. */
async function isSigned(): Promise<void> {
  expect(header()).toMatch(/ DEMO( |$)/);
  at.resize(200, 50);
  await at.shows(/^[^\n]{150,} DEMO( |$)/m);
  expect(header()).toMatch(/ DEMO( |$)/);
  at.resize(60, 20);
  await at.shows(/^DEMO {2}ovl-tui needs 80x24/);
  at.resize(80, 24);
  await at.shows(/^[^\n]{60,77} DEMO( |$)/m);
  expect(header()).toMatch(/ DEMO( |$)/);
}

const palette = (words: string): [string, RegExp][] => [
  [":", /┌ Command/],
  [words, new RegExp(`: ${words}`)],
];

/** The way to each stage from the panes, and what tells that it is on. */
const ways: Readonly<Record<Exclude<StageName, "shell">, readonly (readonly [string, RegExp])[]>> = {
  "set-up": [["s", /set-up +Hosts/]],
  actions: [
    ["4", /▸4 Containers/],
    ["j", /node2/],
    ["a", /┌ Actions/],
  ],
  launch: [["n", /new container/]],
  logs: [["l", /ovl-tui +logs/]],
  ping: [["p", /From container to container/]],
  pool: [["c", /pool of node2/]],
  forward: [
    ["4", /▸4 Containers/],
    ["o", /┌ Forward/],
  ],
  timeline: [["e", /events of the cluster/]],
  copy: [["y", /┌ Copy/]],
  faults: [...palette("fault: flag"), [keys.enter, /┌ Faults/]],
};

test.each(Object.entries(ways))(
  "whoever is in %s reads that it is a demo, at 80 columns and at 200",
  async (_, way) => {
    await walk(...way);
    await isSigned();
  },
);

test.each([
  ["the panes", []],
  ["the details of a row", [[keys.enter, /Overview +Flags/]]],
  ["the help", [["?", /┌ Keys/]]],
  ["the palette", palette("re")],
  ["a filter", [["/", /filter/]]],
  [
    "one cell of the ping matrix",
    [
      ["p", /\d+ of \d+ well/],
      [keys.enter, /Both directions/],
    ],
  ],
] as [string, [string, RegExp][]][])(
  "whoever is in %s reads that it is a demo, at 80 columns and at 200",
  async (_, way) => {
    await walk(...way);
    await isSigned();
  },
);

test("a shell of the demo says so when it opens and in every prompt, in a container and on a node", async () => {
  at.press("4");
  await walk(["j", /node2/], ["x", /^DEMO {2}shell in node2 on node103[^\n]*\n *DEMO root@node2:\/# $/m]);
  at.press("echo one\r");
  await at.shows(/^one\n *DEMO root@node2:\/# ?$/m);
  at.press("exit\r");
  await at.shows(/exit code 0/);
  await isSigned();
  await walk(["X", /^DEMO {2}shell in node103[^\n]*\n *DEMO root@node103:~# ?$/m]);
});
