import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { commands, options } from "../../src/cli/commands.ts";
import { version } from "../../src/cli/version.ts";
import { manPage } from "../docs/man-page.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../man/ovl-tui.1"), "utf8");

test("the manual page is the table of commands': `npm run docs keys` writes it", () => {
  expect(page).toBe(manPage(version()));
});

test("the manual page has every command, every option and every exit code", () => {
  for (const { name, exits } of commands) {
    const section = page
      .split(/^\.SS /m)
      .find((one) => one.startsWith(name === "" ? '"ovl\\-tui"' : `"ovl\\-tui ${name}`));
    expect(section, name).toBeDefined();
    for (const exit of exits) expect(section).toMatch(new RegExp(`^\\.B ${/^\d+/.exec(exit)?.[0] ?? "other"}$`, "m"));
  }
  for (const name of Object.keys(options)) expect(page).toContain(`\\fB\\-\\-${name.replaceAll("-", "\\-")}\\fR`);
});

test("no text on the manual page is taken for a request of roff, and any roff can read its characters", () => {
  // The requests are those of man(7) that the page means; an escape that roff does not know would be dropped silently.
  for (const line of page.split("\n").filter((one) => /^[.']/.test(one))) {
    expect(line).toMatch(/^\.(\\"|TH|SH|SS|TP|PP|B|I|BR|br)( |$)/);
  }
  expect(page).toMatch(/^[\x0a\x20-\x7e]*$/);
  expect(page.replaceAll(/\\(\[u[0-9A-F]{4,5}\]|\((aq|ga|ti|ha|dq)|f[BIR]|[-e&"])/g, "")).not.toContain("\\");
});
