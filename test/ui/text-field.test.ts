import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawField } from "../../src/ui/dialogs/draw-field.ts";
import { contentOf, edited, emptyField, type Field, fieldOf, inserted } from "../../src/ui/dialogs/text-field.ts";
import { widthOf } from "../../src/ui/draw/width.ts";

/** The field after keys; a key that means nothing to it changes nothing. */
const typed = (field: Field, ...keys: string[]): Field => keys.reduce((now, key) => edited(now, key) ?? now, field);
/** The content with | at the cursor. */
const shown = (field: Field): string =>
  [...field.graphemes.slice(0, field.cursor), "|", ...field.graphemes.slice(field.cursor)].join("");

describe("a text field", () => {
  test("takes what is typed at its cursor", () => {
    expect(shown(typed(emptyField, "a", "b", "left", "space", "X"))).toBe("a X|b");
  });

  test("moves and deletes as readline does", () => {
    const field = fieldOf("one two three");
    expect(shown(typed(field, "ctrl-a"))).toBe("|one two three");
    expect(shown(typed(field, "home", "ctrl-f", "delete"))).toBe("o|e two three");
    expect(shown(typed(field, "ctrl-w"))).toBe("one two |");
    expect(shown(typed(field, "ctrl-w", "ctrl-w"))).toBe("one |");
    expect(shown(typed(field, "left", "left", "ctrl-u"))).toBe("|ee");
    expect(shown(typed(field, "ctrl-a", "right", "ctrl-k"))).toBe("o|");
    expect(shown(typed(field, "ctrl-a", "ctrl-e", "backspace"))).toBe("one two thre|");
    expect(shown(typed(emptyField, "backspace", "delete", "left", "ctrl-w", "ctrl-u"))).toBe("|");
  });

  test("moves over and deletes whole graphemes", () => {
    expect(shown(typed(fieldOf("a👩‍👩‍👧b"), "left", "left"))).toBe("a|👩‍👩‍👧b");
    expect(contentOf(typed(fieldOf("a👩‍👩‍👧b"), "left", "backspace"))).toBe("ab");
    expect(typed(fieldOf("e"), "\u0301").graphemes).toEqual(["e\u0301"]);
  });

  test("leaves line ends and controls out of a paste", () => {
    expect(contentOf(inserted(fieldOf("x"), "a\r\nb\tc\u001B[31md\u0000"))).toBe("xabc[31md");
  });

  test("does not take a key that types nothing", () => {
    for (const key of ["up", "pagedown", "enter", "esc", "tab", "ctrl-x", "alt-x"]) {
      expect(edited(fieldOf("a"), key)).toBeUndefined();
    }
  });

  test("keeps its cursor inside whatever is typed", () => {
    const key = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
      fc.constantFrom("left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u", "ctrl-k"),
    );
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        let field = emptyField;
        for (const one of keys) {
          field = edited(field, one) ?? field;
          expect(field.cursor).toBeGreaterThanOrEqual(0);
          expect(field.cursor).toBeLessThanOrEqual(field.graphemes.length);
          expect([...new Intl.Segmenter("en").segment(contentOf(field))].length).toBeLessThanOrEqual(
            field.graphemes.length,
          );
        }
      }),
    );
  });

  test("is drawn at exactly its width with the cursor in sight, and masked shows nothing of what it holds", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.integer({ min: 4, max: 30 }),
        fc.nat(),
        (value, width, steps) => {
          let field = inserted(emptyField, value);
          for (let step = 0; step < steps % 50; step++) field = edited(field, "left") ?? field;
          const text = drawField(field, width, false)
            .map((one) => one.text)
            .join("");
          expect(widthOf(text)).toBe(width);
          const masked = drawField(field, width, true);
          expect(masked.map((one) => one.text).join("")).toMatch(/^[* ]*$/);
          expect(masked.some((one) => one.style === "cursor")).toBe(true);
        },
      ),
    );
  });
});
