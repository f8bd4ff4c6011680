import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { Terminal } from "../terminal/terminal.ts";
import { Program } from "./applied.ts";
import { bareAgain } from "./bare-again.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

const nodes = ["node103", "node104"];
const entry = z.object({ step: z.string(), event: z.string(), title: z.string() });

onRealHosts("a run of a plan that nobody hears any more", () => {
  let lab: Lab;
  let program: Program;
  let daemonJson: string;

  beforeAll(async () => {
    lab = await Lab.up({ name: "apply-unheard", flavour: "classic", nodes: 2, joined: false });
    program = new Program(lab);
    daemonJson = await lab.node("node103").must("cat /etc/docker/daemon.json");
    program.wants();
  });
  beforeEach(async () => {
    await bareAgain(lab, nodes, daemonJson);
    rmSync(journal(), { force: true });
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  const journal = () => path.join(path.dirname(program.file), "state/ovl-tui/journal.jsonl");

  /** It ended between two steps: every step that began has an end, and the run has one, for the reason that is given. */
  function endedInOrder(why: RegExp): void {
    const lines = readFileSync(journal(), "utf8").trim().split("\n");
    const entries = lines.map((line) => entry.parse(JSON.parse(line)));
    const begun = entries.filter(({ event }) => event === "begun").map(({ step }) => step);
    const over = entries.filter(({ event }) => event !== "begun").map(({ step }) => step);
    expect(new Set(over)).toEqual(new Set(begun));
    expect(begun.length).toBeGreaterThan(1);
    expect(entries.filter(({ event }) => event === "failed" || event === "undone")).toEqual([]);
    expect(entries.find(({ title }) => title.includes("ending after the running step"))?.title).toMatch(why);
    expect(entries.at(-1)).toMatchObject({ step: "apply", event: "cancelled" });
  }

  /** No lock is left: the next run takes them, and does the rest. */
  async function isFinishedByTheNext(): Promise<void> {
    for (const node of nodes) expect(await lab.node(node).must("ls /run/ovl-tui")).not.toMatch(/^lock/m);
    const again = await program.apply();
    expect(again, again.said).toMatchObject({ code: 0, ok: true });
    expect(again.said).not.toContain("took over the lock");
  }

  test("because its terminal hung up ends after the running step", async () => {
    const { argv, env } = program.argv("apply", "--yes");
    const terminal = new Terminal(argv, { columns: 120, rows: 40, env });
    try {
      await terminal.shows(/begun .*daemon\.json on node10/, 60);
      terminal.hangUp();
      expect(await terminal.exits(90)).toEqual({ code: 0, signal: 1 });
    } finally {
      await terminal.close();
    }
    endedInOrder(/the terminal hung up|SIGHUP/);
    await isFinishedByTheNext();
  });

  test("because what read its pipe ended does so too", async () => {
    const { argv, env } = program.argv("apply", "--yes");
    const [file = "", ...words] = argv;
    const child = spawn(file, words, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const closed = once(child, "close");
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
      if (!/begun .*daemon\.json on node10/.test(said)) return;
      child.stdout.destroy();
      child.stderr.destroy();
    });
    child.stdout.resume();
    const [code, signal] = await closed;
    expect({ code, signal }, said).toEqual({ code: 1, signal: null });
    endedInOrder(/nobody reads (stdout|stderr) any more/);
    await isFinishedByTheNext();
  });
});
