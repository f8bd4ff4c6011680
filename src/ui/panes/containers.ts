import type { PublishedPort } from "../../domain/engine.ts";
import { lastSeen } from "../../domain/part.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { type ContainerRow, containerRows, containersByNode, stateWords } from "../../domain/views/containers.ts";
import { type Line, span } from "../draw/style.ts";
import { type Cell, type Column, groupedTable } from "../table/table.ts";
import type { PaneContent } from "./pane.ts";
import { bytes, counted, longestSeenAgo, type Seen, seenAgo } from "./seen.ts";

/** The containers of all nodes together. */
export function containersPane(seen: Seen): PaneContent {
  const groups = containersByNode(seen.snapshot);
  const isStale = (row: ContainerRow): boolean => row.staleAt !== undefined;
  const rows = containerRows(seen.snapshot);
  return {
    table: groupedTable(containerColumns, groups, isStale, seen.now),
    note: [],
    summary: [span(counted(rows.length, "container", "containers"))],
    hint: rows.length === 0 ? hintFor(seen.snapshot) : [],
    about: (key) => {
      const row = rows.find((one) => one.key === key);
      return row === undefined ? [] : aboutContainer(row, seen.now);
    },
  };
}

const memoryWords = (row: ContainerRow): SafeText | undefined =>
  row.usage === undefined || row.staleAt !== undefined ? undefined : bytes(row.usage.memoryBytes);

/** Longer than a container runs between two updates of its host. */
const longestUp = text`up 999d`;

const longestState = (row: ContainerRow): SafeText => {
  if (row.staleAt !== undefined) return longestSeenAgo;
  return row.container.state === "running" ? longestUp : stateWords(row.container, 0);
};

const containerColumns: Column<ContainerRow>[] = [
  { title: text`CONTAINER`, value: (row) => row.name, width: "grow", keep: "always" },
  { title: text`NODE`, value: (row) => row.node, width: "fit", keep: "always" },
  { title: text`IMAGE`, value: (row) => row.image, width: "grow", keep: "always" },
  { title: text`OVERLAY IP`, value: (row) => row.overlayAddress, width: "fit", keep: "always" },
  { title: text`STATE`, value: stateCell, timed: longestState, width: "fit", keep: "always", least: 7 },
  { title: text`CPU`, value: cpuWords, width: "number", keep: "always", least: 4 },
  { title: text`MEMORY`, value: memoryWords, width: "number", keep: "wide", least: 7 },
  { title: text`PORTS`, value: portWords, width: "grow", keep: "wide" },
];

/** Of a container whose node is lost nobody knows the state: the cell says how old the row is instead. */
function stateCell(row: ContainerRow, now: Instant): Cell {
  return row.staleAt === undefined
    ? { text: stateWords(row.container, now), style: row.tone }
    : { text: seenAgo(row.staleAt, now), style: "muted" };
}

/** 100 is one core. Whole numbers: the noise of an idle container is not worth a repaint. */
function cpuWords(row: ContainerRow): SafeText | undefined {
  const percent = row.staleAt === undefined ? row.usage?.cpuPercent : undefined;
  return percent === undefined ? undefined : text`${Math.round(percent)}%`;
}

/** "8500/tcp", or "0.0.0.0:8500>8500/tcp" where the node publishes it. */
export const portText = ({ container, protocol, host }: PublishedPort): SafeText =>
  host === undefined ? text`${container}/${protocol}` : text`${host.address}:${host.port}>${container}/${protocol}`;

function portWords(row: ContainerRow): SafeText | undefined {
  const published = row.container.ports.filter((one) => one.host !== undefined);
  return published.length === 0 ? undefined : joined(published.map(portText));
}

function hintFor(snapshot: Snapshot): Line[] {
  const answered = [...snapshot.nodes.values()].filter((node) => lastSeen(node.containers) !== undefined).length;
  if (answered === 0) return [[span(text`no engine has answered yet`, "muted")]];
  const where = answered === 1 ? text`on the one node that answered` : text`on the ${answered} nodes that answered`;
  return [
    [span(text`no containers ${where}; start one on a node, in an overlay network:`, "muted")],
    [span(clean("docker run -d --name NAME --net NETWORK IMAGE"), "accent")],
  ];
}

function aboutContainer(row: ContainerRow, now: Instant): Line {
  const { container, usage } = row;
  const parts = [
    text`on ${row.node}`,
    text`${container.status}`,
    ...container.attachments.flatMap((one) => (one.address === undefined ? [] : [text`${one.network} ${one.address}`])),
    ...(usage === undefined || row.staleAt !== undefined ? [] : [text`memory ${bytes(usage.memoryBytes)}`]),
    container.command,
    ...(row.staleAt === undefined ? [] : [seenAgo(row.staleAt, now)]),
    ...(container.ports.length === 0 ? [] : [counted(container.ports.length, "port", "ports")]),
  ];
  return [span(text`${row.name}  `, "strong"), span(joined(parts, " · "), "muted")];
}
