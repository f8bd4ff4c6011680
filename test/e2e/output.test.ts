import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");
let folder = "";
let terminal: Terminal | undefined;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-output-"));
  // Nothing listens on port 1 of this machine.
  writeFileSync(
    path.join(folder, "ovl.yaml"),
    "version: 1\ncluster: c\nnodes:\n  - {name: n1, ssh: root@127.0.0.1:1}\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

const environment = () => ({ ...process.env, HOME: folder, XDG_CONFIG_HOME: "", SSH_AUTH_SOCK: "" });

/** Runs the built program with its stdout in a pipe whose reader is gone, or in `stdoutFd`. */
async function run(args: readonly string[], stdoutFd?: number) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", stdoutFd ?? "pipe", "pipe"],
  });
  child.stdout?.destroy();
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, "close");
  return { code, signal, stderr };
}

describe("a reader that had enough, as head has,", () => {
  test.each([["--help"], ["help", "apply"], ["completion", "bash"]])(
    "ends a command quietly, with the code of SIGPIPE: %s %s",
    async (...args) => {
      expect(await run(args)).toEqual({ code: 141, signal: null, stderr: "" });
    },
  );

  test("changes nothing of what the code of a cluster in trouble is", async () => {
    expect(await run(["status"])).toEqual({ code: 1, signal: null, stderr: "" });
    expect(await run(["plan", "--json"])).toEqual({ code: 1, signal: null, stderr: "" });
  });
});

test.runIf(process.platform === "linux")("a full disk is told in one line, and is no success", async () => {
  const full = openSync("/dev/full", "w");
  try {
    const { code, stderr } = await run(["--version"], full);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stdout cannot be written: ENOSPC[^\n]*\n$/);
  } finally {
    closeSync(full);
  }
});

test("the screen ends with its terminal, by SIGHUP and without a core", async () => {
  terminal = new Terminal([process.execPath, bin, "demo"], { columns: 80, rows: 24 });
  await terminal.shows(/3\/3 nodes live/);
  terminal.hangUp();
  expect(await terminal.exits()).toEqual({ code: 0, signal: 1 });
});

describe("the set-up ends with", () => {
  const hosts = /host 3 +\S+ .*Docker/;

  async function setUp(args: readonly string[] = [], ...nodeFlags: string[]): Promise<Terminal> {
    terminal = new Terminal([process.execPath, ...nodeFlags, bin, ...args], {
      ...{ columns: 100, rows: 30, cwd: mkdtempSync(path.join(folder, "set-up-")) },
      env: { HOME: folder, XDG_CONFIG_HOME: "", SSH_AUTH_SOCK: "" },
    });
    await terminal.shows(/set-up +Hosts/);
    return terminal;
  }

  test("a signal while hosts that answer nothing are looked at", async () => {
    const at = await setUp();
    at.press("root@127.0.0.1:1", keys.enter);
    await at.shows(/refused on port 1/);
    at.signal("SIGTERM");
    expect(await at.exits()).toMatchObject({ code: 143 });
  });

  test("a signal while it applies, after the running step", async () => {
    const at = await setUp(["demo", "--bare"]);
    await at.shows(hosts);
    for (const page of [/ Mode ─/, / Store ─/, / Network ─/, / Containers ─/, / Pool ─/, / Review ─/]) {
      at.press("\x0e");
      await at.shows(page);
    }
    await at.shows(/no running container is disturbed/);
    at.press("a");
    await at.shows(/Apply this plan\?/);
    at.press("y");
    await at.shows(/ Applying ─[\s\S]*running +\d/);
    at.signal("SIGTERM");
    expect(await at.exits(30)).toMatchObject({ code: 143 });
    expect(at.text()).toContain("ending after the running step; what is done stands");
  });

  test("a defect of the program, and does not say that nothing was changed", async () => {
    const throwing = 'setTimeout(() => { throw new Error("made for a test"); }, 4000)';
    const at = await setUp([], "--import", `data:text/javascript,${encodeURIComponent(throwing)}`);
    expect(await at.exits()).toMatchObject({ code: 1 });
    expect(at.text()).toContain("made for a test");
    expect(at.text()).toContain("What was done on its screen stands");
    expect(at.text()).not.toContain("Nothing was changed");
  });
});
