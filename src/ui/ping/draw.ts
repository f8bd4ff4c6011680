import { pairByHand, wireByHand } from "../../domain/ping/by-hand.ts";
import { diagnosis } from "../../domain/ping/diagnosis.ts";
import { pairWords, reaches } from "../../domain/ping/matrix.ts";
import { wayKey } from "../../domain/ping/sample.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Question } from "../../ports/prompter.ts";
import { matrixOf, type PingBoard, wireKey } from "../../services/ping/ping-rounds.ts";
import { box, type Dialog, innerWidth, keyed, questionDialog, wrapped } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import type { Field } from "../dialogs/text-field.ts";
import { seconds } from "../draw/figures.ts";
import { spread } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { bodyRows, bodyWidth, type Page, pageView } from "../form/page.ts";
import type { View } from "../screen/view.ts";
import { legend, pairCell, wireCell } from "./cell.ts";
import { pairDetails, wireDetails } from "./details.ts";
import { type Grid, type GridCursor, gridLines } from "./grid.ts";

/** Between containers over the network, or between the nodes under it. */
export type Side = "containers" | "nodes";

/** Everything that a frame of pinging is drawn from. */
export interface PingScene extends Pick<Page, "size" | "message" | "offered"> {
  cluster: SafeText;
  demo: boolean;
  board: PingBoard;
  side: Side;
  cursor: GridCursor;
  /** The first line of what is open on the cell; undefined while the matrix is shown. */
  top: number | undefined;
  /** The TCP port that is typed. */
  port: Field | undefined;
  question: Question | undefined;
  answer: Field;
}

/** The frame of a scene of pinging. */
export function pingView(scene: PingScene, paint: Painter): View {
  const { size, top } = scene;
  const lines = top === undefined ? matrixLines(scene) : detailLines(scene);
  return pageView(
    {
      ...{ size, header: headerLine(scene), title: titleOf(scene) },
      body: { kind: "lines", lines, top: top ?? 0, foot: footOf(scene) },
      help: top === undefined ? legend : text``,
      ...{ message: scene.message, offered: scene.offered, dialog: dialogOf(scene) },
    },
    paint,
  );
}

function headerLine({ size, cluster, demo, board }: PingScene): Line {
  const left: Line = [
    span(text` ovl-tui`, "focus"),
    span(text`  ${cluster}`, "strong"),
    span(text`  ping`, "strong"),
    ...(board.watched ? [span(text`  again and again`, "busy")] : []),
    board.now.state === "running" ? span(text`  sending`, "busy") : span(ended(board), "muted"),
  ];
  return spread(left, demo ? [span(text`DEMO `, "accent")] : [], size.columns);
}

const ended = ({ rounds, now }: PingBoard): SafeText =>
  now.state === "running" || rounds === 0 ? text`` : text`  round ${rounds} took ${seconds(now.tookMs)}`;

function titleOf({ board, side, top }: PingScene): SafeText {
  const where = board.network === undefined ? text`no network` : board.network;
  if (top !== undefined) return text`Both directions`;
  if (side === "nodes") return text`From node to node, below ${where}`;
  return text`From container to container on ${where}`;
}

function footOf({ board, top }: PingScene): Line {
  if (top !== undefined) return [];
  const { well } = summaryOf(board);
  const left = board.leftOut === 0 ? text`` : text`, ${board.leftOut} left out`;
  const port = board.port === undefined ? text`` : text`, tcp ${board.port}`;
  if (board.asked.size === 0) return [];
  return [span(text` ${well} of ${board.asked.size} well${left}${port} `, well === board.asked.size ? "good" : "bad")];
}

/** What a board comes to: thousands of directions are not gone through for every key. */
function summaryOf(board: PingBoard): Summary {
  const known = summaries.get(board);
  if (known !== undefined) return known;
  const matrix = matrixOf(board);
  const summary = { well: matrix.pairs.filter(reaches).length, told: diagnosis(matrix) };
  summaries.set(board, summary);
  return summary;
}

interface Summary {
  well: number;
  told: readonly SafeText[];
}

const summaries = new WeakMap<PingBoard, Summary>();

/** The rows and columns of a side. */
export function gridOf(board: PingBoard, side: Side): Grid {
  if (side === "containers") {
    const { places } = board;
    return {
      heads: places.map(({ container, name, node }) => ({ key: container, name, note: node })),
      cell(row, column) {
        const [from, to] = [places[row], places[column]];
        return from === undefined || to === undefined
          ? { words: text``, style: "muted" }
          : pairCell({ from, to }, board);
      },
    };
  }
  const nodes = [...new Set([...board.underlay.values()].flatMap(({ from, to }) => [from, to]))];
  return {
    heads: nodes.map((node) => ({ key: node, name: node, note: text`` })),
    cell(row, column) {
      const [from, to] = [nodes[row], nodes[column]];
      if (row === column || from === undefined || to === undefined) return { words: text`-`, style: "muted" };
      return wireCell(board.underlay.get(wireKey({ from, to })));
    },
  };
}

function matrixLines(scene: PingScene): Line[] {
  const { board, side, cursor, size } = scene;
  const [rows, width] = [bodyRows(size), bodyWidth(size)];
  const grid = gridOf(board, side);
  const about = aboutCell(scene, width);
  const told = summaryOf(board).told.flatMap((words) => wrapped(words, width, "warn"));
  const least = Math.min(rows - about.length - 3, grid.heads.length + 1);
  // What is wrong gets half of the room at most: the matrix stays.
  const room = Math.max(
    0,
    Math.min(told.length, Math.max(rows - about.length - 2 - least, Math.floor(rows / 2) - about.length)),
  );
  const shown = told.length <= room ? told : [...told.slice(0, Math.max(0, room - 1)), more(told.length - room + 1)];
  const below: Line[] = [[], ...about, ...shown];
  if (grid.heads.length === 0) return [...wrapped(nothing(board, side), width, "muted"), ...below];
  const lines = gridLines(grid, cursor, rows - below.length, width);
  const filling = Array.from({ length: Math.max(0, rows - below.length - lines.length) }, (): Line => []);
  return [...lines, ...filling, ...below];
}

const more = (lines: number): Line => [span(text`and ${lines} more lines: enter shows all of it`, "muted")];

function nothing(board: PingBoard, side: Side): SafeText {
  if (board.network === undefined) return text`no network joins containers of several nodes yet`;
  if (side === "nodes") return text`nothing was sent from node to node yet`;
  return board.rounds === 0 ? text`no answer yet` : text`no container runs on ${board.network}`;
}

/** One line or two on the direction under the cursor. */
function aboutCell({ board, side, cursor }: PingScene, width: number): Line[] {
  if (side === "nodes") {
    const { heads } = gridOf(board, side);
    const [from, to] = [heads[cursor.row], heads[cursor.column]];
    return from === undefined || to === undefined ? [] : [[span(text`${from.name} → ${to.name}`, "strong")]];
  }
  const [from, to] = [board.places[cursor.row], board.places[cursor.column]];
  if (from === undefined || to === undefined) return [];
  const pair = board.pairs.get(wayKey({ from, to }));
  if (pair !== undefined) return wrapped(pairWords(pair), width, reaches(pair) ? "strong" : "bad").slice(0, 2);
  return [[span(text`${from.name} on ${from.node} → ${to.name} on ${to.node}`, "strong")]];
}

/** What is open on the cell under the cursor, then all that is wrong. */
export function detailLines({ board, side, cursor, size }: PingScene): Line[] {
  const width = bodyWidth(size);
  const { told } = summaryOf(board);
  const wrong: Line[] =
    told.length === 0
      ? []
      : [[], [span(text`all that is wrong`, "strong")], ...told.flatMap((words) => wrapped(words, width, "warn"))];
  if (side === "nodes") {
    const nodes = [...new Set([...board.underlay.values()].flatMap(({ from, to }) => [from, to]))];
    const [from, to] = [nodes[cursor.row], nodes[cursor.column]];
    return from === undefined || to === undefined ? [] : [...wireDetails(from, to, board, width), ...wrong];
  }
  const [from, to] = [board.places[cursor.row], board.places[cursor.column]];
  return from === undefined || to === undefined ? wrong : [...pairDetails(from, to, board, width), ...wrong];
}

/** What the direction under the cursor takes by hand; undefined for one that was not pinged. */
export function byHand({ board, side, cursor }: PingScene): readonly SafeText[] | undefined {
  const { heads } = gridOf(board, side);
  const [from, to] = [heads[cursor.row]?.key, heads[cursor.column]?.key];
  if (side === "nodes") {
    const wire = board.underlay.get(`${from} ${to}`);
    return wire === undefined ? undefined : wireByHand(wire);
  }
  const pair = board.pairs.get(`${from} ${to}`);
  return pair === undefined ? undefined : pairByHand(pair);
}

function dialogOf({ size, question, answer, port }: PingScene): Dialog | undefined {
  if (question !== undefined) return questionDialog(size, question, answer);
  if (port === undefined) return undefined;
  const width = innerWidth(size);
  return box(size, text`TCP port`, [
    ...wrapped(text`A port that is tried on every way as well; none when it is empty.`, width),
    [],
    [span(clean("> "), "accent"), ...drawField(port, width - 2, false)],
    [],
    keyed("enter", text`ping with it`),
    keyed("esc", text`as it was`),
  ]);
}
