import type { NodeName } from "../../domain/ids.ts";
import { echoWords } from "../../domain/ping/echo.ts";
import {
  fullWords,
  namingWords,
  openingWords,
  type Pair,
  reaches,
  verdictWords,
  type Wire,
} from "../../domain/ping/matrix.ts";
import type { Place } from "../../domain/ping/place.ts";
import { wayKey } from "../../domain/ping/sample.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { type PingBoard, wireKey } from "../../services/ping/ping-rounds.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";

const labelWidth = 12;

const labelled = (label: string, words: SafeText, width: number, style: Style = "plain"): Line[] =>
  wrapped(words, width - labelWidth, style).map((line, at) => [
    span(filled(at === 0 ? clean(label) : text``, labelWidth), "muted"),
    ...line,
  ]);

const heading = (words: SafeText): Line => [span(words, "strong")];

/** Everything that is known of both directions between two containers, and of the wire between their nodes. */
export function pairDetails(from: Place, to: Place, board: PingBoard, width: number): Line[] {
  return [
    ...direction(from, to, board, width),
    [],
    ...direction(to, from, board, width),
    ...(from.node === to.node ? [] : [[], ...wireDetails(from.node, to.node, board, width)]),
  ];
}

function direction(from: Place, to: Place, board: PingBoard, width: number): Line[] {
  const title = heading(text`${from.name} → ${to.name}`);
  const ends = [
    ...labelled("from", text`${from.name}  ${from.address}  on ${from.node}`, width),
    ...labelled("to", text`${to.name}  ${to.address}  on ${to.node}`, width),
  ];
  const pair = board.pairs.get(wayKey({ from, to }));
  if (pair === undefined) {
    const asked = board.asked.has(wayKey({ from, to }));
    return [title, ...ends, ...labelled("result", asked ? text`no answer yet` : text`left out of the sample`, width)];
  }
  return [title, ...ends, ...resultLines(pair, board, width), ...printedLines(pair.printed, width)];
}

function resultLines(pair: Pair, board: PingBoard, width: number): Line[] {
  const oneWay = board.oneWays.find((one) => one.from === pair.from.node && one.to === pair.to.node);
  const isLost = pair.small.state === "no answer" && oneWay !== undefined;
  const way = oneWay?.arrives ? text`the request arrives, its answer is lost` : text`the request does not arrive`;
  return [
    ...labelled("result", verdictWords(pair), width, reaches(pair) ? "good" : "bad"),
    ...(isLost ? labelled("way", way, width) : []),
    ...labelled("small", echoWords(pair.small), width),
    ...labelled("full size", fullWords(pair.full), width),
    ...labelled("name", namingWords(pair.name), width),
    ...(pair.port === undefined ? [] : labelled(`tcp ${board.port ?? ""}`, openingWords(pair.port), width)),
  ];
}

/** Both directions of the wire between two nodes. */
export function wireDetails(from: NodeName, to: NodeName, board: PingBoard, width: number): Line[] {
  const wires = [board.underlay.get(wireKey({ from, to })), board.underlay.get(wireKey({ from: to, to: from }))].filter(
    (one) => one !== undefined,
  );
  if (wires.length === 0) return [heading(text`the wire`), ...labelled("result", text`not known`, width)];
  return wires.flatMap((wire, at) => [...(at === 0 ? [] : [[]]), ...wireLines(wire, width)]);
}

function wireLines(wire: Wire, width: number): Line[] {
  return [
    heading(text`the wire: ${wire.from} → ${wire.to} ${wire.address}`),
    ...labelled("small", echoWords(wire.small), width, wire.small.state === "ok" ? "good" : "bad"),
    ...labelled("full size", fullWords(wire.full), width, wire.full.echo.state === "ok" ? "good" : "warn"),
    ...printedLines(wire.printed, width),
  ];
}

const printedLines = (printed: readonly SafeText[], width: number): Line[] => [
  ...(printed.length === 0 ? [] : [heading(text`what ping printed`)]),
  ...printed.filter((line) => line !== "").flatMap((line) => wrapped(line, width, "muted")),
];
