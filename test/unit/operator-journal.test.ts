import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createJournal, journalPath } from "../../src/adapters/operator/journal.ts";
import type { JournalEntry } from "../../src/ports/journal.ts";
import { node103 } from "../snapshots.ts";

let folder: string;
const failures: Error[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-journal-"));
  failures.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => path.join(folder, "state/ovl-tui/journal.jsonl");
const journal = () => createJournal(file(), (error) => failures.push(error));
const entry = (step: string): JournalEntry => ({
  at: Date.UTC(2026, 10, 23, 14, 2, 11),
  operator: "operator@workstation",
  cluster: "bigcomputing",
  run: "1-a",
  node: node103,
  step,
  event: "done",
  title: "two\nlines",
});
const mode = (name: string) => (statSync(name).mode & 0o777).toString(8);

test("is kept where the state of programs belongs", () => {
  expect(journalPath({ XDG_STATE_HOME: "/srv/state" })).toBe("/srv/state/ovl-tui/journal.jsonl");
  expect(journalPath({ XDG_STATE_HOME: "relative" })).toMatch(/^\/.*\/\.local\/state\/ovl-tui\/journal\.jsonl$/);
});

test("has one line for each thing done, in order, for its owner alone", async () => {
  const [one, other] = [journal(), journal()];
  await one.append(entry("node103/engine"));
  await other.append(entry("node103/network/ov_net1"));
  await Promise.all([1, 2, 3].map((number) => one.append(entry(`step ${number}`))));
  const lines = readFileSync(file(), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).step)).toEqual([
    "node103/engine",
    "node103/network/ov_net1",
    "step 1",
    "step 2",
    "step 3",
  ]);
  expect(JSON.parse(lines[0] ?? "")).toEqual({ ...entry("node103/engine"), at: "2026-11-23T14:02:11.000Z" });
  expect([mode(file()), mode(path.dirname(file()))]).toEqual(["600", "700"]);
  expect(failures).toEqual([]);
});

test("that others could read is closed to them", async () => {
  mkdirSync(path.dirname(file()), { recursive: true });
  writeFileSync(file(), "{}\n");
  chmodSync(file(), 0o644);
  await journal().append(entry("a"));
  expect(mode(file())).toBe("600");
  expect(readFileSync(file(), "utf8").split("\n")).toHaveLength(3);
});

test("is not written through a symbolic link, nor into a folder; that is told once, and stops nothing", async () => {
  mkdirSync(path.dirname(file()), { recursive: true });
  const elsewhere = path.join(folder, "elsewhere");
  writeFileSync(elsewhere, "");
  symlinkSync(elsewhere, file());
  const one = journal();
  await one.append(entry("a"));
  await one.append(entry("b"));
  expect(readFileSync(elsewhere, "utf8")).toBe("");
  expect(failures).toHaveLength(1);
  rmSync(file());
  mkdirSync(file());
  await journal().append(entry("c"));
  expect(failures).toHaveLength(2);
});
