import type { NodeName } from "../../domain/ids.ts";
import { isUp } from "../../domain/link.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Answer } from "../../ports/prompter.ts";
import type { Subject } from "../details/detail.ts";
import { contentOf, edited, emptyField, type Field, fieldOf, inserted } from "../dialogs/text-field.ts";
import type { Style } from "../draw/style.ts";
import { stepBy } from "../form/moving.ts";
import { type ActionId, bound } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import type { Opening } from "../opening.ts";
import type { PaneId } from "../panes/pane.ts";
import { messageMs } from "../passing-message.ts";
import { moved, scrolled, untouched } from "../table/list.ts";
import { keysOf } from "../table/table.ts";
import { openingOf, opens } from "./openings.ts";
import { commands } from "./palette.ts";
import { activeList, neighbour, type Scene, under } from "./scene.ts";
import { freshList, type ListView, type Overlay, type ScreenState } from "./state.ts";

/** What a key asks of the rest of the program. */
export type Effect =
  | { do: "refresh" }
  | { do: "retry"; node: NodeName }
  | { do: "toggle-read-only" }
  | { do: "answer"; answer: Answer }
  | { do: "open"; opening: Opening }
  | { do: "quit" }
  | { do: "suspend" }
  | { do: "redraw" };

export interface Outcome {
  state: ScreenState;
  effect?: Effect;
}

/** How long the footer shows a message, ms. */

/** The state after one key. Pure: what the key asks of others is in the effect. */
export function pressed(key: KeyName, scene: Scene): Outcome {
  const binding = bound(key, scene.place);
  if (binding !== undefined) return act(binding.id, scene);
  return { state: typed(scene, (field) => edited(field, key)) };
}

/** The state after a paste: text for a field, and otherwise nothing; what was pasted is never taken for keys. */
export const pasted = (content: string, scene: Scene): ScreenState => typed(scene, (field) => inserted(field, content));

/** The state with a message in the footer. */
export function told(state: ScreenState, words: SafeText, style: Style, scene: Scene): ScreenState {
  return { ...state, message: { text: words, style, until: scene.contents.seen.now + messageMs } };
}

/** What each action does. */
export function act(id: ActionId, scene: Scene): Outcome {
  const { state } = scene;
  if (opens(id)) {
    const opening = openingOf(id, scene);
    if (opening === undefined) return { state };
    if ("not" in opening) return { state: told(state, opening.not, "warn", scene) };
    return { state, effect: { do: "open", opening } };
  }
  const by = stepBy(id, pageHeight(scene));
  if (by !== undefined) return { state: move(scene, by) };
  switch (id) {
    case "pane.nodes":
    case "pane.membership":
    case "pane.networks":
    case "pane.containers":
      return { state: { ...state, detail: undefined, focus: paneOf[id] } };
    case "pane.next":
      return { state: { ...state, focus: neighbour(state.focus, 1) } };
    case "pane.previous":
      return { state: { ...state, focus: neighbour(state.focus, -1) } };
    case "view.open":
      return { state: opened(scene) };
    case "view.back":
      return { state: back(scene) };
    case "view.zoom":
      return { state: { ...state, zoomed: !state.zoomed } };
    case "tab.next":
      return { state: otherTab(scene, 1) };
    case "tab.previous":
      return { state: otherTab(scene, -1) };
    case "show.findings":
      return { state: detailOpened(state, { of: "findings" }) };
    case "show.help":
      return { state: { ...state, overlay: { kind: "help", list: untouched } } };
    case "find.palette":
      return { state: { ...state, overlay: { kind: "palette", field: emptyField, index: 0 } } };
    case "find.run":
      return run(scene);
    case "find.filter":
    case "find.keep":
    case "find.clear":
      return { state: filtering(id, scene) };
    case "cluster.refresh":
      return refresh(scene);
    case "cluster.read-only":
      return { state, effect: { do: "toggle-read-only" } };
    case "answer.accept-once":
      return answered(state, { kind: "accept-once" });
    case "answer.accept-and-remember":
      return answered(state, { kind: "accept-and-remember" });
    case "answer.refuse":
      return answered(state, { kind: "refuse" });
    case "answer.send":
      return send(scene);
    case "mark.toggle":
      return { state: marked(scene) };
    case "mark.all":
      return { state: allMarked(scene) };
    case "program.quit":
      return quit(scene);
    case "program.quit-anyway":
      return { state: { ...state, overlay: undefined }, effect: { do: "quit" } };
    case "program.stay":
      return { state: { ...state, overlay: undefined } };
    case "program.suspend":
      return { state, effect: { do: "suspend" } };
    case "program.redraw":
      return { state, effect: { do: "redraw" } };
    // What else there is belongs to the stages, and is bound in their places only.
    default:
      return { state };
  }
}

const paneOf = {
  "pane.nodes": "nodes",
  "pane.membership": "membership",
  "pane.networks": "networks",
  "pane.containers": "containers",
} as const satisfies Partial<Record<ActionId, PaneId>>;

function pageHeight(scene: Scene): number {
  if (scene.help !== undefined) return scene.help.height;
  return activeList(scene)?.height ?? scene.detail?.height ?? 1;
}

function move(scene: Scene, by: number): ScreenState {
  const { state, help } = scene;
  if (state.overlay?.kind === "palette") {
    const last = commands(scene, contentOf(state.overlay.field)).length - 1;
    const index = Math.max(0, Math.min(last, state.overlay.index + by));
    return { ...state, overlay: { ...state.overlay, index } };
  }
  if (state.overlay?.kind === "help" && help !== undefined) {
    const list = scrolled(state.overlay.list, help.lines.length, help.height, by);
    return { ...state, overlay: { kind: "help", list } };
  }
  return inList(scene, (view) => {
    const shown = activeList(scene);
    if (shown !== undefined) {
      const keys = keysOf(shown.rows);
      return { ...view, list: moved(view.list, keys, shown.height, by) };
    }
    const { lines, height, top } = scene.detail ?? { lines: [], height: 0, top: 0 };
    return { ...view, list: scrolled({ ...view.list, top }, lines.length, height, by) };
  });
}

/** The state with the list changed that the keys act on. */
function inList(scene: Scene, change: (view: ListView) => ListView): ScreenState {
  const { state } = scene;
  if (state.detail === undefined) {
    return { ...state, panes: { ...state.panes, [state.focus]: change(state.panes[state.focus]) } };
  }
  const tab = scene.detail?.tab?.id;
  if (tab === undefined) return state;
  const lists = { ...state.detail.lists, [tab]: change(state.detail.lists[tab] ?? freshList) };
  return { ...state, detail: { ...state.detail, lists } };
}

function opened(scene: Scene): ScreenState {
  const list = activeList(scene);
  const row = list?.rows[list.window.index];
  return row === undefined ? scene.state : detailOpened(scene.state, { of: scene.state.focus, key: row.key });
}

const detailOpened = (state: ScreenState, subject: Subject): ScreenState => ({
  ...state,
  detail: { subject, tab: 0, lists: {} },
});

/** One step back: what lies on top first, then a filter, then the detail or the zoom. It never quits. */
function back(scene: Scene): ScreenState {
  const { state } = scene;
  if (state.overlay !== undefined) return { ...state, overlay: undefined };
  if ((activeList(scene)?.filter ?? "") !== "") return inList(scene, (view) => ({ ...view, filter: "" }));
  if (state.detail === undefined && state.marks[state.focus].size > 0) return withMarks(state, new Set());
  return state.detail === undefined ? { ...state, zoomed: false } : { ...state, detail: undefined };
}

/** The row under the cursor marked, or no more; the cursor goes on to the next. */
function marked(scene: Scene): ScreenState {
  const { state } = scene;
  const list = state.detail === undefined ? activeList(scene) : undefined;
  const key = list?.rows[list.window.index]?.key;
  if (key === undefined) return state;
  return withMarks(move(scene, 1), new Set([key]).symmetricDifference(state.marks[state.focus]));
}

/** Every row that the filter lets through; none, when all of them were. */
function allMarked(scene: Scene): ScreenState {
  const { state } = scene;
  const list = state.detail === undefined ? activeList(scene) : undefined;
  const keys = new Set((list?.rows ?? []).map((row) => row.key));
  const before = state.marks[state.focus];
  return withMarks(state, keys.isSubsetOf(before) ? before.difference(keys) : before.union(keys));
}

const withMarks = (state: ScreenState, marks: ReadonlySet<string>): ScreenState => ({
  ...state,
  marks: { ...state.marks, [state.focus]: marks },
});

function otherTab(scene: Scene, by: 1 | -1): ScreenState {
  const { state } = scene;
  const count = scene.detail?.detail?.tabs.length ?? 0;
  if (state.detail === undefined || count === 0) return state;
  const now = Math.min(state.detail.tab, count - 1);
  return { ...state, detail: { ...state.detail, tab: (now + by + count) % count } };
}

function filtering(id: "find.filter" | "find.keep" | "find.clear", scene: Scene): ScreenState {
  const { state } = scene;
  switch (id) {
    case "find.filter": {
      const list = activeList(scene);
      if (list === undefined) return state;
      return { ...state, overlay: { kind: "filter", field: fieldOf(list.filter) } };
    }
    case "find.keep":
      return { ...state, overlay: undefined };
    case "find.clear":
      return { ...inList(scene, (view) => ({ ...view, filter: "" })), overlay: undefined };
  }
}

function run(scene: Scene): Outcome {
  const { state } = scene;
  if (state.overlay?.kind !== "palette") return { state };
  const chosen = commands(scene, contentOf(state.overlay.field))[state.overlay.index];
  if (chosen === undefined) return { state };
  const closed = { ...state, overlay: undefined };
  return act(chosen.id, { ...scene, state: closed, place: under(closed) });
}

function refresh(scene: Scene): Outcome {
  const { state } = scene;
  const node = nodeAtCursor(scene);
  if (node !== undefined && !isUp(node.link) && node.link.state !== "connecting") {
    return {
      state: told(state, text`trying ${node.name} now`, "busy", scene),
      effect: { do: "retry", node: node.name },
    };
  }
  return { state: told(state, text`asking every node again`, "busy", scene), effect: { do: "refresh" } };
}

/** The node that the operator is looking at: under the cursor of its pane, or in its detail. */
function nodeAtCursor(scene: Scene) {
  const { subject } = scene.state.detail ?? {};
  const list = activeList(scene);
  const inPane = scene.state.focus === "nodes" ? list?.rows[list.window.index]?.key : undefined;
  const key = subject === undefined ? inPane : subject.of === "nodes" ? subject.key : undefined;
  return [...scene.contents.seen.snapshot.nodes.values()].find((one) => one.name === key);
}

const answered = (state: ScreenState, answer: Answer): Outcome => ({
  // The secret is gone from the state with the answer.
  state: { ...state, answer: { to: undefined, field: emptyField } },
  effect: { do: "answer", answer },
});

function send(scene: Scene): Outcome {
  const { state, question } = scene;
  const secret = contentOf(answerField(scene));
  // Only a server's own question may be answered with nothing.
  if (secret === "" && question?.kind !== "keyboard-interactive") return { state };
  return answered(state, { kind: "secret", secret });
}

/** The field of the question on the screen. */
export const answerField = ({ state, question }: Scene): Field =>
  state.answer.to === question ? state.answer.field : emptyField;

function quit(scene: Scene): Outcome {
  const { state, running } = scene;
  if (running.length === 0) return { state, effect: { do: "quit" } };
  return { state: { ...state, overlay: { kind: "quit" } } };
}

/** The state after the text field on the screen changed, if there is one. */
function typed(scene: Scene, change: (field: Field) => Field | undefined): ScreenState {
  const { state, place, question } = scene;
  if (place === "secret") {
    const field = change(answerField(scene));
    return field === undefined ? state : { ...state, answer: { to: question, field } };
  }
  const { overlay } = state;
  if (overlay === undefined || place !== overlay.kind || !("field" in overlay)) return state;
  const field = change(overlay.field);
  if (field === undefined) return state;
  const next: Overlay = overlay.kind === "palette" ? { ...overlay, field, index: 0 } : { ...overlay, field };
  if (overlay.kind === "palette") return { ...state, overlay: next };
  return { ...inList(scene, (view) => ({ ...view, filter: contentOf(field) })), overlay: next };
}
