import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-e2e-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built program without a terminal, in an empty folder and home. */
function run(...args: string[]) {
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: "", SSH_AUTH_SOCK: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** A file of one node on `ssh`; its path. */
function spec(ssh: string, more = ""): string {
  const file = path.join(folder, `${ssh.replace(/\W/g, "-")}.yaml`);
  writeFileSync(file, `version: 1\ncluster: c\nnodes:\n  - name: n1\n    ssh: ${ssh}\n${more}`);
  return file;
}

const oneLine = /^[^\n]+\n$/;

describe("bad usage ends with 2, one line on stderr and nothing on stdout", () => {
  test.each([
    [["frobnicate"], /no command "frobnicate"/],
    [["status", "extra"], /"extra" is one word too many/],
    [["status", "--frob"], /--frob/],
    [["--json"], /ovl-tui without a command takes no --json; `ovl-tui --help` tells what it takes/],
    [["status", "--yes"], /`ovl-tui status` takes no --yes; `ovl-tui help status` tells what it takes/],
    [["status", "--timeout", "soon"], /--timeout is "soon"; expected a whole number from 1 to 3600/],
    [["demo", "--nodes", "0"], /--nodes is "0"; expected a whole number from 1 to 1000/],
    [["status", "--config", "no/such/file.yaml"], /no\/such\/file\.yaml: no such file/],
    [["--config", "/etc/shadow-that-is-not-there"], /screen needs a terminal/],
    [["status", "--config", "/"], /cannot be read \(EISDIR\)/],
  ])("%j", (args, message) => {
    const { code, stdout, stderr } = run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(message);
  });
});

test("without a file it says where it looked and what the least file is", () => {
  const { code, stderr } = run("status");
  expect(code).toBe(2);
  expect(stderr).toContain(path.join(folder, "ovl.yaml"));
  expect(stderr).toContain(path.join(folder, ".config", "ovl-tui", "ovl.yaml"));
  expect(stderr).toContain("version: 1");
});

test("every problem of a file is a line with its place", () => {
  const file = path.join(folder, "bad.yaml");
  writeFileSync(
    file,
    "version: 1\ncluster: c\nnodes:\n  - name: n1\n    ssh: a\n    prot: 22\n  - name: n1\n    ssh: 7\n",
  );
  const { code, stderr } = run("status", "--config", "bad.yaml");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^bad\.yaml:6:5: unknown key "prot" in nodes\[0\]/m);
  expect(stderr).toMatch(/^bad\.yaml:8:10: nodes\[1\]\.ssh is 7; expected/m);
});

test("--help and --version print on stdout and end with 0", () => {
  expect(run("--help")).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/ovl-tui status .*snapshot[\s\S]*ovl-tui apply /),
  });
  expect(run("help", "apply")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/--break-lock[\s\S]*Exit codes/),
  });
  expect(run("help", "nonsense")).toMatchObject({ code: 2, stderr: expect.stringContaining("nonsense") });
  expect(run("status", "--yes")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  expect(run("--version")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("--help lists the options of the bare program as its own, and no other command's", () => {
  const [, own = ""] = run("--help").stdout.split("Options of ovl-tui without a command:\n");
  expect([...own.matchAll(/^ +(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name)).toEqual([
    "config",
    "read-only",
    "version",
    "help",
  ]);
});

describe("a node that cannot be reached", () => {
  test("because nothing listens is named with its port, and the exit code is 1", () => {
    const { code, stdout } = run("status", "--json", "--config", spec("root@127.0.0.1:1"));
    expect(code).toBe(1);
    const [node] = JSON.parse(stdout).nodes;
    expect(node).toMatchObject({ name: "n1", state: "down", engine: null, seenAt: null });
    expect(node.error.what).toBe("connection refused on port 1");
    expect(node.error.remedy).toContain("n1");
  });

  test("because nobody knows its name says so", () => {
    const { code, stdout } = run("status", "--config", spec("no-such-host.invalid"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/n1 +down/);
    expect(stdout).toMatch(/cannot resolve no-such-host\.invalid/);
  });

  test("does not hide another one's row", () => {
    const file = path.join(folder, "two.yaml");
    writeFileSync(
      file,
      "version: 1\ncluster: c\nnodes:\n  - {name: n1, ssh: 127.0.0.1:1}\n  - {name: n2, ssh: no-such-host.invalid}\n",
    );
    const { stdout } = run("status", "--json", "--config", file);
    expect(JSON.parse(stdout).nodes.map((one: { name: string }) => one.name)).toEqual(["n1", "n2"]);
  });
});
