import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { playTape } from "../tape/player.ts";

const root = path.resolve(import.meta.dirname, "../..");
const program = path.join(root, "bin/ovl-tui.js");
const tape = readFileSync(path.join(root, "demo.tape"), "utf8");

let into: string;
beforeEach(() => {
  into = mkdtempSync(path.join(tmpdir(), "ovl-tui-tape-test-"));
});
afterEach(() => rmSync(into, { recursive: true, force: true }));

/** The words of a picture, in the order in which they are drawn. */
const wordsOf = (file: string): string => readFileSync(path.join(into, file), "utf8").replace(/<[^>]*>/g, "");

test("demo.tape tells its story: red, a ping, a shell, the fix, green; with pictures and a recording", async () => {
  // What a person would wait for is not what a busy machine may take.
  const patient = tape.replace(/^Set WaitTimeout \S+$/m, "Set WaitTimeout 60s");
  expect(patient).not.toBe(tape);
  const { files } = await playTape(patient, { folder: root, program, into });
  const names = ["screen.svg", "ping.svg", "cell.svg", "shell.svg", "green.svg", "demo.cast"];
  expect(files).toEqual(names.map((name) => path.join(into, "docs", name)));
  expect(wordsOf("docs/screen.svg")).toMatch(/exited 137/);
  expect(wordsOf("docs/ping.svg")).toMatch(/lost→/);
  expect(wordsOf("docs/shell.svg")).toMatch(/iptables -D INPUT -p udp --dport 4789 -j DROP/);
  expect(wordsOf("docs/green.svg")).toMatch(/72 of 72 well/);
  const [header = "", ...events] = readFileSync(path.join(into, "docs/demo.cast"), "utf8").trim().split("\n");
  // Room for four panes.
  expect(JSON.parse(header)).toMatchObject({ version: 2, width: 122, height: 29 });
  expect(events.length).toBeGreaterThan(50);
}, 300_000);

test("a wait that is not met ends the tape with its line and the screen as it was", async () => {
  const wrong =
    'Set TypingSpeed 1ms\nType "echo ready" Enter\nWait+Screen@300ms /never there/\nScreenshot docs/a.png\n';
  const played = playTape(wrong, { folder: root, program, into });
  await expect(played).rejects.toThrow(/^line 3: \/never there\/ was not on the screen within 0\.3 s:\n[\s\S]*ready/);
  expect(existsSync(path.join(into, "docs/a.svg"))).toBe(false);
});

test("a tape sets its shell's environment and pastes what it copied; what it sets too late is told and ignored", async () => {
  const warnings: string[] = [];
  const tape = [
    'Env CITY "Ulm"\nSet WaitTimeout 1ms\nSet TypingSpeed 1ms',
    'Copy "echo to $CITY $COLUMNS"\nPaste\nEnter\nWait+Screen@10s /to Ulm 74\\n/\nScreenshot a.png',
  ].join("\n");
  const { files } = await playTape(tape, { folder: root, program, into, warn: (one) => warnings.push(one) });
  expect(files).toEqual([path.join(into, "a.svg")]);
  expect(warnings).toEqual([
    "line 2: Set WaitTimeout has no effect after the first other command: it belongs at the top",
  ]);
});

test("a tape with a command that does not exist is refused with its line, before anything of it is played", async () => {
  const wrong = `Screenshot docs/a.png\n${tape.replace("Escape\n", "Escpae\n")}`;
  const line = wrong.split("\n").indexOf("Escpae") + 1;
  const played = playTape(wrong, { folder: root, program, into });
  await expect(played).rejects.toThrow(`line ${line}: unknown command "Escpae"`);
  expect(existsSync(path.join(into, "docs/a.svg"))).toBe(false);
});

test("a program that a tape requires and that is not there is told before anything is played", async () => {
  const played = playTape("Require no-such-program\nSleep 1ms\n", { folder: root, program, into });
  await expect(played).rejects.toThrow("line 1: no-such-program is required and not on the PATH");
});
