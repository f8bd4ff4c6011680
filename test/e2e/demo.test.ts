import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");
const nextPage = "\x0e";

let home: string;
let terminal: Terminal | undefined;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "ovl-tui-demo-"));
});
afterEach(async () => {
  await terminal?.close();
  rmSync(home, { recursive: true, force: true });
});

/** The built program's demo, of an operator who has nothing yet. */
function demo(...options: string[]): Terminal {
  const place = (name: string) => path.join(home, name);
  const env = {
    ...{ HOME: home, XDG_CONFIG_HOME: place("config"), XDG_STATE_HOME: place("state") },
    ...{ XDG_DATA_HOME: place("data"), SSH_AUTH_SOCK: "" },
  };
  terminal = new Terminal([process.execPath, bin, "demo", ...options], { columns: 80, rows: 24, cwd: home, env });
  return terminal;
}

test("from bare engines to containers that ping each other and are one HTCondor pool, and nothing is written to this machine", async () => {
  const at = demo("--bare", "--nodes", "2");
  await at.shows(/set-up +Hosts[^\n]*DEMO/);
  await at.shows(/host 1 .*Docker .*node103[\s\S]*host 2 .*Docker .*node104/);
  for (const page of ["Mode", "Store", "Network", "Containers", "Pool"]) {
    at.press(nextPage);
    await at.shows(new RegExp(`set-up[^\\n]*DEMO[\\s\\S]* ${page} ─`));
  }
  await at.shows(/\(•\) none/);
  at.press(keys.right);
  await at.shows(/\(•\) password[\s\S]*node2 .*manager, submit, execute[\s\S]*node1 .*execute/);
  at.press(nextPage);
  await at.shows(/\d+ steps; no running container is disturbed\. The file: ovl\.yaml \(memory only\)/);
  await at.shows(/copy big_computing from node103 to node104/);
  await at.shows(/give HTCondor in node1 on node104 the pool's secret/);
  at.press("a");
  await at.shows(/the file is ovl\.yaml \(memory only\)\./);
  at.press("y");
  await at.shows(/^[^\n]* DEMO *\n[\s\S]*Applying[\s\S]*running/);
  await at.shows(/^[^\n]* DEMO *\n[\s\S]*The cluster is as the file says/, 180);
  await at.shows(/ok +node2 → node1 10\.10\.10\.\d+: [\d.]+ ms/);
  await at.shows(/ok +node1 → node2 10\.10\.10\.\d+: [\d.]+ ms/);
  at.press(keys.enter);
  await at.shows(/2\/2 nodes live[^\n]*0 findings[^\n]*DEMO/);
  at.press("c");
  await at.shows(/slot1@node2[\s\S]*slot1@node1/);
  at.press(keys.escape);
  await at.hides(/slot1@node1/);
  await at.shows(/2\/2 nodes live[^\n]*0 findings/);

  at.press("s");
  await at.shows(/host 2 .*Docker .*node104/);
  at.press(nextPage.repeat(6));
  await at.shows(/Nothing to do: the cluster is as the file says/);
  at.press("\x03");
  expect(await at.exits()).toEqual({ code: 0, signal: undefined });
  expect(readdirSync(home)).toEqual([]);
});

test("the set-up of a cluster that runs begins from its file, and knows the demo's hosts alone", async () => {
  const at = demo("--nodes", "2");
  await at.shows(/2\/2 nodes live/);
  at.press("s");
  await at.shows(/set-up +Hosts[^\n]*DEMO/);
  await at.shows(/host 2 +root@192\.168\.44\.104 .*node104/);
  at.press("\x0f");
  await at.shows(/The demo has no other hosts/);
  at.press(keys.escape);
  await at.hides(/Known hosts/);
  at.press(nextPage.repeat(6));
  await at.shows(/Nothing to do: the cluster is as the file says/);
  expect(existsSync(path.join(home, "ovl.yaml"))).toBe(false);
});

test("a story befalls the demo's cluster by itself, and its events tell when", async () => {
  const story = path.join(home, "story.yaml");
  // Late enough that the program listens to all nodes by then: what happened before it is in no timeline.
  const happenings = [
    "{ at: 8, run: nightly-report, node: node104 }",
    "{ at: 9, die: nightly-report }",
    "{ at: 9-10, fault: node-down, node: node105 }",
  ];
  writeFileSync(story, `story:\n${happenings.map((one) => `  - ${one}\n`).join("")}`);
  const at = demo("--nodes", "3", "--script", story);
  await at.shows(/node105 +(?:lost|down)/);
  at.press("e");
  await at.shows(/node104 +container start nightly-report[\s\S]*node104[^\n]*container die nightly-report/);
  await at.shows(/node105[^\n]*connection lost/);
});

test("more containers than the demo has addresses for are refused before anything is shown", async () => {
  const at = demo("--nodes", "1000", "--containers", "200");
  expect(await at.exits()).toEqual({ code: 2, signal: undefined });
  expect(at.text().replaceAll("\n", "")).toContain("are 200000; the demo has addresses for 60000");
  expect(at.raw).not.toContain("\x1b[?1049h");
});

test("a story that is wrong is told by file, line and column before anything is shown", async () => {
  const story = path.join(home, "story.yaml");
  writeFileSync(story, "story:\n  - { at: 1, fault: node-dwon, node: node104 }\n");
  const at = demo("--script", story);
  expect(await at.exits()).toEqual({ code: 2, signal: undefined });
  expect(at.text().replaceAll("\n", "")).toContain('story.yaml:2:21: fault is "node-dwon"; expected node-down');
  expect(at.raw).not.toContain("\x1b[?1049h");
});
