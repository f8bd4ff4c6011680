/**
 * The package as someone gets it: packed, installed with `npm install --global` where there is nothing else, run by the
 * Node of development and by the oldest that it is meant for. OVL_TUI_NODES names further ones, as a path is written:
 * /opt/node-25/bin/node:/opt/node-26/bin/node.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Terminal } from "../terminal/terminal.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** A package of its own, since two in one folder contend for the one node_modules/.bin/node. */
const oldest = path.join(import.meta.dirname, "node-22/node_modules/node/bin/node");
const nodes = [process.execPath, oldest, ...(process.env.OVL_TUI_NODES ?? "").split(":")].filter((one) => one !== "");
const versions = nodes.map((node) => ({
  node,
  version: execFileSync(node, ["--version"], { encoding: "utf8" }).trim(),
}));

const packed = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })).length(1);

let folder = "";
let files: string[] = [];
let installed = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-package-"));
  installed = path.join(folder, "lib/node_modules/ovl-tui");
  // Without its scripts: the program is built already, and others run it just now.
  const [{ filename, files: inside } = { filename: "", files: [] }] = packed.parse(
    JSON.parse(npm("pack", "--ignore-scripts", "--json", "--pack-destination", folder)),
  );
  files = inside.map((one) => one.path);
  npm("install", "--global", "--prefix", folder, path.join(folder, filename));
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** npm with nothing in its cache and no registry: whatever it would want to fetch fails. */
function npm(...args: string[]): string {
  const env = {
    ...process.env,
    npm_config_cache: path.join(folder, "cache"),
    npm_config_registry: "http://127.0.0.1:1/",
  };
  const { status, stdout, stderr } = spawnSync("npm", [...args, "--no-audit", "--no-fund"], {
    cwd: root,
    env: { ...env, npm_config_update_notifier: "false" },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

test("it holds the program and what is told of it, and nothing that only its making needs", () => {
  const expected =
    /^(bin\/ovl-tui\.js|dist\/bundle\/[\w.-]+\.(js|txt)|man\/ovl-tui\.1|README\.md|LICENSE|package\.json)$/;
  expect(files.filter((file) => !expected.test(file))).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(["bin/ovl-tui.js", "dist/bundle/main.js", "man/ovl-tui.1", "LICENSE"]));
});

test("it holds the licence of each library that is in it", () => {
  const licenses = readFileSync(path.join(installed, "dist/bundle/LICENSES.txt"), "utf8");
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));
  for (const name of ["ink", "react", "ssh2", "dockerode", "zod", "yaml"]) {
    const section = licenses.split(/^-{72}$/m).find((one) => one.startsWith(`\n${name} ${devDependencies[name]} (`));
    expect(section, name).toMatch(/Copyright|Permission|Redistribution/);
  }
});

test("installing it fetches nothing, compiles nothing and runs no script", () => {
  const made: unknown = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8"));
  const { scripts, ...wants } = z.looseObject({ scripts: z.record(z.string(), z.string()) }).parse(made);
  expect(Object.keys(wants)).not.toContain("dependencies");
  expect(Object.keys(wants)).not.toContain("optionalDependencies");
  expect(Object.keys(scripts).filter((name) => /install/.test(name))).toEqual([]);
  expect(existsSync(path.join(installed, "node_modules"))).toBe(false);
});

test("its manual page lies where `man` finds it", () => {
  const page = readFileSync(path.join(folder, "share/man/man1/ovl-tui.1"), "utf8");
  expect(page).toContain(".TH OVL\\-TUI 1");
});

test("it is tried on Node 24, which `npm` finds first here, and on the oldest that it says it runs on", () => {
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));
  const found = execFileSync(path.join(root, "node_modules/.bin/node"), ["--version"], { encoding: "utf8" }).trim();
  expect(found).toMatch(/^v24\./);
  expect(versions.map(({ version }) => version)).toEqual(
    expect.arrayContaining([found, `${engines.node.replace(">=", "v")}.0`]),
  );
});

describe.each(versions)("on Node $version", ({ node, version }) => {
  /** An empty home, and a PATH on which `node` is this one and the program is found by its name. */
  function environment(): Record<string, string> {
    const own = path.join(folder, version);
    mkdirSync(own, { recursive: true });
    const PATH = [path.dirname(node), path.join(folder, "bin"), "/usr/bin", "/bin"].join(":");
    return { PATH, HOME: own, XDG_CONFIG_HOME: own, SSH_AUTH_SOCK: "" };
  }

  test("its commands run", () => {
    const env = environment();
    const run = (...args: string[]) => spawnSync("ovl-tui", args, { cwd: env.HOME, env, encoding: "utf8" });
    const { version: own } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    expect(run("--version")).toMatchObject({ status: 0, stdout: `${own}\n`, stderr: "" });
    // Reading the file, the SSH client and the JSON document: nothing listens on port 1 of this machine.
    const nodesOf = "nodes:\n  - { name: n1, ssh: 127.0.0.1:1 }\n";
    writeFileSync(path.join(env.HOME ?? "", "ovl.yaml"), `version: 1\ncluster: c\n${nodesOf}`);
    const { status, stdout, stderr } = run("status", "--json");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout).nodes[0].error.what).toBe("connection refused on port 1");
  });

  test("its screen opens, answers and leaves", async () => {
    const env = environment();
    const terminal = new Terminal(["ovl-tui", "demo"], { columns: 80, rows: 24, env, cwd: folder });
    try {
      await terminal.shows(/3\/3 nodes live/);
      terminal.press("q");
      expect(await terminal.exits()).toEqual({ code: 0, signal: undefined });
    } finally {
      await terminal.close();
    }
  });
});
