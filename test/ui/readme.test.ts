import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { keymapMarkdown } from "../../src/ui/keymap/help.ts";

const readme = readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8");

test("the README's table of keys is the keymap's: `npm run docs` writes it", () => {
  const table = /<!-- keys:[^\n]*-->\n([\s\S]*?)\n<!-- \/keys -->/.exec(readme)?.[1];
  expect(table?.trim()).toBe(keymapMarkdown().trim());
});
