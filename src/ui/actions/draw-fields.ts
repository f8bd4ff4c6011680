import { clean, text } from "../../domain/text.ts";
import { drawField } from "../dialogs/draw-field.ts";
import { emptyField } from "../dialogs/text-field.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";
import type { AskedFields } from "./fields.ts";

const labelWidth = 12;

/** What is asked for, a line each; the one that the keys act on stands out. */
export const fieldLines = (fields: AskedFields, width: number): Line[] =>
  fields.asked.map((_, at) => fitLine(fieldLine(fields, at, width), width));

function fieldLine({ asked, at, texts, choices }: AskedFields, index: number, width: number): Line {
  const one = asked[index];
  if (one === undefined) return [];
  const isFocused = index === at;
  const label = [span(text`${clean(isFocused ? "▸ " : "  ")}`, "focus"), span(filled(one.label, labelWidth), "muted")];
  const room = width - labelWidth - 2;
  if (one.kind === "choice") {
    const chosen = one.options[choices[one.id] ?? 0];
    const value = chosen?.label ?? text`nothing to choose from`;
    const count = one.options.length > 1 ? text`  ${(choices[one.id] ?? 0) + 1} of ${one.options.length}` : text``;
    return [
      ...label,
      span(text`‹ `, "muted"),
      span(value, isFocused ? "cursor" : "strong"),
      span(text` ›`, "muted"),
      span(count, "muted"),
    ];
  }
  const field = texts[one.id] ?? emptyField;
  if (isFocused && field.graphemes.length > 0) return [...label, ...drawField(field, room, false)];
  if (isFocused) return [...label, ...drawField(field, 1, false), span(text` ${one.hint}`, "muted")];
  const value = field.graphemes.join("");
  return [...label, value === "" ? span(one.hint, "muted") : span(clean(value))];
}
