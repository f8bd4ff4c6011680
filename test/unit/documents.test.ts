import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { commands, options } from "../../src/cli/commands.ts";

const root = path.resolve(import.meta.dirname, "../..");
const readText = (file: string): string => readFileSync(path.join(root, file), "utf8");
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(readText("package.json")));

describe.each(["README.md", "CONTRIBUTING.md"])("%s names", (document) => {
  const content = readText(document);
  const all = (pattern: RegExp): string[] => [...content.matchAll(pattern)].map(([, found = ""]) => found);

  test("no file that is not there", () => {
    const named = all(/(?:^|[\s`(])((?:bin|build|docs|man|src|test)\/[\w./-]*\w)/gm).filter(
      (file) => !/[A-Z]{3}/.test(file),
    );
    const linked = all(/\]\((?!https?:|#)([^)\s#]+)/g);
    expect([...named, ...linked].filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  test("no npm script that is not there", () => {
    const run = all(/npm run (?:--silent )?([\w:-]+)/g);
    expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test("no command and no option of the program that is not there", () => {
    // A command line begins a span or a line of code, perhaps after a folder or inside of "$(…)"; a sentence does not.
    const lines = all(/(?:^|`|\()ovl-tui((?: [^`\n|#)]*)?)/gm).map((line) => line.trim());
    const names: readonly string[] = commands.map(({ name }) => name);
    if (document === "README.md") expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) {
      const [ours = ""] = line.split(" -- ");
      const [word = ""] = ours.split(" ");
      // What the program says begins with its name as well: "ovl-tui needs Node.js 22.13 or later".
      if (line === "needs Node.js 22.13 or later") continue;
      if (/^[a-z]/.test(word)) expect(names, line).toContain(word);
      for (const [, option = ""] of ours.matchAll(/(?<!\S)\[?--([a-z-]+)/g))
        expect(Object.keys(options), line).toContain(option);
    }
  });
});

test("every command of the program is in the README's table of commands", () => {
  const readme = readText("README.md");
  const missing = commands
    .filter(({ name }) => name !== "" && name !== "help")
    .filter(({ name }) => !readme.includes(`\`ovl-tui ${name}`));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
