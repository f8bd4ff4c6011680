import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { completion } from "../../src/cli/completion/scripts.ts";
import { keys, Terminal } from "../terminal/terminal.ts";
import { shellsRoot } from "./build.ts";
import { done } from "./command.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { installMissing } from "./requirements.ts";

const names = commands.map(({ name }) => name).filter((name) => name !== "");

onRealHosts("completion in shells that this machine may not have", () => {
  let root = "";
  /** A folder of this run in the root file system. */
  let folder = "";
  const inside = (name: string): string => path.join("/", path.relative(root, folder), name);

  beforeAll(async () => {
    await installMissing();
    root = await shellsRoot();
    folder = mkdtempSync(path.join(root, "tmp/completion-"));
    for (const shell of ["zsh", "fish"] as const) writeFileSync(path.join(folder, shell), completion(shell));
    for (const name of ["one.yaml", "two.yaml"]) writeFileSync(path.join(folder, name), "");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe("fish offers", () => {
    /** What it offers at the end of each line; without the descriptions. */
    async function offered(line: string): Promise<string[]> {
      const asked = "source $argv[1]; complete -C $argv[2]";
      const argv = ["chroot", root, "/usr/bin/fish", "--no-config", "-c", asked, inside("fish"), line];
      const answer = await done(argv, { env: { HOME: inside("."), LANG: "C.UTF-8" } });
      return answer.split("\n").flatMap((one) => (one === "" ? [] : [one.split("\t")[0] ?? ""]));
    }

    test("every command, and each one's own options", async () => {
      expect((await offered("ovl-tui ")).sort()).toEqual([...names].sort());
      for (const { name, options } of commands) {
        const everywhere = name === "" ? ["help", "version"] : ["help"];
        const expected = [...options, ...everywhere].map((option) => `--${option}`).sort();
        expect((await offered(`ovl-tui ${name} --`)).sort()).toEqual(expected);
      }
    });

    test.each<[string, string, string[]]>([
      ["the options of a command after an option's value", "ovl-tui -c x condor --con", ["--config", "--container"]],
      ["the shells", "ovl-tui completion ", ["bash", "fish", "zsh"]],
      ["one shell only", "ovl-tui completion bash ", []],
      ["nothing for a number", "ovl-tui status --timeout ", []],
      ["nothing of ours in a container's command", "ovl-tui exec node1 -- --", []],
    ])("%s", async (_, line, expected) => {
      expect(await offered(line)).toEqual(expected);
    });

    test("files for --config", async () => {
      expect(await offered(`ovl-tui status --config ${inside("t")}`)).toEqual([inside("two.yaml")]);
    });
  });

  test("zsh offers commands, their options with what they do, and files", async () => {
    const env = { PS1: "prompt> ", HOME: inside("."), LANG: "C.UTF-8" };
    const zsh = new Terminal(["chroot", root, "/bin/zsh", "-f", "-i"], { columns: 110, rows: 30, env });
    /** Types a line in place of the one before, on an empty screen. */
    const types = (...words: string[]) => zsh.press("\x15", "\x0c", ...words);
    try {
      await zsh.shows(/prompt>/);
      zsh.press(`autoload -U compinit; compinit -D -u; source ${inside("zsh")}; print read${keys.enter}`);
      await zsh.shows(/^read$/m);
      types("ovl-tui ", keys.tab);
      for (const { name, summary } of commands.filter((one) => one.name !== "")) {
        await zsh.shows(new RegExp(`^${name} +-- ${summary.slice(0).replaceAll(/[.*+?^$()[\]|]/g, "\\$&")}`, "m"));
      }
      types("ovl-tui sta", keys.tab, "--j", keys.tab);
      await zsh.shows(/ovl-tui status --json/);
      types("ovl-tui -c x apply --", keys.tab);
      await zsh.shows(/^--break-lock +-- take the lock away/m);
      expect(zsh.text()).not.toMatch(/--full|--config/);
      types("ovl-tui completion ", keys.tab);
      await zsh.shows(/^bash +fish +zsh$/m);
      types(`ovl-tui plan --config=${inside("tw")}`, keys.tab);
      await zsh.shows(/two\.yaml/);
    } finally {
      await zsh.close();
    }
  });
});
