import { lastSeen } from "../../domain/part.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { NetworkRow } from "../../domain/views/networks.ts";
import { type Line, span } from "../draw/style.ts";
import { type Column, table } from "../table/table.ts";
import { networkRowsOf } from "./network-rows.ts";
import type { PaneContent } from "./pane.ts";
import { counted, type Seen, seenAgo } from "./seen.ts";

/** The networks of all nodes, one row each. */
export function networksPane(seen: Seen): PaneContent {
  const rows = networkRowsOf(seen.counted);
  return {
    table: table(networkColumns, rows, (row) => row.staleAt !== undefined),
    note: [],
    summary: [span(counted(rows.filter(isOverlay).length, "overlay", "overlays"))],
    hint: hintFor(seen.snapshot, rows),
    about: (key) => {
      const row = rows.find((one) => one.key === key);
      return row === undefined ? [] : aboutNetwork(row, seen);
    },
  };
}

const networkColumns: Column<NetworkRow>[] = [
  { title: text`NETWORK`, value: (row) => row.name, width: "grow", keep: "always" },
  { title: text`DRIVER`, value: (row) => row.driver, width: "fit", keep: "always" },
  { title: text`SUBNET`, value: subnetWords, width: "fit", keep: "always" },
  { title: text`VNI`, value: vniWords, width: "number", keep: "always" },
  { title: text`USED`, value: usedWords, width: "fit", keep: "always" },
  { title: text`NODES`, value: nodesWords, width: "fit", keep: "always", least: 6 },
  { title: text`SCOPE`, value: (row) => row.scope, width: "fit", keep: "wide" },
  {
    title: text`MTU`,
    value: (row) => (row.mtu === undefined ? undefined : text`${row.mtu}`),
    width: "number",
    keep: "wide",
  },
  { title: text`KIND`, value: kindWords, width: "fit", keep: "wide" },
];

function subnetWords(row: NetworkRow): SafeText | undefined {
  const [first, ...more] = row.subnets;
  if (first === undefined) return undefined;
  return more.length === 0 ? first.subnet : text`${first.subnet} +${more.length}`;
}

function vniWords(row: NetworkRow): SafeText | undefined {
  const [first, ...more] = row.vnis;
  if (first === undefined) return undefined;
  return more.length === 0 ? text`${first}` : text`${first} +${more.length}`;
}

function usedWords(row: NetworkRow) {
  if (row.subnets.length === 0) return undefined;
  const used = row.subnets.reduce((sum, one) => sum + one.used, 0);
  const size = row.subnets.reduce((sum, one) => sum + one.size, 0);
  const full = row.subnets.some((one) => one.size > 0 && one.used >= one.size);
  return { text: text`${used} of ${size}`, style: full ? ("bad" as const) : ("plain" as const) };
}

function nodesWords(row: NetworkRow): SafeText {
  return text`${row.nodes.length} of ${row.allNodes}`;
}

function kindWords(row: NetworkRow): SafeText | undefined {
  const words = [
    ...(row.attachable ? [text`attachable`] : []),
    ...(row.internal ? [text`internal`] : []),
    ...(row.encrypted ? [text`encrypted`] : []),
    ...(row.parent === undefined ? [] : [text`on ${row.parent}`]),
  ];
  return words.length === 0 ? undefined : joined(words);
}

/** Whether containers on different nodes meet in it. */
const joinsNodes = (row: NetworkRow): boolean => isOverlay(row) || row.driver === "macvlan";

/** Swarm's own ingress network is none that containers are put in. */
function isOverlay(row: NetworkRow): boolean {
  return row.driver === "overlay" && row.name !== "ingress";
}

function hintFor(snapshot: Snapshot, rows: readonly NetworkRow[]): Line[] {
  const engines = [...snapshot.nodes.values()].flatMap((node) => lastSeen(node.engine) ?? []);
  if (rows.some(joinsNodes)) return [];
  if (engines.length === 0) return [[span(text`no engine has answered yet`, "muted")]];
  const mode = engines.some((one) => one.mode === "swarm")
    ? "swarm"
    : engines.some((one) => one.mode === "cluster-store")
      ? "cluster-store"
      : "standalone";
  if (mode === "standalone") {
    return [
      [
        span(
          text`no overlay network, and none is possible yet: the engines share neither a store nor a swarm`,
          "muted",
        ),
      ],
    ];
  }
  const command = `docker network create -d overlay ${mode === "swarm" ? "--attachable " : ""}--subnet 10.10.10.0/24 ov_net1`;
  const where = mode === "swarm" ? "on a manager: " : "on any node: ";
  return [[span(text`no overlay network yet; create one ${clean(where)}`, "muted")], [span(clean(command), "accent")]];
}

function aboutNetwork(row: NetworkRow, seen: Seen): Line {
  const free = row.subnets.map((one) => text`${one.subnet} ${Math.max(0, one.size - one.used)} free`);
  const missing = [...seen.snapshot.nodes.keys()].filter((node) => !row.nodes.includes(node));
  const parts = [
    counted(row.endpoints.length, "endpoint", "endpoints"),
    ...free,
    ...(row.scope === "local" || missing.length === 0 ? [] : [text`not on ${joined(missing)}`]),
    ...(row.staleAt === undefined ? [] : [seenAgo(row.staleAt, seen.now)]),
  ];
  return [span(text`${row.name}  `, "strong"), span(joined(parts, " · "), "muted")];
}
