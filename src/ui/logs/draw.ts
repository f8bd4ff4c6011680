import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { LogState, SourceState } from "../../services/logs/log-follow.ts";
import { drawField } from "../dialogs/draw-field.ts";
import type { Field } from "../dialogs/text-field.ts";
import { frame } from "../draw/frame.ts";
import { fitLine, spread } from "../draw/line.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { filled, spaces, widthOf, wrap } from "../draw/width.ts";
import { footerLine } from "../keymap/footer.ts";
import type { Binding } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import { painted, type View } from "../screen/view.ts";
import type { Numbered } from "./window.ts";

/** Everything that a frame of logs is drawn from. */
export interface LogsScene {
  size: Size;
  title: SafeText;
  demo: boolean;
  sources: readonly { label: SafeText }[];
  state: LogState;
  lines: readonly Numbered[];
  /** At the end, where new lines appear. */
  following: boolean;
  /** Lines below the last one that is shown, and what fell out at the other end. */
  below: number;
  dropped: number;
  times: boolean;
  wrapped: boolean;
  /** Columns that the lines are moved to the left. */
  left: number;
  search: string;
  onlyMatches: boolean;
  input: { label: SafeText; field: Field } | undefined;
  message: Line;
  offered: readonly Binding[];
}

/** Rows of log on the screen. */
export const logRows = (size: Size): number => Math.max(1, size.rows - 5);

const sourceStyles: readonly Style[] = ["accent", "good", "warn", "busy", "bad"];
const longestLabel = 18;

/** The frame of a scene of logs. */
export function logsView(scene: LogsScene, paint: Painter): View {
  const { size } = scene;
  const width = size.columns - 2;
  const rows = logRows(size);
  const drawn = scene.lines.flatMap((one) => lineRows(one, scene, width));
  const body = scene.following || drawn.length <= rows ? drawn.slice(-rows) : drawn.slice(0, rows);
  const framed = frame(body.length === 0 ? [emptyLine(scene)] : body, size.columns, size.rows - 3, {
    title: [span(text` ${scene.title} `, "focus")],
    note: [],
    foot: footOf(scene),
    focused: true,
  });
  return {
    size,
    top: [paint(headerOf(scene))],
    bands: [[painted(framed, paint, "cut")]],
    bottom: [
      paint(fitLine(aboutLine(scene), size.columns)),
      paint(footerLine(scene.offered, scene.message, size.columns)),
    ],
    dialog: undefined,
  };
}

function headerOf({ following, size, demo, sources, state }: LogsScene): Line {
  const left: Line = [
    span(text` ovl-tui`, "focus"),
    span(text`  logs  `, "strong"),
    following ? span(text`following`, "good") : span(text`paused`, "warn"),
    ...(sources.length === 1 ? [] : [span(text`  ${sources.length} sources`, "muted")]),
    ...troubled(state.sources).map((one) => span(text`  ${one}`, "warn")),
  ];
  return spread(left, demo ? [span(text`DEMO `, "accent")] : [], size.columns);
}

/** "1 waiting", "2 ended": what is not simply followed. */
function troubled(sources: readonly SourceState[]): SafeText[] {
  const words = { ended: text`ended`, gone: text`gone`, waiting: text`waiting`, opening: text`opening` };
  return (["opening", "waiting", "ended", "gone"] as const).flatMap((state) => {
    const count = sources.filter((one) => one.state === state).length;
    if (count === 0) return [];
    return [sources.length === 1 ? words[state] : text`${count} ${words[state]}`];
  });
}

function emptyLine({ state, search, onlyMatches }: LogsScene): Line {
  if (onlyMatches && search !== "") return [span(text` no line holds ${clean(search)}`, "muted")];
  const waits = state.sources.some((one) => one.state === "opening" || one.state === "waiting");
  return [span(waits ? text` nothing was heard yet` : text` nothing was written`, "muted")];
}

function footOf({ dropped, state, below, following }: LogsScene): Line {
  const parts = [
    ...(state.skipped > 0 ? [text`${state.skipped} came too fast`] : []),
    ...(dropped > 0 ? [text`${dropped} older ones are gone`] : []),
    ...(following || below === 0 ? [] : [text`${below} more below`]),
  ];
  return parts.length === 0 ? [] : [span(text` ${joined(parts)} `, "muted")];
}

/** What is typed; or why a source is not heard; or what is searched for. */
function aboutLine({ input, state, sources, search, onlyMatches, size }: LogsScene): Line {
  if (input !== undefined) {
    const room = Math.max(10, size.columns - widthOf(input.label) - 4);
    return [span(text` ${input.label} `, "accent"), ...drawField(input.field, room, false)];
  }
  for (const [index, one] of state.sources.entries()) {
    const label = sources[index]?.label ?? text``;
    if (one.state === "waiting") return [span(text` ${label}: ${one.why}; ${one.remedy}`, "warn")];
    if (one.state === "ended" && sources.length === 1) {
      return [span(text` ${label} does not run; it is followed again when it does`, "muted")];
    }
    if (one.state === "gone" && sources.length === 1) return [span(text` ${label} is gone`, "warn")];
  }
  if (search === "") return [];
  return [span(onlyMatches ? text` only lines with ${clean(search)}` : text` searched: ${clean(search)}`, "muted")];
}

function lineRows({ line }: Numbered, scene: LogsScene, width: number): Line[] {
  const prefix: Line = [
    span(spaces(1)),
    ...(scene.times ? [span(text`${timeOf(line.at)} `, "muted")] : []),
    ...sourcePrefix(line.source, scene.sources),
    // Colour alone says nothing: what came on standard error has a mark.
    span(line.from === "stderr" ? text`! ` : text`  `, "warn"),
  ];
  const room = Math.max(
    8,
    width -
      widthOf(
        joined(
          prefix.map((one) => one.text),
          "",
        ),
      ) -
      1,
  );
  if (!scene.wrapped) {
    const cut = scene.left === 0 ? line.words : clean(line.words.slice(scene.left), Number.MAX_SAFE_INTEGER);
    return [[...prefix, ...fitLine(marked(cut, scene.search), room)]];
  }
  return wrap(line.words, room).map((row, index) => [
    ...(index === 0 ? prefix : [span(spaces(width - room - 1))]),
    ...marked(row, scene.search),
  ]);
}

function sourcePrefix(source: number, sources: readonly { label: SafeText }[]): Line {
  if (sources.length < 2) return [];
  const wide = Math.min(longestLabel, Math.max(...sources.map((one) => widthOf(one.label))));
  const style = sourceStyles[source % sourceStyles.length] ?? "plain";
  return [span(filled(sources[source]?.label ?? text``, wide), style), span(spaces(1))];
}

/** The words with every place that matches marked. */
function marked(words: SafeText, search: string): Line {
  if (search === "") return [span(words)];
  const lower = words.toLowerCase();
  const wanted = search.toLowerCase();
  // A few letters change their length in lower case; then nothing is marked rather than the wrong place.
  if (lower.length !== words.length) return [span(words)];
  const line: { text: SafeText; style: Style }[] = [];
  let at = 0;
  for (let found = lower.indexOf(wanted); found >= 0; found = lower.indexOf(wanted, at)) {
    if (found > at) line.push(span(part(words, at, found)));
    line.push(span(part(words, found, found + wanted.length), "cursor"));
    at = found + wanted.length;
  }
  if (at < words.length) line.push(span(part(words, at)));
  return line;
}

/** A part of a safe text is safe. */
const part = (words: SafeText, from: number, to?: number): SafeText =>
  clean(words.slice(from, to), Number.MAX_SAFE_INTEGER);

/** "14:02:11.345" of the operator's own day. */
function timeOf(at: string): SafeText {
  if (at === "") return text`            `;
  const date = new Date(`${at.slice(0, 23)}Z`);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return clean(`${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`);
}
