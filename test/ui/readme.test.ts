import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { keymapMarkdown } from "../../src/ui/keymap/help.ts";
import { parseTape } from "../tape/parse.ts";

const read = (file: string) => readFileSync(path.resolve(import.meta.dirname, "../..", file), "utf8");
const readme = read("README.md");

test("the README's table of keys is the keymap's: `npm run docs` writes it", () => {
  const table = /<!-- keys:[^\n]*-->\n([\s\S]*?)\n<!-- \/keys -->/.exec(readme)?.[1];
  expect(table?.trim()).toBe(keymapMarkdown().trim());
});

test("every picture in the README is one that demo.tape makes: `npm run docs` writes them", () => {
  const shots = parseTape(read("demo.tape")).flatMap((one) => (one.do === "screenshot" ? [one.file] : []));
  const made = shots.map((file) => file.replace(/\.png$/, ".svg"));
  const shown = [...readme.matchAll(/!\[[^\]]*\]\(([^)]*)\)|<img\b[^>]*\bsrc="([^"]*)"/g)].map(
    (one) => one[1] ?? one[2],
  );
  expect(shown.length).toBeGreaterThan(0);
  for (const picture of shown) expect(made).toContain(picture);
  for (const picture of made) expect(read(picture)).toMatch(/^<svg /);
});
