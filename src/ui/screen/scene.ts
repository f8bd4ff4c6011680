import type { SafeText } from "../../domain/text.ts";
import type { Question } from "../../ports/prompter.ts";
import type { Detail, DetailTab } from "../details/detail.ts";
import type { Line } from "../draw/style.ts";
import { helpLines } from "../keymap/help.ts";
import { type Binding, inPlace, type Place } from "../keymap/keymap.ts";
import { type PaneContent, type PaneId, paneIds } from "../panes/pane.ts";
import { settle, type Window } from "../table/list.ts";
import { keysOf, matching, type Table, type TableRow } from "../table/table.ts";
import type { Contents } from "./contents.ts";
import { type Layout, layoutOf, leastSize, type PanePlace, type Size } from "./layout.ts";
import { openingOf, opens } from "./openings.ts";
import { freshList, type ListView, type ScreenState } from "./state.ts";

/** A list as it stands on the screen. */
export interface ShownList {
  table: Table;
  /** Those that the filter lets through. */
  rows: readonly TableRow[];
  window: Window;
  /** Rows of the list on the screen. */
  height: number;
  filter: string;
}

export interface ShownPane {
  place: PanePlace;
  content: PaneContent;
  list: ShownList;
  focused: boolean;
  /** Keys of the rows that the operator marked. */
  marked: ReadonlySet<string>;
}

export interface ShownDetail {
  /** Undefined: what it is of is there no more. */
  detail: Detail | undefined;
  tab: DetailTab | undefined;
  /** Above the list; or, without one, the text that is scrolled. */
  lines: readonly Line[];
  list: ShownList | undefined;
  /** Rows of the body, under the tabs. */
  height: number;
  /** First line shown of a text without a list. */
  top: number;
}

/** Everything that a frame is drawn from and that a key may depend on. Worked out anew for every key and frame. */
export interface Scene {
  size: Size;
  state: ScreenState;
  contents: Contents;
  place: Place;
  layout: Layout;
  panes: readonly ShownPane[];
  detail: ShownDetail | undefined;
  question: Question | undefined;
  /** What runs and would be interrupted by leaving. */
  running: readonly SafeText[];
  help: { lines: readonly Line[]; height: number } | undefined;
}

const frameAndTitles = 3;
/** A detail's frame and its row of tabs. */
const frameAndTabs = 3;

/** What is on the screen now, put together from the state of the screen and what it shows; `running`: what leaving would interrupt. */
export function sceneOf(
  state: ScreenState,
  contents: Contents,
  size: Size,
  question: Question | undefined,
  running: readonly SafeText[],
): Scene {
  const place = placeOf(state, question, size);
  const layout = layoutOf(size, state.focus, state.zoomed, wantedRows(contents));
  const panes = layout.bands.flat().map((one): ShownPane => {
    const content = contents.pane(one.id);
    const list = shownList(content.table, state.panes[one.id], one.height - frameAndTitles);
    return { place: one, content, list, focused: one.id === state.focus, marked: state.marks[one.id] };
  });
  const detail = state.detail === undefined ? undefined : shownDetail(state.detail, contents, layout);
  return { size, state, contents, place, layout, panes, detail, question, running, help: shownHelp(state, size) };
}

/** Where a key goes: what is on top of the screen takes it. */
function placeOf(state: ScreenState, question: Question | undefined, size: Size): Place {
  // Nothing can be seen then, so nothing may be answered.
  if (size.columns < leastSize.columns || size.rows < leastSize.rows) return "too-small";
  if (state.overlay?.kind === "quit") return "quit";
  if (question !== undefined) return question.kind === "host-key" ? "host-key" : "secret";
  return state.overlay?.kind ?? under(state);
}

/** The place that help and palette were opened over. */
export const under = (state: ScreenState): Place => (state.detail === undefined ? "panes" : "detail");

/** Rows that each pane wants; the membership pane is given room before the store was heard, so that nothing jumps then. */
function wantedRows(contents: Contents): Record<PaneId, number> {
  const { snapshot } = contents.seen;
  const rows = (id: PaneId): number => contents.pane(id).table.rows.length;
  const expected = snapshot.nodes.size + (snapshot.membership === undefined ? 0 : 1);
  return {
    nodes: rows("nodes"),
    membership: Math.max(rows("membership"), expected),
    networks: Math.max(rows("networks"), 3),
    containers: Math.max(rows("containers"), 3),
  };
}

function shownList(table: Table, view: ListView, height: number): ShownList {
  const rows = matching(table, view.filter);
  return {
    table,
    rows,
    window: settle(view.list, keysOf(rows), height),
    height: Math.max(0, height),
    filter: view.filter,
  };
}

function shownDetail(state: NonNullable<ScreenState["detail"]>, contents: Contents, layout: Layout): ShownDetail {
  const detail = contents.detail(state.subject);
  const height = layout.body.height - frameAndTabs;
  const tab = detail?.tabs[Math.min(state.tab, detail.tabs.length - 1)];
  if (tab === undefined) return { detail, tab, lines: [], list: undefined, height, top: 0 };
  const view = state.lists[tab.id] ?? freshList;
  const lines = tab.lines(layout.body.width - 2);
  if (tab.table === undefined) {
    return {
      detail,
      tab,
      lines,
      list: undefined,
      height,
      top: Math.max(0, Math.min(view.list.top, lines.length - height)),
    };
  }
  // Lines above a list never take more than half of the room.
  const above = lines.slice(0, Math.floor(height / 2));
  const between = above.length === 0 ? 0 : above.length + 1;
  return { detail, tab, lines: above, list: shownList(tab.table, view, height - between - 1), height, top: 0 };
}

function shownHelp(state: ScreenState, size: Size): Scene["help"] {
  if (state.overlay?.kind !== "help") return undefined;
  const lines = helpLines(under(state), size.columns - 8);
  return { lines, height: Math.min(lines.length, size.rows - 6) };
}

/** Whether an action can do something here and now: footer and palette name no others. */
export function applies(binding: Binding, scene: Scene): boolean {
  if (opens(binding.id)) return openingOf(binding.id, scene) !== undefined;
  const list = activeList(scene);
  switch (binding.id) {
    case "view.open":
      return (list?.rows.length ?? 0) > 0;
    case "find.filter":
      return list !== undefined && (list.table.rows.length > 0 || list.filter !== "");
    case "tab.next":
    case "tab.previous":
      return (scene.detail?.detail?.tabs.length ?? 0) > 1;
    case "mark.toggle":
    case "mark.all":
      return (list?.rows.length ?? 0) > 0;
    case "show.findings":
      return scene.state.detail?.subject.of !== "findings";
    default:
      return true;
  }
}

/** What the footer and the palette may offer in `place`. */
export const offered = (scene: Scene, place: Place): readonly Binding[] =>
  inPlace(place).filter((one) => applies(one, scene));

/** The list that keys move in; undefined where a text is scrolled instead. */
export function activeList(scene: Scene): ShownList | undefined {
  if (scene.detail !== undefined) return scene.detail.list;
  return scene.panes.find((one) => one.focused)?.list;
}

/** The pane after `from`, or before it. */
export function neighbour(from: PaneId, by: 1 | -1): PaneId {
  const index = (paneIds.indexOf(from) + by + paneIds.length) % paneIds.length;
  return paneIds[index] ?? from;
}
