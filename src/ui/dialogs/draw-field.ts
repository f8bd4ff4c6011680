import { clean, type SafeText, text } from "../../domain/text.ts";
import { type Line, span } from "../draw/style.ts";
import { spaces, steady, widthOf } from "../draw/width.ts";
import type { Field } from "./text-field.ts";

/** The field in exactly `width` columns, scrolled so that its cursor is in sight; masked, each grapheme is one asterisk. */
export function drawField(field: Field, width: number, masked: boolean): Line {
  const cells = field.graphemes.map((one) => (masked ? text`*` : steady(clean(one))));
  const under = cells[field.cursor] ?? text` `;
  let from = field.cursor;
  let used = widthOf(under);
  while (from > 0 && used + widthOf(cells[from - 1] ?? "") <= width) {
    from -= 1;
    used += widthOf(cells[from] ?? "");
  }
  let to = field.cursor + 1;
  while (to < cells.length && used + widthOf(cells[to] ?? "") <= width) {
    used += widthOf(cells[to] ?? "");
    to += 1;
  }
  const part = (some: readonly SafeText[]): SafeText => clean(some.join(""), Number.POSITIVE_INFINITY);
  return [
    span(part(cells.slice(from, field.cursor))),
    span(under, "cursor"),
    span(part(cells.slice(field.cursor + 1, to))),
    span(spaces(width - used)),
  ];
}
