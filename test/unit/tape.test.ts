import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Cast } from "../tape/cast.ts";
import { parseTape } from "../tape/parse.ts";

describe("a tape", () => {
  test("is read command by command, several on a line, comments left out", () => {
    const commands = parseTape(
      [
        "# a story",
        "Output docs/demo.gif",
        "Require ovl-tui",
        "Set FontSize 16",
        "Set TypingSpeed 40ms",
        'Type "ovl-tui demo" Sleep 300ms Enter',
        "Wait+Screen@20s /3.3 nodes live/",
        "Down 2",
        "Ctrl+L",
        "Hide",
        "Show",
        "Screenshot docs/open.png",
      ].join("\n"),
    );
    expect(commands).toEqual([
      { do: "output", line: 2, file: "docs/demo.gif" },
      { do: "require", line: 3, program: "ovl-tui" },
      { do: "set", line: 4, setting: "FontSize", value: "16" },
      { do: "set", line: 5, setting: "TypingSpeed", value: "40" },
      { do: "type", line: 6, text: "ovl-tui demo", everyMs: undefined },
      { do: "sleep", line: 6, ms: 300 },
      { do: "type", line: 6, text: "\r", everyMs: undefined },
      { do: "wait", line: 7, on: "screen", timeoutMs: 20_000, pattern: /3.3 nodes live/m },
      { do: "type", line: 8, text: "\x1b[B\x1b[B", everyMs: undefined },
      { do: "type", line: 9, text: "\x0c", everyMs: undefined },
      { do: "hide", line: 10 },
      { do: "show", line: 11 },
      { do: "screenshot", line: 12, file: "docs/open.png" },
    ]);
  });

  test("takes seconds, minutes and bare numbers as times", () => {
    const times = parseTape("Sleep 2\nSleep 1.5s\nSleep 1m\nSleep 250ms").map((one) => one.do === "sleep" && one.ms);
    expect(times).toEqual([2000, 1500, 60_000, 250]);
  });

  test.each([
    ["Enter\nDance", 'line 2: unknown command "Dance"'],
    ["Set Colour 3", 'line 1: unknown setting "Colour"'],
    ["Type demo", "line 1: Type expects text in quotes"],
    ["Sleep", "line 1: a time is missing, such as 500ms or 2s"],
    ["Wait+Corner /x/", "line 1: Wait+ expects Line or Screen"],
    ["Screenshot docs/a.svg", "line 1: Screenshot expects a file that ends in .png, not docs/a.svg"],
    ["Output docs", "line 1: Output expects a file with an ending, such as demo.gif"],
    ["\nWait /(/", "line 2: /(/ is no regular expression"],
    ["Ctrl+Left+a", 'line 1: unknown command "+"'],
    ['Type "open', "line 1: cannot be read from here"],
  ])("%j is refused with its line", (tape, message) => {
    expect(() => parseTape(tape)).toThrow(message);
  });
});

test("demo.tape leaves the program most of its minute: what it types and sleeps takes less than half", () => {
  const commands = parseTape(readFileSync(path.resolve(import.meta.dirname, "../../demo.tape"), "utf8"));
  const speed = Number(
    commands.flatMap((one) => (one.do === "set" && one.setting === "TypingSpeed" ? one.value : []))[0],
  );
  const ms = commands.map((one) => {
    if (one.do === "sleep") return one.ms;
    return one.do === "type" ? one.text.length * (one.everyMs ?? speed) : 0;
  });
  expect(ms.reduce((sum, one) => sum + one, 0)).toBeLessThan(30_000);
});

test("a recording leaves hidden stretches out of its time, and keeps what was drawn in them", () => {
  const cast = new Cast({ columns: 80, rows: 24 }, "demo", 1000);
  cast.wrote("a", 1500);
  cast.hide(true, 2000);
  cast.wrote("b", 9000);
  cast.hide(false, 10_000);
  cast.wrote("c", 10_250);
  const [header, ...events] = cast
    .text()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(header).toEqual({ version: 2, width: 80, height: 24, title: "demo" });
  expect(events).toEqual([
    [0.5, "o", "a"],
    [1, "o", "b"],
    [1.25, "o", "c"],
  ]);
});
