import type { Container } from "../../domain/engine.ts";
import { joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { type ContainerRow, containerRows, stateWords } from "../../domain/views/containers.ts";
import { type Line, span } from "../draw/style.ts";
import { portText } from "../panes/containers.ts";
import { ago, bytes, type Seen, seenAgo } from "../panes/seen.ts";
import { type Column, table } from "../table/table.ts";
import type { Detail } from "./detail.ts";
import { type Fact, factLines, maybe } from "./facts.ts";

/** One container: what it is, where it is reached, its labels. */
export function containerDetail(key: string, seen: Seen): Detail | undefined {
  const row = containerRows(seen.snapshot).find((one) => one.key === key);
  if (row === undefined) return undefined;
  const labels = row.container.labels.map((one, index) => ({ key: `${one.name} ${index}`, ...one }));
  return {
    title: [span(text`container `, "muted"), span(row.name, "strong"), span(text`  on ${row.node}`, "muted")],
    tabs: [
      { id: "overview", title: text`Overview`, lines: (width) => overview(row, seen.now, width) },
      {
        id: "labels",
        title: text`Labels`,
        lines: () => [],
        table: table(labelColumns, labels),
        empty: text`it has no labels`,
      },
    ],
  };
}

interface LabelRow {
  key: string;
  name: SafeText;
  value: SafeText;
}

const labelColumns: Column<LabelRow>[] = [
  { title: text`LABEL`, value: (row) => row.name, width: "grow", keep: "always" },
  { title: text`VALUE`, value: (row) => row.value, width: "grow", keep: "always" },
];

function overview(row: ContainerRow, now: Instant, width: number): Line[] {
  const { container } = row;
  return factLines(
    [
      { heading: text`Container`, facts: whatItIs(row, now) },
      { heading: text`Networks`, facts: networkFacts(container) },
      { heading: text`Ports`, facts: container.ports.map((one) => ({ label: text`port`, value: portText(one) })) },
    ],
    width,
  );
}

function whatItIs(row: ContainerRow, now: Instant): Fact[] {
  const state = stateWords(row.container, now);
  const { container, usage } = row;
  const stale = row.staleAt !== undefined;
  return [
    {
      label: text`state`,
      value: row.staleAt === undefined ? state : text`${state}, ${seenAgo(row.staleAt, now)}`,
      style: stale ? "muted" : row.tone,
    },
    { label: text`status`, value: container.status },
    { label: text`node`, value: row.node },
    { label: text`image`, value: container.image },
    { label: text`command`, value: container.command },
    { label: text`created`, value: text`${ago(container.createdAt, now)} ago` },
    { label: text`id`, value: container.id },
    ...maybe(text`exit code`, container.exitCode === undefined ? undefined : text`${container.exitCode}`),
    ...(usage === undefined || stale ? [] : [{ label: text`memory`, value: memoryWords(usage) }]),
    ...(usage?.cpuPercent === undefined || stale
      ? []
      : [{ label: text`cpu`, value: text`${Math.round(usage.cpuPercent)}% of one core` }]),
  ];
}

const memoryWords = (usage: { memoryBytes: number; memoryLimitBytes: number | undefined }): SafeText =>
  usage.memoryLimitBytes === undefined
    ? bytes(usage.memoryBytes)
    : text`${bytes(usage.memoryBytes)} of ${bytes(usage.memoryLimitBytes)}`;

function networkFacts(container: Container): Fact[] {
  return container.attachments.map((one) => ({
    label: one.network,
    value: joined([one.address ?? text`no address`, ...(one.mac === undefined ? [] : [text`mac ${one.mac}`])], ", "),
  }));
}
