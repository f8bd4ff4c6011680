/**
 * `npm run docs`: writes what is told of the program from the program itself: the README's table of keys from the keymap,
 * the manual page from the table of commands, and docs/screen.svg from a run on the lab's real hosts, where the lab can
 * run. `npm run docs keys` writes the keys and the manual page alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { version } from "../../src/cli/version.ts";
import { keymapMarkdown } from "../../src/ui/keymap/help.ts";
import { done } from "../lab/command.ts";
import { Lab, labObstacle } from "../lab/lab.ts";
import { openScreen } from "../lab/on-screen.ts";
import { screenToSvg } from "../terminal/svg.ts";
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

/** A picture of two hosts at work: the classic procedure's containers, some of daily life, one that ended. */
async function drawScreen(): Promise<void> {
  await done(["npm", "run", "--silent", "--prefix", root, "build"]);
  const lab = await Lab.up({ name: "picture" });
  try {
    for (const [node, name] of [
      ["node103", "submit"],
      ["node104", "worker-1"],
      ["node104", "worker-2"],
    ] as const) {
      await lab
        .node(node)
        .docker("run", "-d", "--name", name, "--network", "ov_net1", "big_computing", "sleep", "100000");
    }
    await lab.node("node103").docker("run", "--name", "nightly-report", "big_computing", "true");
    const screen = openScreen(lab, { columns: 132, rows: 32, env: { COLORTERM: "truecolor", FORCE_COLOR: "3" } });
    try {
      await screen.shows(/2\/2 nodes live/, 30);
      await screen.shows(/worker-2 .*\d+%/, 30);
      // A minute's age looks calmer than seconds that differ from row to row.
      await new Promise((resolve) => setTimeout(resolve, 65_000));
      mkdirSync(path.join(root, "docs"), { recursive: true });
      writeFileSync(path.join(root, "docs/screen.svg"), screenToSvg(screen.screen, "ovl-tui on two hosts"));
    } finally {
      await screen.close();
    }
  } finally {
    await lab.down();
  }
}

writeKeys();
writeManPage();
const obstacle = process.argv[2] === "keys" ? "only the keys were asked for" : labObstacle();
if (obstacle === undefined) await drawScreen();
else process.stderr.write(`docs/screen.svg stays as it is: ${obstacle}\n`);
