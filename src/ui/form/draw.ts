import { clean, type SafeText, text } from "../../domain/text.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import { type Field, fieldOf } from "../dialogs/text-field.ts";
import { fitLine, lineWidth } from "../draw/line.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { cut, filled, spaces, widthOf } from "../draw/width.ts";
import type { Item } from "./item.ts";

/** Fields as they stand on a page, with the text of the one under the cursor. */
export interface FormBody {
  items: readonly Item[];
  focused: string;
  field: Field;
}

const labelWidth = 16;
const leastValueWidth = 24;

/** Keeps the row `at` in sight, in the middle where there is more than fits. */
export const formTop = (count: number, at: number, rows: number): number =>
  Math.max(0, Math.min(count - rows, at - Math.floor(rows / 2)));

/** The fields, a line each, and which line the cursor is on; what has no room beside the field under it follows it. */
export function formLines(body: FormBody, width: number): { lines: Line[]; at: number } {
  const lines: Line[] = [[]];
  let at = 0;
  for (const item of body.items) {
    const focused = item.id === body.focused;
    if (focused) at = lines.length;
    if (item.under === undefined && lines.length > 1 && width >= 100) lines.push([]);
    lines.push(itemLine(item, focused, body.field, width));
    if (focused) lines.push(...rest(item, width));
  }
  return { lines, at };
}

/** What is told of the field and has no room beside it. */
function rest(item: Item, width: number): Line[] {
  const { words, style } = toldOf(item);
  if (besideWidth(item, width) >= widthOf(words)) return [];
  return wrapped(words, width - 2 - labelWidth, style).map((line) => [span(spaces(2 + labelWidth)), ...line]);
}

const toldOf = (item: Item): { words: SafeText; style: Style } => ({
  words: item.problem ?? item.note?.words ?? text``,
  style: item.problem === undefined ? (item.note?.tone ?? "muted") : "bad",
});

/** Columns for what is told beside a value, which keeps some for itself; a choice shows all of its answers. */
function besideWidth(item: Item, width: number): number {
  const wide = widthOf(toldOf(item).words);
  const least = item.kind === "choice" ? lineWidth(choiceLine(item, false)) : leastValueWidth;
  const room = Math.max(0, width - 2 - labelWidth - least - 2);
  return item.kind === "choice" && wide > room ? 0 : Math.min(wide, room);
}

function itemLine(item: Item, focused: boolean, field: Field, width: number): Line {
  const mark = span(focused ? text`▸ ` : text`  `, "focus");
  const label = span(filled(item.label, labelWidth), focused ? "strong" : "muted");
  const { words, style } = toldOf(item);
  const beside = besideWidth(item, width);
  const valueWidth = width - 2 - labelWidth - (beside === 0 ? 0 : beside + 2);
  return [
    mark,
    label,
    ...fitLine(valueLine(item, focused, field, valueWidth), valueWidth),
    ...(beside === 0 ? [] : [span(spaces(2)), span(cut(words, beside), style)]),
  ];
}

function valueLine(item: Item, focused: boolean, field: Field, width: number): Line {
  if (item.kind === "choice") return choiceLine(item, focused);
  if (focused) {
    const empty = field.graphemes.length === 0 && item.otherwise !== undefined;
    return empty
      ? [...drawField(fieldOf(""), 1, false), span(text` ${clean(item.otherwise ?? "")}`, "muted")]
      : drawField(field, width, false);
  }
  if (item.value !== "") return [span(item.shown ?? clean(item.value))];
  return item.otherwise === undefined ? [span(text`·`, "muted")] : [span(clean(item.otherwise), "muted")];
}

const choiceLine = (item: Extract<Item, { kind: "choice" }>, focused: boolean): Line =>
  item.options.flatMap((one, index): Line => {
    const isChosen = one.value === item.value;
    const words = isChosen ? text`(•) ${one.label}` : text`( ) ${one.label}`;
    return [span(index === 0 ? text`` : text`  `), span(words, isChosen ? (focused ? "cursor" : "strong") : "muted")];
  });
