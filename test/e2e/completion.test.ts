import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { keys, Terminal } from "../terminal/terminal.ts";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");
let folder = "";
let script = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-completion-"));
  mkdirSync(path.join(folder, "clusters"));
  for (const name of ["cluster one.yaml", "clusters/a.yaml"]) writeFileSync(path.join(folder, name), "");
  script = path.join(folder, "completion.bash");
  writeFileSync(script, run("completion", "bash").stdout);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: "utf8" });

/** What bash offers at the last of these words, cut as bash cuts them. */
function offered(...words: string[]): string[] {
  const asked = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _ovl_tui; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", asked, "bash", script, "ovl-tui", ...words], {
    encoding: "utf8",
    cwd: folder,
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash offers", () => {
  test("every command", () => {
    expect(offered("")).toEqual(commands.map(({ name }) => name).filter((name) => name !== ""));
    expect(offered("he")).toEqual(["help"]);
  });

  test.each(commands)("the options of `ovl-tui $name`, and no others", ({ name, options }) => {
    const words = name === "" ? [] : [name];
    const everywhere = name === "" ? ["help", "version"] : ["help"];
    expect(offered(...words, "--")).toEqual([...options, ...everywhere].map((option) => `--${option}`));
  });

  test.each<[string, string[], string[]]>([
    ["a command after an option's value", ["--config", "x", "sta"], ["status"]],
    ["a command after an option's value that is joined to it", ["--config", "=", "x", "sta"], ["status"]],
    ["the options of a command that stands after an option", ["-c", "status", "plan", "--rem"], ["--remove"]],
    ["files for --config", ["status", "--config", "clu"], ["cluster one.yaml", "clusters"]],
    ["files for --config=", ["status", "--config", "=", "clusters/"], ["clusters/a.yaml"]],
    ["files right after --config=", ["status", "--config", "="], ["cluster one.yaml", "clusters", "completion.bash"]],
    ["nothing for a number", ["status", "--timeout", ""], []],
    ["the shells", ["completion", ""], ["bash", "zsh", "fish"]],
    ["one shell only", ["completion", "bash", ""], []],
    ["the commands there is help of", ["help", "con"], ["condor"]],
    ["nothing of ours in a container's command", ["exec", "node1", "--", "--"], []],
    ["nothing after a word that is no command", ["frobnicate", "--"], []],
  ])("%s", (_, words, expected) => {
    expect(offered(...words).sort()).toEqual([...expected].sort());
  });
});

test("tab completes in a bash that was told once", async () => {
  const env = { PS1: "prompt> ", HISTFILE: "" };
  const shell = new Terminal(["bash", "--norc", "-i"], { columns: 100, rows: 24, cwd: folder, env });
  try {
    await shell.shows(/prompt>/);
    shell.press(
      `ovl-tui() { '${process.execPath}' '${bin}' "$@"; }; eval "$(ovl-tui completion bash)"; echo read${keys.enter}`,
    );
    await shell.shows(/^read$/m);
    shell.press("ovl-tui sta", keys.tab, "--js", keys.tab, "--config=cluster", keys.escape, "?");
    await shell.shows(/ovl-tui status --json --config=cluster/);
    await shell.shows(/cluster one\.yaml +clusters\//);
  } finally {
    await shell.close();
  }
});

test("completion without a shell that it knows says which there are", () => {
  for (const words of [[], ["csh"], ["bash", "zsh"]]) {
    expect(run("completion", ...words)).toMatchObject({
      status: 2,
      stdout: "",
      stderr: "completion needs the name of a shell: bash, zsh, fish\n",
    });
  }
});
