import { isDown } from "../../domain/ping/diagnosis.ts";
import { type Pair, verdictOf, type Wire } from "../../domain/ping/matrix.ts";
import { type Way, wayKey } from "../../domain/ping/sample.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { type PingBoard, wireKey } from "../../services/ping/ping-rounds.ts";
import type { Style } from "../draw/style.ts";

/** One direction in as few letters as a cell has. */
export interface Cell {
  words: SafeText;
  style: Style;
}

/** Columns of the longest words that a cell has. */
export const cellWidth = 7;

/** What the words of cells mean, for the line below the matrix. */
export const legend = text`ms; lost→ the request, lost← the answer; mtu: large packets; wire: nodes too`;

/** The cell of a direction between containers. */
export function pairCell(way: Way, board: PingBoard): Cell {
  if (way.from.container === way.to.container) return { words: text`-`, style: "muted" };
  const key = wayKey(way);
  const pair = board.pairs.get(key);
  if (pair !== undefined) return pairWords(pair, board);
  return { words: board.asked.has(key) ? text`…` : text`·`, style: "muted" };
}

function pairWords(pair: Pair, board: PingBoard): Cell {
  const verdict = verdictOf(pair);
  switch (verdict.state) {
    case "ok":
      return echoCell(verdict.averageMs, verdict.lossPercent);
    case "no answer":
      return { words: lostWords(pair, board), style: "bad" };
    case "unreachable":
      return { words: isCut(pair, board) ? text`wire` : text`unreach`, style: "bad" };
    case "no route":
      return { words: text`noroute`, style: "bad" };
    case "full-size lost":
      return { words: text`mtu`, style: "bad" };
    case "name":
    case "port":
      return { words: clean(verdict.state), style: "bad" };
    case "paused":
      return { words: text`paused`, style: "warn" };
    case "stopped":
      return { words: text`gone`, style: "warn" };
    case "not tried":
      return { words: text`?`, style: "warn" };
  }
}

/** Which of the two ways is lost, where that is known. */
function lostWords({ from, to }: Pair, board: PingBoard): SafeText {
  if (isCut({ from, to }, board)) return text`wire`;
  const oneWay = board.oneWays.find((one) => one.from === from.node && one.to === to.node);
  return oneWay === undefined ? text`lost` : oneWay.arrives ? text`lost←` : text`lost→`;
}

/** Whether the nodes of both do not reach each other either. */
function isCut({ from, to }: Way, { underlay }: PingBoard): boolean {
  if (from.node === to.node) return false;
  const wires = [
    underlay.get(wireKey({ from: from.node, to: to.node })),
    underlay.get(wireKey({ from: to.node, to: from.node })),
  ];
  return wires.some((one) => one !== undefined && isDown(one));
}

/** The cell of a direction between nodes. */
export function wireCell(wire: Wire | undefined): Cell {
  if (wire === undefined) return { words: text`·`, style: "muted" };
  const { small, full } = wire;
  if (small.state === "not tried") return { words: text`?`, style: "warn" };
  if (small.state !== "ok") return { words: small.state === "no route" ? text`noroute` : text`lost`, style: "bad" };
  if (full.echo.state !== "ok" && full.echo.state !== "not tried") return { words: text`mtu`, style: "bad" };
  return echoCell(small.averageMs, small.lossPercent);
}

function echoCell(averageMs: number, lossPercent: number): Cell {
  if (lossPercent > 0) return { words: clean(`${lossPercent}%lost`), style: "warn" };
  return { words: clean(averageMs.toFixed(averageMs < 10 ? 2 : averageMs < 100 ? 1 : 0)), style: "good" };
}
