import { joined, text } from "../../domain/text.ts";
import { type EndpointRow, type NetworkRow, sortedEndpoints } from "../../domain/views/networks.ts";
import { type Line, span } from "../draw/style.ts";
import { spaces } from "../draw/width.ts";
import { networkRowsOf } from "../panes/network-rows.ts";
import { type Seen, seenAgo } from "../panes/seen.ts";
import { type Column, table } from "../table/table.ts";
import type { Detail } from "./detail.ts";
import { type Fact, factLines, maybe } from "./facts.ts";

/** Every endpoint of one network over all nodes, and the network itself. */
export function networkDetail(key: string, seen: Seen): Detail | undefined {
  const row = networkRowsOf(seen.counted).find((one) => one.key === key);
  if (row === undefined) return undefined;
  return {
    title: [span(text`network `, "muted"), span(row.name, "strong"), span(text`  ${row.driver}`, "muted")],
    tabs: [
      {
        id: "endpoints",
        title: text`Endpoints`,
        lines: () => subnetLines(row, seen),
        table: table(endpointColumns, sortedEndpoints(row), (one) => one.source === "store"),
        empty: text`nothing is connected to it`,
      },
      { id: "overview", title: text`Overview`, lines: (width) => overview(row, seen, width) },
    ],
  };
}

const endpointColumns: Column<EndpointRow>[] = [
  { title: text`CONTAINER`, value: (row) => row.container, width: "grow", keep: "always" },
  { title: text`ADDRESS`, value: (row) => row.address, width: "fit", keep: "always" },
  { title: text`MAC`, value: (row) => row.mac, width: "fit", keep: "always" },
  { title: text`NODE`, value: (row) => row.node, width: "fit", keep: "always" },
  {
    title: text`SOURCE`,
    value: (row) => (row.source === "engine" ? text`its engine` : text`only the store`),
    width: "fit",
    keep: "always",
  },
];

function subnetLines(row: NetworkRow, seen: Seen): Line[] {
  const lines = row.subnets.map((one): Line => {
    const free = Math.max(0, one.size - one.used);
    const gateway = one.gateway === undefined ? text`` : text`, gateway ${one.gateway}`;
    return [
      span(spaces(1)),
      span(one.subnet, "strong"),
      span(text`  ${one.used} used, `),
      span(text`${free} free`, free === 0 && one.size > 0 ? "bad" : "plain"),
      span(text` of ${one.size}${gateway}`, "muted"),
    ];
  });
  const stale = row.staleAt === undefined ? [] : [[span(text` ${seenAgo(row.staleAt, seen.now)}`, "warn")]];
  return [...lines, ...stale];
}

function overview(row: NetworkRow, seen: Seen, width: number): Line[] {
  const missing = [...seen.snapshot.nodes.keys()].filter((node) => !row.nodes.includes(node));
  const network: Fact[] = [
    { label: text`id`, value: row.id },
    { label: text`driver`, value: text`${row.driver}, scope ${row.scope}` },
    ...maybe(text`VNI`, row.vnis.length === 0 ? undefined : joined(row.vnis.map((one) => text`${one}`))),
    ...maybe(text`MTU`, row.mtu === undefined ? undefined : text`${row.mtu}`),
    ...maybe(text`parent`, row.parent),
    { label: text`attachable`, value: row.attachable ? text`yes` : text`no` },
    { label: text`internal`, value: row.internal ? text`yes: no way out` : text`no` },
    { label: text`encrypted`, value: row.encrypted ? text`yes` : text`no` },
  ];
  const where: Fact[] = [
    { label: text`on`, value: joined(row.nodes) },
    ...maybe(
      text`not on`,
      missing.length === 0 ? undefined : joined(missing),
      row.scope === "local" ? "muted" : "warn",
    ),
  ];
  return [
    ...factLines(
      [
        { heading: text`Network`, facts: network },
        { heading: text`Nodes`, facts: where },
      ],
      width,
    ),
    [],
    [span(spaces(1)), span(text`Subnets`, "strong")],
    ...subnetLines(row, seen),
  ];
}
