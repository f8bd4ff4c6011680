import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Terminal } from "../terminal/terminal.ts";

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
  await terminal.shows(/3\/3 nodes live/, 20);
  terminal.hangUp();
  expect(await terminal.exits()).toEqual({ code: 0, signal: 1 });
});
