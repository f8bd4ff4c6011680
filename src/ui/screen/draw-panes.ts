import { clean, text } from "../../domain/text.ts";
import { type Frame, frame, thumbOf } from "../draw/frame.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, span } from "../draw/style.ts";
import { spaces, wrap } from "../draw/width.ts";
import { paneIds, paneTitles } from "../panes/pane.ts";
import { drawTable } from "../table/draw.ts";
import type { ShownDetail, ShownList, ShownPane } from "./scene.ts";

/** A pane in its frame. */
export function drawPane(pane: ShownPane): Frame {
  const { place, content, list, focused } = pane;
  const number = paneIds.indexOf(place.id) + 1;
  const marks = pane.marked.size === 0 ? 0 : list.table.rows.filter((row) => pane.marked.has(row.key)).length;
  const title: Line = [
    // The mark says which pane has the keys where there are no colours.
    span(focused ? text`▸` : text` `, "focus"),
    span(text`${number} ${clean(paneTitles[place.id])} `, focused ? "focus" : "strong"),
    ...(marks === 0 ? [] : [span(text`•${marks} marked `, "accent")]),
    ...filterNote(list),
  ];
  const note: Line = content.note.length === 0 ? [] : [span(text` `), ...content.note, span(text` `)];
  const body = listLines(list, place.width - 2, focused, content.hint, pane.marked);
  return frame(body, place.width, place.height, {
    title,
    note,
    foot: position(list),
    focused,
    thumb: listThumb(list, 1),
  });
}

/** The filter and how much it lets through. */
function filterNote(list: ShownList): Line {
  if (list.filter === "") return [];
  return [
    span(text`/${clean(list.filter)} `, "accent"),
    span(text`${list.rows.length} of ${list.table.rows.length} `, "muted"),
  ];
}

/** Titles and the visible rows; hints under them, or in their place. */
function listLines(
  list: ShownList,
  width: number,
  focused: boolean,
  hint: readonly Line[],
  marked?: ReadonlySet<string>,
): Line[] {
  const { rows, window, table, height } = list;
  if (table.rows.length > 0 && rows.length === 0) {
    return [[], [span(text` nothing matches; esc takes the filter away`, "muted")]];
  }
  const cursor = focused && window.index >= 0 ? window.index : undefined;
  const drawn =
    rows.length === 0
      ? []
      : drawTable(table, rows, { from: window.top, to: window.top + height, cursor }, width, marked);
  const hints = hint.flatMap((line) =>
    line.flatMap((one) => wrap(one.text, width - 2).map((row): Line => [span(spaces(1)), span(row, one.style)])),
  );
  return hints.length === 0 ? drawn : [...drawn, [], ...hints];
}

/** Which rows are on the screen, when not all are. */
function position(list: ShownList): Line {
  const { rows, window, height } = list;
  if (rows.length <= height || height <= 0) return [];
  const to = Math.min(rows.length, window.top + height);
  return [span(text` ${window.top + 1}-${to} of ${rows.length} `, "muted")];
}

/** The thumb beside the list's rows, which begin `above` rows under the frame's edge. */
function listThumb(list: ShownList, above: number): { from: number; to: number } | undefined {
  const thumb = thumbOf(list.rows.length, list.window.top, list.height, list.height);
  return thumb === undefined ? undefined : { from: thumb.from + above, to: thumb.to + above };
}

/** A detail view in its frame: tabs, then lines to read or a list. */
export function drawDetail(shown: ShownDetail, size: { width: number; height: number }): Frame {
  const { detail, tab, lines, list, height, top } = shown;
  const width = size.width - 2;
  if (detail === undefined || tab === undefined) {
    const gone = [[], [span(text` it is there no more; esc goes back`, "warn")]];
    return frame(gone, size.width, size.height, { title: [span(text` gone `, "strong")], focused: true });
  }
  const title: Line = [span(text` `), ...detail.title, span(text` `), ...(list === undefined ? [] : filterNote(list))];
  const tabs = detail.tabs.length === 1 ? [] : tabLine(shown, width);
  if (list === undefined) {
    const thumb = thumbOf(lines.length, top, height, height);
    const to = Math.min(lines.length, top + height);
    return frame([tabs, ...lines.slice(top, top + height)], size.width, size.height, {
      title,
      foot: thumb === undefined ? [] : [span(text` ${top + 1}-${to} of ${lines.length} `, "muted")],
      focused: true,
      thumb: thumb === undefined ? undefined : { from: thumb.from + 1, to: thumb.to + 1 },
    });
  }
  const above = lines.length === 0 ? [] : [...lines, []];
  const hint = tab.empty === undefined || list.table.rows.length > 0 ? [] : [[span(tab.empty, "muted")]];
  return frame([tabs, ...above, ...listLines(list, width, true, hint)], size.width, size.height, {
    title,
    foot: position(list),
    focused: true,
    thumb: listThumb(list, above.length + 2),
  });
}

function tabLine({ detail, tab }: ShownDetail, width: number): Line {
  const tabs = (detail?.tabs ?? []).flatMap(
    (one): Line => [span(text` `), span(text` ${one.title} `, one === tab ? "cursor" : "muted")],
  );
  return fitLine(tabs, width);
}
