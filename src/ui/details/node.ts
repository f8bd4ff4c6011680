import type { DaemonConfig, FlagValue, Listener, Origin } from "../../domain/daemon.ts";
import { explain } from "../../domain/explain.ts";
import { type Difference, differences } from "../../domain/flags/differences.ts";
import type { Interface } from "../../domain/host.ts";
import { lastSeen, type Part, troubleOf } from "../../domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../../domain/snapshot.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { type Line, span } from "../draw/style.ts";
import { type Seen, seenAgo } from "../panes/seen.ts";
import { type Cell, type Column, type Table, table } from "../table/table.ts";
import type { Detail, DetailTab } from "./detail.ts";
import { paragraph } from "./facts.ts";
import { nodeOverview } from "./node-overview.ts";

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

function flagsTab(node: NodeSnapshot, seen: Seen): DetailTab {
  const config = lastSeen(node.daemon);
  const differing = new Map(flagDifferences(seen.snapshot).map((one) => [one.name as string, one]));
  const flags = config?.flags ?? [];
  const unset = [...differing.values()].filter((one) => !flags.some((flag) => flag.name === one.name));
  const rows: FlagRow[] = [
    ...flags.map((flag, index) => ({
      key: `${flag.name} ${index}`,
      name: flag.name,
      flag,
      difference: differing.get(flag.name),
    })),
    ...unset.map((one) => ({ key: one.name, name: one.name, flag: undefined, difference: one })),
  ];
  return {
    id: "flags",
    title: text`Flags`,
    lines: (width) => [...oldOrMissing(node.daemon, node.name, seen, width), ...conflictLines(config, width)],
    table: table(flagColumns(node), config === undefined ? [] : rows),
    empty: config === undefined ? text`not read yet` : text`dockerd runs with its defaults: no flag, no daemon.json`,
  };
}

/** What differs between the nodes' daemons, of those options that should not. */
export const flagDifferences = (snapshot: Snapshot): Difference[] =>
  differences(
    new Map(
      [...snapshot.nodes.values()].flatMap((node) => {
        const config = lastSeen(node.daemon);
        return config === undefined ? [] : [[node.name, config] as const];
      }),
    ),
  );

interface FlagRow {
  key: string;
  name: SafeText;
  /** Undefined: not set here, and set elsewhere. */
  flag: FlagValue | undefined;
  difference: Difference | undefined;
}

const flagColumns = (node: NodeSnapshot): Column<FlagRow>[] => [
  { title: text`FLAG`, value: (row) => row.name, width: "fit", keep: "always" },
  { title: text`VALUE`, value: (row) => row.flag?.value ?? muted(text`not set`), width: "grow", keep: "always" },
  { title: text`RUNNING`, value: (row) => runningCell(row.flag), width: "fit", keep: "always" },
  {
    title: text`OTHER NODES`,
    value: (row) => otherNodes(row.difference, node),
    width: "grow",
    keep: "always",
  },
  {
    title: text`ORIGIN`,
    value: (row) => (row.flag === undefined ? undefined : originWords(row.flag.origin)),
    width: "grow",
    keep: "always",
  },
];

const muted = (words: SafeText): Cell => ({ text: words, style: "muted" });

function runningCell(flag: FlagValue | undefined): Cell | undefined {
  switch (flag?.running) {
    case "same":
      return { text: text`same`, style: "good" };
    case "differs":
      return { text: text`differs`, style: "bad" };
    case "absent":
      return { text: text`not restarted`, style: "warn" };
    default:
      return undefined;
  }
}

/** Whether this node is the odd one out, and what the others have. */
function otherNodes(difference: Difference | undefined, node: NodeSnapshot): Cell {
  if (difference === undefined) return muted(text`same`);
  const others = difference.values.filter((one) => one.node !== node.name);
  const theirs = joined(others.map((one) => text`${one.node}: ${one.value}`));
  if (difference.usual === undefined) return { text: text`all differ: ${theirs}`, style: "warn" };
  if (difference.odd.includes(node.name)) return { text: text`odd one out: others ${difference.usual}`, style: "bad" };
  return { text: text`odd: ${joined(difference.odd)}`, style: "warn" };
}

/** Where a value comes from, with the file's path. */
export const originWords = (origin: Origin): SafeText =>
  origin.kind === "process" ? text`running process only` : text`${clean(origin.kind)} ${origin.path}`;

function conflictLines(config: DaemonConfig | undefined, width: number): Line[] {
  const problem = config?.fileProblem;
  return [
    ...(problem === undefined ? [] : paragraph(text`dockerd would not start: ${problem}`, width, "bad")),
    ...(config?.conflicts ?? []).flatMap((one) =>
      paragraph(
        text`dockerd would not start: ${one.name} is both a flag (${one.flag}) and in daemon.json (${one.file})`,
        width,
        "bad",
      ),
    ),
  ];
}

/** That what follows is old, or why there is nothing. */
function oldOrMissing<T>(part: Part<T>, node: SafeText, seen: Seen, width: number): Line[] {
  const trouble = troubleOf(part);
  if (trouble === undefined) return [];
  const { what, remedy } = explain(trouble, node);
  const old = part.state === "stale" ? text`${seenAgo(part.at, seen.now)}: ` : text``;
  return [...paragraph(text`${old}${what}`, width, "warn"), ...paragraph(remedy, width, "muted")];
}

const interfaceColumns = (node: NodeSnapshot): Column<Keyed<Interface>>[] => [
  { title: text`INTERFACE`, value: (row) => row.value.name, width: "fit", keep: "always" },
  {
    title: text`STATE`,
    value: (row) => (row.value.up ? { text: text`up`, style: "good" } : muted(text`down`)),
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
