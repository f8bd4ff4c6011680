import type { KeyName } from "../keymap/keys.ts";
import { typedBy } from "../keymap/keys.ts";

/** A line being typed. The cursor counts graphemes, so that it never stands inside one. */
export interface Field {
  graphemes: readonly string[];
  cursor: number;
}

export const emptyField: Field = { graphemes: [], cursor: 0 };

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const split = (value: string): string[] => [...segmenter.segment(value)].map((one) => one.segment);

/** A field that holds `value`, the cursor behind it. */
export function fieldOf(value: string): Field {
  const graphemes = split(value);
  return { graphemes, cursor: graphemes.length };
}

/** What stands in the field. */
export const contentOf = (field: Field): string => field.graphemes.join("");

/** Longer than any password or filter; a paste of a whole file must not stop the screen. */
const longest = 4096;
// C0, DEL, C1 and line separators: nobody types them, and a paste from a terminal may hold them.
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** The field after text was typed or pasted at the cursor; line ends and controls in it are left out. */
export function inserted(field: Field, typed: string): Field {
  const before = field.graphemes.slice(0, field.cursor).join("") + typed.replace(controls, "");
  const after = field.graphemes.slice(field.cursor);
  // Joined anew: what was typed may complete the grapheme before the cursor (a combining accent).
  const joined = split(before).slice(0, longest);
  return { graphemes: [...joined, ...after], cursor: joined.length };
}

/** The field after a key, as readline has them; undefined when the key means nothing to a text. */
export function edited(field: Field, key: KeyName): Field | undefined {
  const { graphemes, cursor } = field;
  const end = graphemes.length;
  switch (key) {
    case "left":
    case "ctrl-b":
      return { graphemes, cursor: Math.max(0, cursor - 1) };
    case "right":
    case "ctrl-f":
      return { graphemes, cursor: Math.min(end, cursor + 1) };
    case "home":
    case "ctrl-a":
      return { graphemes, cursor: 0 };
    case "end":
    case "ctrl-e":
      return { graphemes, cursor: end };
    case "backspace":
    case "ctrl-h":
      return without(field, cursor - 1, cursor);
    case "delete":
    case "ctrl-d":
      return without(field, cursor, cursor + 1);
    case "ctrl-u":
      return without(field, 0, cursor);
    case "ctrl-k":
      return without(field, cursor, end);
    case "ctrl-w":
      return without(field, wordStart(field), cursor);
    default: {
      const typed = typedBy(key);
      return typed === undefined ? undefined : inserted(field, typed);
    }
  }
}

function without({ graphemes, cursor }: Field, from: number, to: number): Field {
  if (from < 0) return { graphemes, cursor };
  return {
    graphemes: [...graphemes.slice(0, from), ...graphemes.slice(to)],
    cursor: cursor <= from ? cursor : Math.max(from, cursor - (to - from)),
  };
}

function wordStart({ graphemes, cursor }: Field): number {
  let at = cursor;
  while (at > 0 && graphemes[at - 1] === " ") at -= 1;
  while (at > 0 && graphemes[at - 1] !== " ") at -= 1;
  return at;
}
