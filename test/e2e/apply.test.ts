import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-apply-"));
  // Nothing listens on port 1 of this machine.
  writeFileSync(
    path.join(folder, "ovl.yaml"),
    [
      "version: 1",
      "cluster: c",
      "nodes:",
      "  - {name: n1, ssh: root@127.0.0.1:1}",
      "  - {name: n2, ssh: root@127.0.0.1:1}",
      "networks: [{name: ov, subnet: 10.10.10.0/24}]",
      "",
    ].join("\n"),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built program without a terminal, in a folder with a file whose nodes cannot be reached. */
function run(...args: string[]) {
  const state = path.join(folder, "state");
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: "", XDG_STATE_HOME: state, SSH_AUTH_SOCK: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr, journal: existsSync(path.join(state, "ovl-tui", "journal.jsonl")) };
}

describe("bad usage of plan and apply ends with 2, one line on stderr and nothing on stdout", () => {
  test.each([
    [["plan", "--remove", "n9"], /--remove names "n9"; expected a node of the file: n1, n2/],
    [["apply", "--remove", "n9", "--yes"], /--remove names "n9"/],
    [["plan", "--yes"], /`ovl-tui plan` takes no --yes/],
    [["status", "--break-lock"], /`ovl-tui status` takes no --break-lock/],
    [["apply", "now"], /"now" is one word too many/],
  ])("%j", (args, message) => {
    const { code, stdout, stderr } = run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(message);
  });
});

describe("nodes that cannot be reached", () => {
  test("are each an obstacle of the plan with its reason, and the exit code is 1", () => {
    const { code, stdout } = run("plan", "--json");
    expect(code).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ changes: 0, steps: [] });
    const nodes = document.obstacles.map((one: { node: string; severity: string }) => `${one.severity} ${one.node}`);
    expect(nodes).toEqual(expect.arrayContaining(["error n1", "error n2"]));
    expect(JSON.stringify(document.obstacles[0])).toContain("connection refused");
  });

  test("are told before anything else to a person", () => {
    const { code, stdout } = run("plan");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error {2}.*n1/);
    expect(stdout).toMatch(/no plan can be made\n$/);
  });

  test("keep apply from touching anything: one document on stdout, the reason on stderr, no journal", () => {
    const { code, stdout, stderr, journal } = run("apply", "--yes", "--json");
    expect({ code, journal }).toEqual({ code: 1, journal: false });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, changes: 0, steps: [], remaining: null });
    expect(JSON.parse(stdout).error).toContain("nothing was touched");
    expect(stderr).toContain("n1");
  });
});

test("help tells what the exit codes of apply mean", () => {
  const { stdout } = run("help", "apply");
  expect(stdout).toMatch(/--yes/);
  expect(stdout).toMatch(/^ {2}0 {2}done and verified$/m);
  expect(stdout).toMatch(/^ {2}2 {2}.*--read-only/m);
});
