import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Question } from "../../ports/prompter.ts";
import { box, innerWidth, keyed, questionDialog, wrapped } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import { type Field, fieldOf } from "../dialogs/text-field.ts";
import { frame, thumbOf } from "../draw/frame.ts";
import { fitLine, inStyle, lineWidth, spread } from "../draw/line.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { cut, filled, spaces, widthOf } from "../draw/width.ts";
import { footerLine } from "../keymap/footer.ts";
import { type Binding, inPlace, type Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import { painted, type View } from "../screen/view.ts";
import type { Item } from "./fields.ts";

/** Everything that a frame of the set-up is drawn from. */
export interface WizardScene {
  size: Size;
  place: Place;
  /** The names of all pages, and which one is shown. */
  steps: readonly SafeText[];
  step: number;
  title: SafeText;
  demo: boolean;
  body: WizardBody;
  /** One line on what the field under the cursor is for. */
  help: SafeText;
  message: Line;
  question: Question | undefined;
  answer: Field;
  /** Bindings that do something now. */
  offered: readonly Binding[];
  over:
    | { kind: "picker"; hosts: readonly string[]; index: number }
    | { kind: "confirm"; words: readonly SafeText[] }
    | { kind: "accept"; words: readonly SafeText[]; field: Field }
    | undefined;
}

export type WizardBody =
  | { kind: "form"; items: readonly Item[]; focused: string; field: Field }
  | { kind: "lines"; lines: readonly Line[]; top: number; foot: Line };

const labelWidth = 16;
const leastValueWidth = 24;

/** Rows for the body of a page: the frame, header, help and footer taken off. */
export const bodyRows = (size: Size): number => Math.max(1, size.rows - 5);
export const bodyWidth = (size: Size): number => size.columns - 4;

/** The frame of a scene of the set-up. */
export function wizardView(scene: WizardScene, paint: Painter): View {
  const { size, body } = scene;
  const height = size.rows - 3;
  const rows = bodyRows(size);
  const width = bodyWidth(size);
  const all = body.kind === "form" ? formLines(body, width) : { lines: body.lines, at: -1 };
  const top =
    body.kind === "form"
      ? formTop(all.lines.length, all.at, rows)
      : Math.max(0, Math.min(body.top, all.lines.length - rows));
  const shown = all.lines.slice(top, top + rows);
  const thumb = thumbOf(all.lines.length, top, rows, rows);
  const framed = frame(
    shown.map((line): Line => [span(spaces(1)), ...fitLine(line, width), span(spaces(1))]),
    size.columns,
    height,
    {
      title: [span(text` ${scene.title} `, "focus")],
      foot: body.kind === "lines" ? body.foot : [],
      focused: true,
      thumb,
    },
  );
  const dialog = dialogOf(scene);
  return {
    size,
    top: [paint(headerOf(scene))],
    bands: [[painted(framed, paint, "cut")]],
    bottom: [
      paint(fitLine([span(spaces(1)), span(scene.help, "muted")], size.columns)),
      paint(footerLine(scene.offered, scene.message, size.columns)),
    ],
    dialog: dialog === undefined ? undefined : { ...dialog, frame: painted(dialog.frame, paint, "kept") },
  };
}

function headerOf({ steps, step, size, demo }: WizardScene): Line {
  const left: Line = [
    span(text` ovl-tui`, "focus"),
    span(text`  set-up  `, "strong"),
    ...steps.flatMap(
      (name, index): Line => [
        span(index === 0 ? text`` : text` › `, "muted"),
        span(name, index === step ? "cursor" : index < step ? "plain" : "muted"),
      ],
    ),
  ];
  return spread(left, demo ? [span(text`DEMO `, "accent")] : [], size.columns);
}

/** Keeps the row `at` in sight, in the middle where there is more than fits. */
const formTop = (count: number, at: number, rows: number): number =>
  Math.max(0, Math.min(count - rows, at - Math.floor(rows / 2)));

function formLines(body: Extract<WizardBody, { kind: "form" }>, width: number): { lines: Line[]; at: number } {
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
  if (item.value !== "") return [span(clean(item.value))];
  return item.otherwise === undefined ? [span(text`·`, "muted")] : [span(clean(item.otherwise), "muted")];
}

const choiceLine = (item: Extract<Item, { kind: "choice" }>, focused: boolean): Line =>
  item.options.flatMap((one, index): Line => {
    const isChosen = one.value === item.value;
    const words = isChosen ? text`(•) ${one.label}` : text`( ) ${one.label}`;
    return [span(index === 0 ? text`` : text`  `), span(words, isChosen ? (focused ? "cursor" : "strong") : "muted")];
  });

function dialogOf(scene: WizardScene) {
  const { size, over, question } = scene;
  if (question !== undefined) return questionDialog(size, question, scene.answer);
  if (over === undefined) return undefined;
  const width = innerWidth(size);
  switch (over.kind) {
    case "picker": {
      const rows = Math.max(3, size.rows - 10);
      const top = Math.max(0, Math.min(over.hosts.length - rows, over.index - Math.floor(rows / 2)));
      const lines = over.hosts
        .slice(top, top + rows)
        .map((host, row): Line => fitLine([span(clean(host), row + top === over.index ? "cursor" : "plain")], width));
      const nothing: Line[] = wrapped(text`Neither ~/.ssh/config nor known_hosts names a host.`, width, "muted");
      return box(size, text`Known hosts`, lines.length === 0 ? nothing : lines);
    }
    case "confirm":
      return box(size, text`Apply this plan?`, [
        ...over.words.flatMap((words) => wrapped(words, width)),
        [],
        keyed("y", text`apply`),
        keyed("enter", text`no, back to the plan`),
      ]);
    case "accept":
      return box(size, text`Apply with an open port?`, [
        ...over.words.flatMap((words) => wrapped(words, width, "warn")),
        [],
        [span(text`> `, "accent"), ...drawField(over.field, width - 2, false)],
        [],
        keyed("enter", text`apply, once the word insecure stands there`),
        keyed("esc", text`no, back to the plan`),
      ]);
  }
}

/** What is bound in a place, without what does nothing now. */
export const offeredIn = (place: Place, without: readonly Binding["id"][]): readonly Binding[] =>
  inPlace(place).filter((one) => !without.includes(one.id));

export const messageLine = (words: SafeText): Line => inStyle([span(words)], "warn");
