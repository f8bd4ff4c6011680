import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean, cleanLines, joined, longestText, type SafeText, text } from "../../src/domain/text.ts";

/** Nothing of these may reach a terminal: controls, formats (bidi, zero width), private use, lone surrogates, separators. */
const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Pieces that terminals act on, nested and cut in every way that chance finds. */
const hostile = fc.constantFrom(
  "\u001b",
  "\u001b[31m",
  "\u001b]0;title\u0007",
  "\u001b]52;c;cHduZWQ=\u001b\\",
  "\u001bPq#0\u001b\\",
  "\u001b_payload\u001b\\",
  "\u009b2J",
  "\u009d0;x\u009c",
  "\u001b[",
  "31m",
  "\r",
  "\n",
  "\t",
  "\b",
  "\u0007",
  "\u000e",
  "\u007f",
  "\u0085",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u200d",
  "\ufeff",
  "\u2028",
  "\u{e0041}",
  "\u{f0000}",
  "\ud83d",
  "\ude00",
  "node1",
  "漢字",
  "👩‍👩‍👧",
  "é",
);
const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(hostile, { maxLength: 40 }).map((parts) => parts.join("")),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
);

describe("text from outside", () => {
  test("no input leaves a control or format character", () => {
    fc.assert(
      fc.property(anything, (raw) => {
        expect(clean(raw)).not.toMatch(unsafe);
      }),
      { numRuns: 2000 },
    );
  });

  test("the result is never longer than the limit, wherever the cut falls", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 64 }), (raw, limit) => {
        const safe = clean(raw, limit);
        expect(safe.length).toBeLessThanOrEqual(limit);
        expect(safe).not.toMatch(unsafe);
      }),
      { numRuns: 2000 },
    );
  });

  test("what was cut says so", () => {
    expect(clean("x".repeat(10_000))).toBe(`${"x".repeat(longestText - 1)}…`);
    expect(clean("x".repeat(longestText))).toBe("x".repeat(longestText));
  });

  test("cleaning what is clean changes nothing", () => {
    fc.assert(
      fc.property(anything, (raw) => {
        expect(clean(clean(raw))).toBe(clean(raw));
      }),
      { numRuns: 2000 },
    );
  });

  test("a sequence hidden in another does not come alive when the outer one is taken out", () => {
    expect(clean("\u001b\u001b[31m[31mred")).not.toMatch(unsafe);
    expect(clean("\u001b]\u001b]0;x\u00070;evil\u0007")).not.toMatch(unsafe);
  });

  test("an unfinished sequence is shown, not swallowed with the rest of the row", () => {
    expect(clean("web\u001b[")).toBe("web␛[");
    expect(clean("web\u009bxyz")).toContain("web");
  });

  test("ordinary names of any script stay as they are", () => {
    for (const name of ["node103", "big_computing:latest", "計算ノード", "größe", "שרת", "🐳"]) {
      expect(clean(name)).toBe(name);
    }
  });

  test("line ends and tabs become one space, so a value stays one row", () => {
    expect(clean("a\r\nb\nc\td")).toBe("a b c d");
    expect(clean("progress 10%\rprogress 20%")).toBe("progress 10%␍progress 20%");
  });

  test("several lines are each made safe, and no more of them than asked for", () => {
    expect(cleanLines("one\u001b[1m\r\ntwo\u0007\nthree", 2)).toEqual(["one", "two␇"]);
    fc.assert(
      fc.property(anything, (raw) => {
        for (const line of cleanLines(raw)) expect(line).not.toMatch(unsafe);
      }),
    );
  });

  test("our own words and safe values join to safe text", () => {
    const name: SafeText = clean("node\u001b[31m103");
    expect(text`${name} up ${4}m`).toBe("node103 up 4m");
    expect(joined([name, text`node104`])).toBe("node103, node104");
  });
});
