import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { gridColumns } from "../../src/ui/screen/layout.ts";
import { Cast } from "../tape/cast.ts";
import { headOf } from "../tape/head.ts";
import { parseTape } from "../tape/parse.ts";
import { patternOf } from "../tape/pattern.ts";
import { writeShim } from "../tape/shim.ts";

const demo = readFileSync(path.resolve(import.meta.dirname, "../../demo.tape"), "utf8");

/** What a tape presses, command by command. */
const pressed = (tape: string) => parseTape(tape).flatMap((one) => (one.do === "type" ? [one.keys.join("")] : []));
const sized = (tape: string) => headOf(parseTape(tape)).size;

describe("a tape", () => {
  test("is read command by command, several on a line, comments left out", () => {
    const commands = parseTape(
      [
        "# a story",
        "Output docs/demo.gif",
        "Require ovl-tui",
        "Set FontSize 16",
        "Set TypingSpeed 40ms",
        'Type "demo" Sleep 300ms Enter # and wait',
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
      { do: "type", line: 6, keys: ["d", "e", "m", "o"], everyMs: undefined },
      { do: "sleep", line: 6, ms: 300 },
      { do: "type", line: 6, keys: ["\r"], everyMs: undefined },
      { do: "wait", line: 7, on: "screen", timeoutMs: 20_000, pattern: /3.3 nodes live/u },
      { do: "type", line: 8, keys: ["\x1b[B", "\x1b[B"], everyMs: undefined },
      { do: "type", line: 9, keys: ["\x0c"], everyMs: 0 },
      { do: "hide", line: 10 },
      { do: "show", line: 11 },
      { do: "screenshot", line: 12, file: "docs/open.png" },
    ]);
  });

  test("takes seconds, minutes and bare numbers as times", () => {
    const tape = "Sleep 2\nSleep 1.5s\nSleep 1m\nSleep 250ms\nSleep .5\nSleep 3.";
    expect(parseTape(tape).map((one) => one.do === "sleep" && one.ms)).toEqual([2000, 1500, 60_000, 250, 500, 3000]);
  });

  test("types words without quotes too, unless VHS has a meaning for them", () => {
    expect(pressed("Type one two.three Enter")).toEqual(["one two.three", "\r"]);
    expect(() => parseTape("Type Enter")).toThrow("line 1: Type expects text");
  });

  test("ends its text at a comment, as VHS does", () => {
    expect(() => parseTape('Type "one" # of\n"two"')).toThrow('line 2: unknown command "two"');
  });

  test("presses keys with others held down as a terminal sends them", () => {
    expect(pressed("Ctrl+[\nCtrl+Space\nCtrl+Enter\nCtrl+Backspace\nCtrl+Alt+C")).toEqual([
      ...["\x1b", "\0", "\r", "\b", "\x1b\x03"],
    ]);
    expect(pressed("Ctrl+Left\nCtrl+Alt+Shift+Up\nCtrl+a+B")).toEqual(["\x1b[1;5D", "\x1b[1;8A", "\x01\x02"]);
    expect(pressed("Alt+.\nAlt+[\nAlt+Enter\nShift+Tab\nShift+a")).toEqual(["\x1b.", "\x1b[", "\x1b\r", "\x1b[Z", "A"]);
    expect(pressed('Insert\nType "→x"\nAlt+"1"\nDown 0\nDown 1.5')).toEqual([
      ...["\x1b[2~", "\x1b[Cx", "\x1b1", "", "\x1b[B"],
    ]);
  });

  test("presses Escape twice as two keys", () => {
    expect(parseTape("Escape 2")).toMatchObject([{ keys: ["\x1b", "\x1b"] }]);
  });

  test("pastes what it copied last, and sets the environment of its shell", () => {
    const commands = parseTape('Copy "a" b\nPaste\nCopy c\nEnv CITY "Ulm"\nPaste');
    expect(pressed('Copy "a" b\nPaste\nCopy c\nPaste')).toEqual(["a b", "c"]);
    expect(headOf(commands).env).toEqual({ CITY: "Ulm" });
  });

  test.each([
    ["Enter\nDance", 'line 2: unknown command "Dance"'],
    ["Enter\n'Enter'", 'line 2: unknown command "Enter"'],
    ["Home", 'line 1: unknown command "Home"'],
    ["End", 'line 1: unknown command "End"'],
    ["Set Colour 3", 'line 1: unknown setting "Colour"'],
    ["Type 3", "line 1: Type expects text"],
    ["Sleep", "line 1: a time is missing, such as 500ms or 2s"],
    ["Sleep 1.2.3", "line 1: 1.2.3 is no number"],
    ["Wait+Corner /x/", "line 1: Wait+ expects Line or Screen"],
    ["Wait@0s", "line 1: Wait expects a time of more than 0"],
    ["Require Enter", "line 1: Require expects a program"],
    ["Screenshot docs/a.svg", "line 1: Screenshot expects a file that ends in .png, not docs/a.svg"],
    ["Output docs", "line 1: Output expects a file with an ending, such as demo.gif"],
    ["\nWait /(/", "line 2: /(/ is no regular expression"],
    ["Ctrl+1", "line 1: Ctrl+ expects a capital letter"],
    ["Ctrl+Tab", "line 1: Ctrl+ expects a capital letter"],
    ["Ctrl+Escape", "line 1: Ctrl+ expects a capital letter"],
    ["Ctrl+s", "line 1: Ctrl+ expects a capital letter"],
    ["Ctrl+C+Alt", "line 1: Alt stands before the key"],
    ["Ctrl+Shift", "line 1: Ctrl+ expects a key"],
    ["Ctrl", "line 1: Ctrl+ expects a key"],
    ["Ctrl+C 3", 'line 1: unknown command "3"'],
    ["Alt+1", "line 1: Alt+ expects a character in quotes"],
    ["Alt+Escape", "line 1: Alt+ expects a character in quotes"],
    ["Shift+Left", "line 1: Shift+ expects a character in quotes"],
    ['Type "open', "line 1: cannot be read from here"],
    ["# nothing", "line 1: the tape has no command"],
  ])("%j is refused with its line, as VHS refuses it", (tape, message) => {
    expect(() => parseTape(tape)).toThrow(message);
  });

  test.each([
    ["Set WindowBar Foo", "line 1: Set WindowBar expects Colorful, ColorfulRight, Rings or RingsRight"],
    ["Set CursorBlink 3", "line 1: Set CursorBlink expects true or false"],
    ["Set MarginFill '#12345'", 'line 1: Set MarginFill expects a file or a colour such as "#5B56E0"'],
    ["Set FontSize 1.5", "line 1: Set FontSize expects a whole number"],
    ["Set Width wide", "line 1: Set Width expects a whole number"],
    ["Set LineHeight 1.2.3", "line 1: Set LineHeight expects a number"],
    ["Set FontSize 16%", 'line 1: unknown command "%"'],
    ["Set TypingSpeed 1m", 'line 1: unknown command "m"'],
    ["Set Shell sh", "line 1: Set Shell expects a shell that VHS knows, such as bash"],
    ["\nSet WaitPattern /(/", "line 2: /(/ is no regular expression"],
    ["Set Theme", "line 1: Set Theme expects a value"],
    ["Set", 'line 1: unknown setting ""'],
  ])("%j is refused with its line, as VHS refuses it", (tape, message) => {
    expect(() => parseTape(tape)).toThrow(message);
  });

  test("may set everything that VHS can set", () => {
    const tape = [
      'Set Shell bash\nSet FontFamily "DejaVu Sans Mono"\nSet Theme { "name": "x" }\nSet Theme Dracula\nSet Framerate 60',
      "Set PlaybackSpeed .5\nSet LoopOffset 60.4%\nSet LoopOffset 20\nSet MarginFill '#5B56E0'\nSet Margin 20",
      'Set WindowBar Rings\nSet WindowBar ""\nSet BorderRadius 8\nSet CursorBlink false\nSet WaitPattern "[$] $"',
    ].join("\n");
    expect(parseTape(tape)).toHaveLength(15);
  });

  test.each([
    ["Enter\nSource other.tape", "line 2: Source is VHS's, and not played here"],
    ["ScrollUp 3", "line 1: ScrollUp is VHS's, and not played here"],
    ["Paste", "line 1: Paste without a Copy before it is not played here"],
    ["Set Shell fish", "line 1: Set Shell fish is not played here"],
    ["Output frames/", "line 1: Output frames/ is VHS's, and not made here: it is no film"],
    ["Output golden.txt", "line 1: Output golden.txt is VHS's, and not made here: it is no film"],
    ["Ctrl+-", "line 1: Ctrl+- is VHS's, and not played here"],
    ["Ctrl+Shift+O", "line 1: Ctrl+Shift+O is VHS's, and not played here"],
    ["Wait /[[:alpha:]]/", "line 1: /[[:alpha:]]/ is a regular expression of VHS's that is not played here"],
  ])("%j, which VHS can play and this player cannot, says so with its line", (tape, message) => {
    expect(() => parseTape(tape)).toThrow(message);
  });
});

describe("a regular expression of a tape is Go's", () => {
  test.each([
    ["(?=x)", "looks around"],
    ["(?!x)", "looks around"],
    ["(?<=x)y", "looks around"],
    ["(?<!x)y", "looks around"],
    ["(a)\\1", "refers back to a group"],
    ["(?P<n>a)(?P<n>b)", "has two groups of the name n"],
    ["\\u0041", "has \\u, which means nothing"],
    ["\\cA", "has \\c, which means nothing"],
    ["[]", "is no regular expression"],
    ["[^]", "is no regular expression"],
    ["a**", "is no regular expression"],
    ["a{1001}", "repeats too often"],
  ])("%j is refused", (source, why) => {
    expect(() => patternOf(source, 7)).toThrow(`line 7: /${source}/ ${why}`);
  });

  test.each([
    // ^ and $ are the ends of the text, unless lines are asked for.
    ["^b$", "a\nb", false],
    ["(?m)^b$", "a\nb", true],
    ["\\Aa\\z", "a\nb", false],
    ["(?i)NODES", "3/3 nodes", true],
    ["(?P<count>\\d+)/3", "3/3", true],
    ["a{,2}", "a{,2}", true],
    ["a{,2}", "aa", false],
    ["}]", "}]", true],
    ["[]a]", "]", true],
    ["[[]", "[", true],
    ['\\"\\_\\-', '"_-', true],
    ["^\\s$", "\u00a0", false],
    ["^.$", "\u{1f600}", true],
    ["^[^a]$", "\n", true],
  ])("%j on %j: %j", (source, text, matches) => {
    expect(patternOf(source, 1).test(text)).toBe(matches);
  });
});

describe("the head of a tape", () => {
  test("decides how many columns and rows there are, with VHS's defaults", () => {
    expect(sized("Sleep 1")).toEqual({ columns: 74, rows: 15 });
    expect(sized("Set LetterSpacing 0")).toEqual({ columns: 79, rows: 15 });
    expect(sized("Set LineHeight 1.5")).toEqual({ columns: 74, rows: 10 });
    expect(sized("Set Margin 20\nSet WindowBar Rings")).toEqual({ columns: 71, rows: 13 });
  });

  test("that leaves no room for a terminal is refused", () => {
    expect(() => sized("Set Height 600\nSet Padding 300")).toThrow("line 2: what is set leaves no room for a terminal");
  });

  test("ends at the first other command: VHS ignores what is set or required later, and warns, but for the speed", () => {
    const { settings, required, warnings } = headOf(
      parseTape("Set FontSize 16\nRequire sh\nEnter\nSet FontSize 40\nRequire no-such\nSet TypingSpeed 1ms"),
    );
    expect(settings).toMatchObject({ FontSize: 16, TypingSpeed: 50 });
    expect(required.map((one) => one.program)).toEqual(["sh"]);
    expect(warnings).toEqual([
      "line 4: Set FontSize has no effect after the first other command: it belongs at the top",
      "line 5: Require no-such has no effect after the first other command: it belongs at the top",
    ]);
  });
});

describe("demo.tape", () => {
  test("has room for four panes here, and no less under VHS", () => {
    const { columns, rows } = sized(demo);
    expect(columns).toBeGreaterThanOrEqual(gridColumns);
    expect(rows).toBeGreaterThanOrEqual(28);
    const { settings } = headOf(parseTape(demo));
    expect(settings).toMatchObject({ FontSize: 16, LetterSpacing: 0, LineHeight: 1 });
    const { Width, Height, Padding } = settings;
    // So JetBrains Mono has cells of 9x21 on xterm.js's canvas, measured in Chromium; ttyd pads with 10, a scroll bar has 15.
    expect(Math.floor((Width - 2 * Padding - 10 - 15) / 9)).toBeGreaterThanOrEqual(columns);
    expect(Math.floor((Height - 2 * Padding - 10) / 21)).toBeGreaterThanOrEqual(rows);
  });

  test("leaves the program most of its minute: what it types and sleeps takes less than half", () => {
    const commands = parseTape(demo);
    const speed = headOf(commands).settings.TypingSpeed;
    const ms = commands.map((one) => {
      if (one.do === "sleep") return one.ms;
      return one.do === "type" ? one.keys.length * (one.everyMs ?? speed) : 0;
    });
    expect(ms.reduce((sum, one) => sum + one, 0)).toBeLessThan(30_000);
  });
});

test("the tape's ovl-tui is found where Node and the program lie in folders with blanks, quotes and dollars", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-tape's $HOME "));
  try {
    const script = path.join(folder, 'my "program" `id`/ovl tui.mjs');
    mkdirSync(path.dirname(script));
    writeFileSync(script, "process.stdout.write(JSON.stringify(process.argv.slice(2)));");
    const node = path.join(folder, "no de");
    symlinkSync(process.execPath, node);
    writeShim(folder, "ovl-tui", script, node);
    const said = execFileSync(path.join(folder, "ovl-tui"), ["a b", "$1"], { encoding: "utf8" });
    expect(JSON.parse(said)).toEqual(["a b", "$1"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
