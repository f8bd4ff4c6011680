import type { DaemonConfig, FlagValue } from "../../domain/daemon.ts";
import { type Difference, differences } from "../../domain/flags/differences.ts";
import type { NodeName } from "../../domain/ids.ts";
import { lastSeen } from "../../domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../../domain/snapshot.ts";
import { joined, type SafeText, text } from "../../domain/text.ts";
import type { Line } from "../draw/style.ts";
import type { Seen } from "../panes/seen.ts";
import { type Cell, type Column, table } from "../table/table.ts";
import type { DetailTab } from "./detail.ts";
import { paragraph } from "./facts.ts";
import { oldOrMissing, originWords } from "./words.ts";

type Configs = ReadonlyMap<NodeName, DaemonConfig>;

/** dockerd's flags with the origin of each, what runs of it, and what the other nodes have; what keeps it from starting on top. */
export function flagsTab(node: NodeSnapshot, seen: Seen): DetailTab {
  const config = lastSeen(node.daemon);
  const configs = configsOf(seen.snapshot);
  return {
    id: "flags",
    title: text`Flags`,
    lines: (width) => [...oldOrMissing(node.daemon, node.name, seen, width), ...conflictLines(config, width)],
    table: table(flagColumns(node.name), config === undefined ? [] : flagRows(config, node.name, configs)),
    empty: config === undefined ? text`not read yet` : text`dockerd runs with its defaults: no flag, no daemon.json`,
  };
}

const configsOf = (snapshot: Snapshot): Configs =>
  new Map(
    [...snapshot.nodes.values()].flatMap((node) => {
      const config = lastSeen(node.daemon);
      return config === undefined ? [] : [[node.name, config] as const];
    }),
  );

interface FlagRow {
  key: string;
  name: SafeText;
  /** Undefined: not set here, and set elsewhere though it should be the same. */
  flag: FlagValue | undefined;
  /** Set when the option should be the same on all nodes and is not. */
  difference: Difference | undefined;
  /** What the other nodes have for it that have something else. */
  others: readonly { node: NodeName; value: SafeText }[] | "alone";
}

function flagRows(config: DaemonConfig, node: NodeName, configs: Configs): FlagRow[] {
  const differing = new Map<string, Difference>(differences(configs).map((one) => [one.name, one]));
  const unset = [...differing.values()].filter((one) => !config.flags.some((flag) => flag.name === one.name));
  const row = (key: string, name: SafeText, flag: FlagValue | undefined): FlagRow => ({
    key,
    name,
    flag,
    difference: differing.get(name),
    others: othersWith(name, node, configs),
  });
  return [
    ...config.flags.map((flag, index) => row(`${flag.name} ${index}`, flag.name, flag)),
    ...unset.map((one) => row(one.name, one.name, undefined)),
  ];
}

function othersWith(name: SafeText, node: NodeName, configs: Configs): FlagRow["others"] {
  if (configs.size < 2) return "alone";
  const mine = valuesOf(name, configs.get(node));
  return [...configs].flatMap(([other, config]) => {
    const value = valuesOf(name, config);
    return value === mine ? [] : [{ node: other, value }];
  });
}

function valuesOf(name: SafeText, config: DaemonConfig | undefined): SafeText {
  const values = (config?.flags ?? []).filter((flag) => flag.name === name).map((flag) => flag.value);
  return values.length === 0 ? text`not set` : joined([...new Set(values)].sort());
}

const flagColumns = (node: NodeName): Column<FlagRow>[] => [
  { title: text`FLAG`, value: (row) => row.name, width: "fit", keep: "always" },
  { title: text`VALUE`, value: (row) => row.flag?.value ?? muted(text`not set`), width: "grow", keep: "always" },
  { title: text`RUNNING`, value: (row) => runningCell(row.flag), width: "fit", keep: "always" },
  { title: text`OTHER NODES`, value: (row) => otherNodes(row, node), width: "grow", keep: "always" },
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

/** More nodes than this are counted, not named. */
const named = 3;

/** Whether this node is the odd one out, and what the others have. What is each node's own business is told, not marked. */
function otherNodes({ difference, others }: FlagRow, node: NodeName): Cell | undefined {
  if (difference?.odd.includes(node) && difference.usual !== undefined) {
    return { text: text`odd one out: others ${difference.usual}`, style: "bad" };
  }
  if (difference?.usual !== undefined) return { text: text`odd: ${joined(difference.odd)}`, style: "warn" };
  if (others === "alone") return undefined;
  if (others.length === 0) return muted(text`same`);
  const more = others.length > named ? text`, ${others.length - named} more` : text``;
  const theirs = text`${joined(others.slice(0, named).map((one) => text`${one.node}: ${one.value}`))}${more}`;
  return difference === undefined ? muted(theirs) : { text: text`all differ: ${theirs}`, style: "warn" };
}

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
