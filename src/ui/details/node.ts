import type { Listener } from "../../domain/daemon.ts";
import type { Interface } from "../../domain/host.ts";
import { lastSeen } from "../../domain/part.ts";
import type { NodeSnapshot } from "../../domain/snapshot.ts";
import { joined, text } from "../../domain/text.ts";
import { span } from "../draw/style.ts";
import type { Seen } from "../panes/seen.ts";
import { type Column, type Table, table } from "../table/table.ts";
import type { Detail } from "./detail.ts";
import { flagsTab } from "./flags.ts";
import { nodeOverview } from "./node-overview.ts";
import { oldOrMissing, originWords } from "./words.ts";

/** Everything known of one node: how it is, dockerd's flags, interfaces, listeners. */
export function nodeDetail(key: string, seen: Seen): Detail | undefined {
  const node = [...seen.snapshot.nodes.values()].find((one) => one.name === key);
  if (node === undefined) return undefined;
  return {
    title: [span(text`node `, "muted"), span(node.name, "strong"), span(text`  ${node.address}`, "muted")],
    tabs: [
      { id: "overview", title: text`Overview`, lines: (width) => nodeOverview(node, seen.now, width) },
      flagsTab(node, seen),
      {
        id: "interfaces",
        title: text`Interfaces`,
        lines: (width) => oldOrMissing(node.facts, node.name, seen, width),
        table: tableOf(lastSeen(node.facts)?.interfaces, interfaceColumns(node), (one) => one.name),
        empty: text`not read yet`,
      },
      {
        id: "listeners",
        title: text`Listeners`,
        lines: (width) => oldOrMissing(node.daemon, node.name, seen, width),
        table: tableOf(lastSeen(node.daemon)?.listeners, listenerColumns, (one) => one.address),
        empty: text`not read yet`,
      },
    ],
  };
}

interface Keyed<T> {
  key: string;
  value: T;
}

/** A table of values that have no key of their own; the same name twice stays two rows. */
function tableOf<T>(values: readonly T[] | undefined, columns: Column<Keyed<T>>[], name: (value: T) => string): Table {
  return table(
    columns,
    (values ?? []).map((value, index) => ({ key: `${name(value)} ${index}`, value })),
  );
}

const interfaceColumns = (node: NodeSnapshot): Column<Keyed<Interface>>[] => [
  { title: text`INTERFACE`, value: (row) => row.value.name, width: "fit", keep: "always" },
  {
    title: text`STATE`,
    value: (row) => (row.value.up ? { text: text`up`, style: "good" } : { text: text`down`, style: "muted" }),
    width: "fit",
    keep: "always",
  },
  { title: text`MTU`, value: (row) => text`${row.value.mtu}`, width: "number", keep: "always" },
  { title: text`ADDRESSES`, value: (row) => joined(row.value.addresses), width: "grow", keep: "always" },
  { title: text`MAC`, value: (row) => row.value.mac, width: "fit", keep: "always" },
  {
    title: text`CARRIES`,
    value: (row) => (carriesCluster(row.value, node) ? { text: text`cluster traffic`, style: "accent" } : text``),
    width: "fit",
    keep: "always",
  },
];

/** Whether the spec's `advertise` names the interface, or an address of it. */
const carriesCluster = (one: Interface, node: NodeSnapshot): boolean =>
  one.name === node.advertise || one.addresses.some((address) => address.split("/")[0] === node.advertise);

const listenerColumns: Column<Keyed<Listener>>[] = [
  { title: text`ADDRESS`, value: (row) => row.value.address, width: "grow", keep: "always" },
  {
    title: text`SAFETY`,
    value: (row) =>
      row.value.insecure
        ? { text: text`no TLS: root for everyone who reaches it`, style: "bad" }
        : { text: text`local or TLS`, style: "good" },
    width: "fit",
    keep: "always",
  },
  { title: text`ORIGIN`, value: (row) => originWords(row.value.origin), width: "grow", keep: "always" },
];
