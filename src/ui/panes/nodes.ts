import { explain } from "../../domain/explain.ts";
import { lastSeen } from "../../domain/part.ts";
import type { NodeSnapshot } from "../../domain/snapshot.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { age, type Instant } from "../../domain/time.ts";
import { condition } from "../../domain/views/condition.ts";
import { liveCount, type NodeRow, nodeRows } from "../../domain/views/nodes.ts";
import { type Line, span } from "../draw/style.ts";
import { type Cell, type Column, table } from "../table/table.ts";
import type { PaneContent } from "./pane.ts";
import { ago, bytes, counted, longestSeenAgo, type Seen, seenAgo } from "./seen.ts";

/** The nodes of the spec, with how each is. */
export function nodesPane(seen: Seen): PaneContent {
  const rows = nodeRows(seen.snapshot);
  return {
    table: table(nodeColumns, rows, (row) => row.staleAt !== undefined, seen.now),
    note: [],
    summary: summary(seen),
    hint: rows.length === 0 ? [[span(text`the file names no nodes yet`, "muted")]] : [],
    about: (key) => {
      const node = rows.find((row) => row.key === key)?.node;
      return node === undefined ? [] : aboutNode(node, seen.now);
    },
  };
}

function summary({ snapshot }: Seen): Line {
  const { live, all } = liveCount(snapshot);
  const down = [...snapshot.nodes.values()].some((node) => condition(node).tone === "bad");
  return [span(text`${live}/${all} nodes live`, live === all && all > 0 ? "good" : down ? "bad" : "busy")];
}

const runningWords = (row: NodeRow): SafeText | undefined =>
  row.running === undefined ? undefined : text`${row.running}`;

const nodeColumns: Column<NodeRow>[] = [
  { title: text`NODE`, value: (row) => row.name, width: "fit", keep: "always" },
  {
    title: text`STATE`,
    value: (row, now) => stateWords(row.node, now),
    timed: longestState,
    width: "fit",
    keep: "always",
    least: 16,
  },
  { title: text`ENGINE`, value: versionWords, width: "fit", keep: "always", least: 7 },
  { title: text`STORE`, value: storeWords, width: "grow", keep: "always" },
  { title: text`ADVERTISE`, value: (row) => row.advertise, width: "grow", keep: "wide" },
  { title: text`RUNNING`, value: runningWords, width: "number", keep: "wide" },
  { title: text`CPUS`, value: (row) => engineNumber(row, "cpus"), width: "number", keep: "wide" },
  { title: text`MEMORY`, value: (row) => engineNumber(row, "memoryBytes"), width: "number", keep: "wide" },
  { title: text`SEEN`, value: seenCell, timed: () => longestSeenAgo, width: "fit", keep: "wide", least: 12 },
];

/** How a node is in words, with the next try where one is planned; as long as the words are, the column keeps its width. */
function stateWords(node: NodeSnapshot, now: Instant): Cell {
  const { word, tone, retryAt } = condition(node);
  if (retryAt === undefined) return { text: word, style: tone };
  // The retry is due or under way: nothing to count down any more.
  return retryAt <= now
    ? { text: text`${word}, trying`, style: tone }
    : { text: text`${word}, retry ${age(retryAt - now + 999)}`, style: tone };
}

function longestState({ node }: NodeRow): SafeText {
  const { word, retryAt } = condition(node);
  return retryAt === undefined ? word : text`${word}, retry 59s`;
}

/** When it is tried again by itself. */
export const retryWords = (retryAt: Instant, now: Instant): SafeText =>
  retryAt <= now ? text`trying now` : text`next try in ${age(retryAt - now + 999)}`;

/** Without what a distribution adds: "20.10.5+dfsg1" is 20.10.5. The details have it in full. */
function versionWords(row: NodeRow): SafeText | undefined {
  return row.version === undefined ? undefined : clean(row.version.replace(/[+~].*$/, ""));
}

/** The ports that every store has by itself; only another one is worth the room. */
const usualPort = /^(consul:\/\/.*):8500$|^(etcd:\/\/.*):2379$|^(zk:\/\/.*):2181$/;

function storeWords(row: NodeRow): SafeText | undefined {
  return row.store === undefined ? undefined : clean(row.store.replace(usualPort, "$1$2$3"));
}

function seenCell(row: NodeRow, now: Instant): SafeText | undefined {
  if (row.staleAt !== undefined) return seenAgo(row.staleAt, now);
  return row.version === undefined ? undefined : text`now`;
}

function engineNumber(row: NodeRow, what: "cpus" | "memoryBytes"): SafeText | undefined {
  const engine = lastSeen(row.node.engine);
  if (engine === undefined) return undefined;
  return what === "cpus" ? text`${engine.cpus}` : bytes(engine.memoryBytes);
}

/** The trouble and the way out; of a node without trouble, what kind of machine it is. */
function aboutNode(node: NodeSnapshot, now: Instant): Line {
  const { trouble, since, word, retryAt } = condition(node);
  const name = span(text`${node.name}  `, "strong");
  if (trouble !== undefined) {
    const { what, remedy } = explain(trouble, node.name);
    const old = node.engine.state === "stale" ? text`, ${seenAgo(node.engine.at, now)}` : text``;
    const next = retryAt === undefined ? text`` : text`, ${retryWords(retryAt, now)}`;
    return [name, span(what, "bad"), span(text`${next}${old}  ${remedy}`, "muted")];
  }
  const engine = lastSeen(node.engine);
  if (engine === undefined) {
    return [name, span(text`${word} to ${node.address}, ${age(now - since)}`, "muted")];
  }
  const trip = node.link.state === "live" || node.link.state === "slow" ? node.link.roundTripMs : undefined;
  const parts = [
    node.address,
    engine.os,
    counted(engine.cpus, "cpu", "cpus"),
    bytes(engine.memoryBytes),
    text`API ${engine.apiVersion}`,
    ...(trip === undefined ? [] : [text`round trip ${Math.round(trip)} ms`]),
    ...(now - since < 5000 ? [word] : [text`${word} for ${ago(since, now)}`]),
  ];
  return [name, span(joined(parts, " · "), "muted")];
}
