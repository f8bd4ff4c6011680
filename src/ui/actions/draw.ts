import type { MenuItem } from "../../domain/operate/menu.ts";
import { operationCommand, operationWords } from "../../domain/operate/operation.ts";
import type { Answers, Proposal, Proposed } from "../../domain/operate/proposal.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { OperationProgress } from "../../services/operate/operate.ts";
import { box, type Dialog, innerWidth, keyed, wrapped } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import { thumbOf } from "../draw/frame.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled, spaces } from "../draw/width.ts";
import type { Binding } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import type { Phase } from "./actions.ts";
import { fieldLines } from "./draw-fields.ts";

/** Everything that the dialog is drawn from. */
export interface ActionsScene {
  size: Size;
  phase: Phase;
  title: SafeText | undefined;
  menu: readonly MenuItem[];
  shortcuts: readonly Binding[];
  propose: (item: MenuItem, answers: Answers) => Proposed;
  readOnly: boolean;
}

/** The dialog of the phase. */
export function actionsDialog(scene: ActionsScene): Dialog {
  const { phase } = scene;
  switch (phase.at) {
    case "menu":
      return menuDialog(scene, phase);
    case "fields":
      return fieldsDialog(scene, phase);
    case "confirm":
      return confirmDialog(scene, phase);
    case "results":
      return resultsDialog(scene, phase);
  }
}

const gone = text`it is there no more`;

const menuWidth = 46;
/** A dialog's own frame and blanks, the header above it, and the line on the row and the footer below it. */
const rowsAround = 7;

function menuDialog(scene: ActionsScene, { index, message }: Of<"menu">): Dialog {
  const { size, title, menu, shortcuts, propose, readOnly } = scene;
  const width = innerWidth(size);
  const changes = menu.map((item, at): Line => {
    const obstacle = readOnly ? text`read-only` : item.obstacle;
    const style: Style = at === index ? "cursor" : obstacle === undefined ? "plain" : "muted";
    const label = filled(item.asks.length > 0 ? text`${item.label} …` : item.label, menuWidth);
    return [span(label, style), span(text` `), span(obstacle ?? text``, "muted")];
  });
  const others = shortcuts.map((one, at): Line => {
    const style: Style = at + menu.length === index ? "cursor" : "plain";
    return [span(filled(clean(one.label), menuWidth), style), span(text` ${clean(one.keys[0] ?? "")}`, "accent")];
  });
  const hint = message ?? previewOf(menu[index], propose);
  const foot = [[], ...wrapped(hint, width, message === undefined ? "muted" : "warn")];
  const entries = [...changes, ...others].map((line) => fitLine(line, width));
  // The entry under the cursor is kept in sight, with one more below it.
  const height = size.rows - rowsAround - foot.length;
  return scrollBox(size, text`Actions: ${title ?? gone}`, entries, foot, Math.max(0, index + 2 - height));
}

type Of<At extends Phase["at"]> = Extract<Phase, { at: At }>;

/** The command behind an entry that asks nothing. */
function previewOf(item: MenuItem | undefined, propose: ActionsScene["propose"]): SafeText {
  if (item === undefined || item.obstacle !== undefined || item.asks.length > 0) return text``;
  const proposed = propose(item, {});
  if (!proposed.ok) return proposed.problem;
  const [first, ...more] = proposed.proposal.operations;
  if (first === undefined) return text``;
  const command = text`on ${first.node}: ${operationCommand(first)}`;
  return more.length === 0 ? command : text`${command}, and ${more.length} more`;
}

function fieldsDialog({ size, title }: ActionsScene, { item, fields, problem }: Of<"fields">): Dialog {
  const width = innerWidth(size);
  return box(size, text`${title ?? gone}: ${item.label}`, [
    ...fieldLines(fields, width),
    [],
    ...(problem === undefined ? [[]] : wrapped(problem, width, "bad")),
    [],
    keyed("enter", text`preview`),
    keyed("← →", text`other answers; ↑ ↓ other fields`),
  ]);
}

function confirmDialog({ size }: ActionsScene, { item, proposal, typed, top }: Of<"confirm">): Dialog {
  const width = innerWidth(size);
  const lines = confirmLines(proposal, width);
  const foot: Line[] =
    proposal.typed === undefined
      ? [[], keyed("y", text`do it`), keyed("enter", text`no`)]
      : [
          [],
          ...wrapped(text`${proposal.typed.why} Type "${proposal.typed.word}" to do it:`, width, "warn"),
          [span(text`> `, "accent"), ...drawField(typed, width - 2, false)],
          keyed("enter", text`do it, once it stands there`),
          keyed("esc", text`no`),
        ];
  return scrollBox(size, text`${capital(item.label)}?`, lines, foot, top);
}

/** What is done, each with its command; what is left out; what to know. */
function confirmLines({ operations, left, warnings }: Proposal, width: number): Line[] {
  return [
    ...operations.flatMap((one): Line[] => [
      ...wrapped(operationWords(one), width, "strong"),
      ...wrapped(operationCommand(one), width - 2, "accent").map((line) => [span(spaces(2)), ...line]),
    ]),
    ...(left.length === 0 ? [] : [[], ...left.flatMap((one) => wrapped(text`not: ${one}`, width, "muted"))]),
    ...(warnings.length === 0 ? [] : [[], ...warnings.flatMap((one) => wrapped(one, width, "warn"))]),
  ];
}

function resultsDialog({ size }: ActionsScene, { item, run, top }: Of<"results">): Dialog {
  const width = innerWidth(size);
  const results = run.state.get();
  const lines = results.flatMap((one) => resultLines(one, width));
  const isOver = results.every(({ now }) => now.state !== "waiting" && now.state !== "running");
  const foot: Line[] = isOver
    ? [[], keyed("enter", text`back to the panes`)]
    : [[], keyed("esc", text`back to the panes; it goes on`), keyed("c", text`begin no more`)];
  return scrollBox(size, capital(item.label), lines, foot, top);
}

function resultLines({ operation, now }: OperationProgress, width: number): Line[] {
  const { mark, style } = marks[now.state];
  const what: Line = [span(text`${mark} `, style), span(operationWords(operation))];
  switch (now.state) {
    case "waiting":
      return [what];
    case "running":
      return [now.says === undefined ? what : [...what, span(text`  ${now.says}`, "muted")]];
    case "done":
      return [[...what, span(text`  ${Math.round(now.ms / 100) / 10} s`, "muted")]];
    case "refused":
      return [what, ...indented(now.error, width, "warn")];
    default:
      return [what, ...indented(now.error, width, style), ...indented(now.remedy, width, "muted")];
  }
}

const indented = (words: SafeText, width: number, style: Style): Line[] =>
  wrapped(words, width - 2, style).map((line) => [span(spaces(2)), ...line]);

const marks = {
  waiting: { mark: text`·`, style: "muted" },
  running: { mark: text`…`, style: "busy" },
  done: { mark: text`✓`, style: "good" },
  failed: { mark: text`✗`, style: "bad" },
  unknown: { mark: text`?`, style: "warn" },
  refused: { mark: text`–`, style: "warn" },
} as const satisfies Record<OperationProgress["now"]["state"], { mark: SafeText; style: Style }>;

/** A dialog whose upper part is scrolled when there is not room for all of it. */
function scrollBox(size: Size, title: SafeText, lines: readonly Line[], foot: readonly Line[], wanted: number): Dialog {
  const height = Math.max(1, Math.min(lines.length, size.rows - rowsAround - foot.length));
  const top = Math.max(0, Math.min(wanted, lines.length - height));
  const thumb = thumbOf(lines.length, top, height, height);
  const position: Line =
    thumb === undefined ? [] : [span(text` ${top + 1}-${top + height} of ${lines.length} `, "muted")];
  return box(size, title, [...lines.slice(top, top + height), ...foot], innerWidth(size) + 4, position, thumb);
}

const capital = (words: SafeText): SafeText => clean(words.slice(0, 1).toUpperCase() + words.slice(1));
