import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Question } from "../../ports/prompter.ts";
import { type Frame, frame, thumbOf } from "../draw/frame.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled, spaces, wrap } from "../draw/width.ts";
import { answerField } from "../screen/act.ts";
import type { Size } from "../screen/layout.ts";
import { commandName, commands } from "../screen/palette.ts";
import type { Scene } from "../screen/scene.ts";
import { drawField } from "./draw-field.ts";
import { contentOf, type Field } from "./text-field.ts";

/** A box over the rest of the screen. */
export interface Dialog {
  x: number;
  y: number;
  frame: Frame;
}

/** What lies on top of the panes: a question, the palette, help, the question before quitting. */
export function dialogOf(scene: Scene): Dialog | undefined {
  switch (scene.place) {
    case "quit":
      return box(scene.size, text`Quit?`, quitBody(scene));
    case "host-key":
    case "secret":
      return scene.question === undefined ? undefined : questionDialog(scene.size, scene.question, answerField(scene));
    case "palette":
      return paletteDialog(scene);
    case "help":
      return helpDialog(scene);
    default:
      return undefined;
  }
}

/** Wide enough for a SHA256 fingerprint with its label, and never wider than the screen. */
const dialogWidth = 76;

/** Columns for what a box holds in a terminal of that size. */
export const innerWidth = (size: Size): number => Math.min(dialogWidth, size.columns - 4) - 4;

/** A framed box in the upper half of the screen, where the eye is; the body has a blank at either side. */
export function box(
  size: Size,
  title: SafeText,
  body: readonly Line[],
  width = innerWidth(size) + 4,
  foot: Line = [],
  thumb?: { from: number; to: number },
): Dialog {
  const { columns, rows } = size;
  const height = Math.min(rows - 2, body.length + 4);
  const padded = [[], ...body].map((line): Line => [span(spaces(1)), ...fitLine(line, width - 4), span(spaces(1))]);
  const framed = frame(padded, width, height, {
    title: [span(text` ${title} `, "focus")],
    foot,
    focused: true,
    thumb: thumb === undefined ? undefined : { from: thumb.from + 1, to: thumb.to + 1 },
  });
  return { x: Math.floor((columns - width) / 2), y: Math.max(1, Math.floor((rows - height) / 3)), frame: framed };
}

/** Words in lines of at most `width` columns. */
export const wrapped = (words: SafeText, width: number, style: Style = "plain"): Line[] =>
  wrap(words, width).map((row) => [span(row, style)]);

const labelled = (label: string, value: SafeText, width: number): Line[] =>
  wrap(value, width - 14).map((row, at) => [
    span(filled(at === 0 ? clean(label) : text``, 14), "muted"),
    span(row, "strong"),
  ]);

/** A key with what it does, as questions offer their answers. */
export const keyed = (key: string, words: SafeText, style: Style = "plain"): Line => [
  span(filled(clean(key), 8), "accent"),
  span(words, style),
];

/** What a connection asks; `answer` is what was typed so far. */
export function questionDialog(size: Size, question: Question, answer: Field): Dialog {
  const width = innerWidth(size);
  if (question.kind === "host-key") {
    return box(size, text`Unknown host key`, [
      ...wrapped(text`${question.node} shows a key that no known_hosts file has.`, width),
      [],
      ...labelled("node", question.node, width),
      ...labelled("host", question.host, width),
      ...labelled("key type", question.keyType, width),
      ...labelled("fingerprint", question.fingerprint, width),
      [],
      ...wrapped(text`Compare it with the fingerprint on the host's own console before you accept.`, width, "warn"),
      [],
      keyed("enter", text`refuse; the node stays away until you ask again with R`),
      keyed("A", text`accept once, for this run of the program`),
      keyed("M", text`accept and remember in ${question.file}`),
    ]);
  }
  const { title, words, masked } = secretWords(question);
  return box(size, title, [
    ...wrapped(words, width),
    ...("again" in question && question.again ? wrapped(text`The last one was wrong.`, width, "bad") : []),
    [],
    [span(text`> `, "accent"), ...drawField(answer, width - 2, masked)],
    [],
    keyed("enter", masked ? text`send; it stays in memory and is written nowhere` : text`send`),
    keyed("esc", text`refuse; the node stays away until you ask again with R`),
  ]);
}

function secretWords(question: Exclude<Question, { kind: "host-key" }>): {
  title: SafeText;
  words: SafeText;
  masked: boolean;
} {
  switch (question.kind) {
    case "passphrase":
      return {
        title: text`Passphrase`,
        words: text`${question.node}: the passphrase of the key ${question.file}`,
        masked: true,
      };
    case "password":
      return {
        title: text`Password`,
        words: text`${question.node}: the password of ${question.user} on ${question.host}`,
        masked: true,
      };
    case "sudo-password":
      return {
        title: text`Password for sudo`,
        words: text`${question.node}: the password that sudo asks of ${question.user}`,
        masked: true,
      };
    case "keyboard-interactive":
      return { title: text`Question of ${question.node}`, words: question.prompt, masked: !question.echo };
  }
}

function quitBody(scene: Scene): Line[] {
  const width = innerWidth(scene.size);
  return [
    ...wrapped(text`This still runs and would be interrupted:`, width),
    ...scene.running.flatMap((one) => wrapped(text`  ${one}`, width, "strong")),
    [],
    keyed("enter", text`stay`),
    keyed("y", text`quit`),
  ];
}

const paletteWidth = 64;

function paletteDialog(scene: Scene): Dialog | undefined {
  const { overlay } = scene.state;
  if (overlay?.kind !== "palette") return undefined;
  const width = Math.min(paletteWidth, scene.size.columns - 4);
  const found = commands(scene, contentOf(overlay.field));
  const rows = found.map((one, index): Line => {
    const line = [
      span(filled(clean(commandName(one)), width - 12)),
      span(filled(clean(one.keys[0] ?? ""), 8, "right"), "accent"),
    ];
    return index === overlay.index ? line.map((part) => ({ ...part, style: "cursor" as const })) : line;
  });
  const body = [
    [span(text`: `, "accent"), ...drawField(overlay.field, width - 6, false)],
    [],
    ...(rows.length === 0 ? [[span(text`no such command`, "muted")]] : rows),
  ];
  return box(scene.size, text`Command`, body, width);
}

function helpDialog(scene: Scene): Dialog | undefined {
  const { help, state } = scene;
  if (help === undefined || state.overlay?.kind !== "help") return undefined;
  const { lines, height } = help;
  const { top } = state.overlay.list;
  const thumb = thumbOf(lines.length, top, height, height);
  const width = Math.min(scene.size.columns - 4, 5 + Math.max(48, ...lines.map((line) => widthOfLine(line))));
  const foot =
    thumb === undefined
      ? []
      : [span(text` ${top + 1}-${Math.min(lines.length, top + height)} of ${lines.length} `, "muted")];
  return box(
    scene.size,
    text`Keys`,
    lines.slice(top, top + height),
    width,
    foot,
    thumb === undefined ? undefined : { from: thumb.from, to: thumb.to },
  );
}

/** Of our own words, without the blanks at their end. */
const widthOfLine = (line: Line): number =>
  line
    .map((one) => one.text)
    .join("")
    .trimEnd().length;
