import fc from "fast-check";
import { renderToString, Text } from "ink";
import { createElement } from "react";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { clean } from "../../src/domain/text.ts";
import { frame, thumbOf } from "../../src/ui/draw/frame.ts";
import { fitLine, lineWidth } from "../../src/ui/draw/line.ts";
import { span } from "../../src/ui/draw/style.ts";
import { cut, filled, steady, widthOf, wrap } from "../../src/ui/draw/width.ts";
import { hostile } from "./clusters.ts";

const anything = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(...hostile),
  fc
    .array(fc.constantFrom("क", "्", "ष", "ि", "한", "ᄒ", "ᅡ", "👩", "🏽", "🇩", "\u20E3", "1", "é", "\u0301", "ก", "็"), {
      maxLength: 12,
    })
    .map((parts) => parts.join("")),
);

describe("text of any kind", () => {
  test("fills exactly the width it is given", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 60 }), (raw, width) => {
        expect(widthOf(filled(clean(raw), width))).toBe(width);
        expect(widthOf(filled(clean(raw), width, "right"))).toBe(width);
        expect(widthOf(cut(clean(raw), width))).toBeLessThanOrEqual(width);
        expect(lineWidth(fitLine([span(clean(raw)), span(clean(raw), "bad")], width))).toBe(width);
      }),
    );
  });

  test("is as wide as its characters are one by one, so that terminals agree where the next column is", () => {
    fc.assert(
      fc.property(anything, (raw) => {
        const text = steady(clean(raw));
        const sum = [...text].reduce((all, one) => all + stringWidth(one), 0);
        expect(stringWidth(text)).toBe(sum);
        for (const { segment } of new Intl.Segmenter("en").segment(text)) {
          expect(stringWidth(segment)).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  test("joins neither the blank before it nor the one after, whatever letter or mark it is", () => {
    const characters = Array.from({ length: 0x20000 }, (_, point) => String.fromCodePoint(point));
    // Ideographs and syllables of Hangul are many, and alike.
    const letters = characters.filter((one) => /(?!\p{Ideographic}|\p{Script=Hangul})[\p{L}\p{M}\p{Cf}]/u.test(one));
    const joins = letters.filter((one) => {
      const steadied = steady(clean(one));
      return widthOf(` ${steadied} `) !== widthOf(steadied) + 2;
    });
    expect(joins.map((one) => one.codePointAt(0)?.toString(16))).toEqual([]);
  });

  test("takes no more columns when Ink has drawn it", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 4, max: 40 }), (raw, width) => {
        const text = `${filled(clean(raw), width)}|`;
        const drawn = renderToString(createElement(Text, { wrap: "truncate" }, text), { columns: width + 10 });
        expect(drawn.split("\n")).toHaveLength(1);
        expect(widthOf(drawn)).toBe(width + 1);
      }),
      { numRuns: 60 },
    );
  });

  test("wraps into rows that fit and loses no word", () => {
    expect(wrap(clean("one two three four"), 9)).toEqual(["one two", "three", "four"]);
    expect(wrap(clean("abcdefghij"), 4)).toEqual(["abcd", "efgh", "ij"]);
    expect(wrap(clean("a 漢字漢字 b"), 5)).toEqual(["a", "漢字", "漢字", "b"]);
    fc.assert(
      fc.property(anything, fc.integer({ min: 2, max: 30 }), (raw, width) => {
        const rows = wrap(clean(raw), width);
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(width);
        const letters = (some: string): string => some.replaceAll(" ", "");
        expect(letters(rows.join(""))).toBe(letters(steady(clean(raw))));
      }),
    );
  });
});

describe("a frame", () => {
  test("is as wide and as high as asked, whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 6 }),
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 2, max: 9 }),
        (body, width, height) => {
          const made = frame(
            body.map((raw) => [span(clean(raw))]),
            width,
            height,
            { title: [span(clean(body[0] ?? "title"))], note: [span(clean(body[1] ?? ""))], focused: true },
          );
          expect(lineWidth(made.top)).toBe(width);
          expect(lineWidth(made.bottom)).toBe(width);
          expect(made.body).toHaveLength(height - 2);
          for (const line of made.body) expect(lineWidth(line)).toBe(width - 2);
        },
      ),
    );
  });

  test("has a thumb only when not all is shown, at the top for the first row and at the bottom for the last", () => {
    expect(thumbOf(10, 0, 10, 10)).toBeUndefined();
    expect(thumbOf(100, 0, 10, 10)).toEqual({ from: 0, to: 1 });
    expect(thumbOf(100, 90, 10, 10)).toEqual({ from: 9, to: 10 });
    expect(thumbOf(20, 5, 10, 10)).toEqual({ from: 3, to: 8 });
  });
});
