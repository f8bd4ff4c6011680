import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean, text } from "../../src/domain/text.ts";
import { widthOf } from "../../src/ui/draw/width.ts";
import { drawTable } from "../../src/ui/table/draw.ts";
import { placeColumns } from "../../src/ui/table/layout.ts";
import { moved, scrolled, settle, untouched } from "../../src/ui/table/list.ts";
import { type Column, type ColumnShape, matching, table } from "../../src/ui/table/table.ts";

interface Row {
  key: string;
  name: string;
  image: string;
  size: number;
}
const columns: Column<Row>[] = [
  { title: text`NAME`, value: (row) => clean(row.name), width: "fit", keep: "always" },
  { title: text`IMAGE`, value: (row) => clean(row.image), width: "grow", keep: "always" },
  { title: text`SIZE`, value: (row) => text`${row.size}`, width: "number", keep: "wide" },
];
const row = (name: string, image = "nginx", size = 1): Row => ({ key: name, name, image, size });
const drawn = (rows: Row[], width: number, cursor?: number): string[] => {
  const made = table(columns, rows);
  return drawTable(made, made.rows, { from: 0, to: rows.length, cursor }, width).map((line) =>
    line.map((one) => one.text).join(""),
  );
};

describe("a table", () => {
  test("aligns its columns under their titles, numbers to the right", () => {
    expect(drawn([row("web", "nginx", 5), row("database", "postgres", 1234)], 40)).toEqual([
      " NAME      IMAGE     SIZE               ",
      " web       nginx        5               ",
      " database  postgres  1234               ",
    ]);
  });

  test("leaves out what is for wide screens before anything is cut, then cuts what grows", () => {
    expect(drawn([row("database", "registry.example/postgres", 1234)], 40)).toEqual([
      " NAME      IMAGE                        ",
      " database  registry.example/postgres    ",
    ]);
    expect(drawn([row("database", "registry.example/postgres", 1234)], 24)).toEqual([
      " NAME     IMAGE         ",
      " database registry.exa… ",
    ]);
  });

  test("shows a dash for what is not known", () => {
    expect(drawn([row("", "nginx")], 24)[1]).toBe(" -     nginx     1       ".slice(0, 24));
  });

  test("finds rows by every word in any column and case", () => {
    const made = table(columns, [row("web-1", "nginx"), row("web-2", "httpd"), row("db", "nginx")]);
    const found = (filter: string) => matching(made, filter).map((one) => one.key);
    expect(found("WEB nginx")).toEqual(["web-1"]);
    expect(found(" nginx ")).toEqual(["web-1", "db"]);
    expect(found("")).toEqual(["web-1", "web-2", "db"]);
    expect(found("nothing")).toEqual([]);
  });

  test("whatever the values and the width, each row is exactly that wide", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.nat()), { maxLength: 8 }),
        fc.integer({ min: 12, max: 120 }),
        (values, width) => {
          const rows = values.map(([name, image, size], index) => ({ key: `${index}`, name, image, size }));
          for (const line of drawn(rows, width, 0)) expect(widthOf(line)).toBe(width);
        },
      ),
    );
  });
});

describe("columns", () => {
  const shape = (natural: number, width: ColumnShape["width"], keep: ColumnShape["keep"] = "always"): ColumnShape => ({
    title: text`T`,
    natural,
    width,
    keep,
  });

  test("never take more than there is", () => {
    const any = fc.record({
      natural: fc.integer({ min: 1, max: 300 }),
      width: fc.constantFrom<ColumnShape["width"]>("fit", "grow", "number"),
      keep: fc.constantFrom<ColumnShape["keep"]>("always", "wide"),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 9 }), fc.nat({ max: 200 }), (some, available) => {
        const { columns: placed, gap } = placeColumns(
          some.map((one) => shape(one.natural, one.width, one.keep)),
          available,
        );
        const total = placed.reduce((sum, one) => sum + one.width, 0) + gap * Math.max(0, placed.length - 1);
        expect(total).toBeLessThanOrEqual(available);
      }),
    );
  });

  test("that are kept always stay when there is not room for all", () => {
    const { columns: placed } = placeColumns([shape(10, "fit"), shape(20, "fit", "wide"), shape(10, "fit")], 30);
    expect(placed.map((one) => one.index)).toEqual([0, 2]);
  });
});

describe("the cursor", () => {
  const keys = (...names: string[]) => names;

  test("stays on its row, and the row on its line, when rows come in above", () => {
    const before = keys("c", "d", "e", "f", "g", "h", "i", "j", "k", "l");
    const list = moved(untouched, before, 5, 5);
    const then = settle(list, before, 5);
    const now = settle(list, keys("a", "b", ...before), 5);
    expect(before[then.index]).toBe("h");
    expect(now.index).toBe(then.index + 2);
    expect(now.index - now.top).toBe(then.index - then.top);
  });

  test("goes to the row in the same place when its own is gone", () => {
    const list = moved(untouched, keys("a", "b", "c"), 5, 1);
    expect(settle(list, keys("a", "c"), 5).index).toBe(1);
    expect(settle(list, keys("a"), 5).index).toBe(0);
    expect(settle(list, [], 5).index).toBe(-1);
  });

  test("that was never moved stays on the first row, whichever that becomes", () => {
    expect(settle(untouched, keys("b", "c"), 5).index).toBe(0);
    expect(settle(untouched, keys("a", "b", "c"), 5).index).toBe(0);
  });

  test("is always on the screen, and the window never shows less than it could", () => {
    const step = fc.integer({ min: -30, max: 30 });
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 20 }), fc.array(step), (count, height, steps) => {
        const all = Array.from({ length: count }, (_, index) => `row ${index}`);
        let list = untouched;
        for (const by of steps) {
          list = moved(list, all, height, by);
          const { index, top } = settle(list, all, height);
          if (count === 0) return;
          expect(index).toBeGreaterThanOrEqual(top);
          expect(index).toBeLessThan(top + height);
          expect(top).toBeLessThanOrEqual(Math.max(0, count - height));
          expect(top).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  test("a text scrolls to its end and no further", () => {
    expect(scrolled(untouched, 30, 10, 5).top).toBe(5);
    expect(scrolled(untouched, 30, 10, Number.POSITIVE_INFINITY).top).toBe(20);
    expect(scrolled(untouched, 5, 10, 3).top).toBe(0);
  });
});
