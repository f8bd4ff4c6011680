/**
 * `npm run docs`: writes what is told of the program from the program itself: the README's table of keys from the keymap,
 * the manual page from the table of commands, and the pictures and the recording in docs/ from demo.tape. `npm run docs
 * keys` writes the keys and the manual page alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { version } from "../../src/cli/version.ts";
import { keymapMarkdown } from "../../src/ui/keymap/help.ts";
import { done } from "../lab/command.ts";
import { playTape } from "../tape/player.ts";
import { manPage } from "./man-page.ts";

const root = path.resolve(import.meta.dirname, "../..");

function writeKeys(): void {
  const file = path.join(root, "README.md");
  const before = readFileSync(file, "utf8");
  const marked = /(<!-- keys:[^\n]*-->\n)[\s\S]*?(<!-- \/keys -->)/;
  writeFileSync(
    file,
    before.replace(marked, (_, head: string, foot: string) => `${head}${keymapMarkdown().trim()}\n${foot}`),
  );
}

function writeManPage(): void {
  mkdirSync(path.join(root, "man"), { recursive: true });
  writeFileSync(path.join(root, "man/ovl-tui.1"), manPage(version()));
}

/** The tape on the built program: its pictures and its recording. */
async function playTheTape(): Promise<void> {
  await done(["npm", "run", "--silent", "--prefix", root, "build"]);
  const tape = readFileSync(path.join(root, "demo.tape"), "utf8");
  const { files } = await playTape(tape, { folder: root, program: path.join(root, "bin/ovl-tui.js"), into: root });
  for (const file of files) process.stdout.write(`${path.relative(root, file)}\n`);
}

writeKeys();
writeManPage();
if (process.argv[2] !== "keys") await playTheTape();
