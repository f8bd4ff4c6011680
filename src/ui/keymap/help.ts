import { clean } from "../../domain/text.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, span } from "../draw/style.ts";
import { filled, spaces } from "../draw/width.ts";
import { type Binding, type Group, inPlace, keymap, type Place } from "./keymap.ts";
import { type KeyName, keyText } from "./keys.ts";
import { everywhere, reading } from "./place.ts";

const groups: readonly Group[] = [
  "Move",
  "Panes and details",
  "Find",
  "Cluster",
  "Actions",
  "Logs",
  "Launch",
  "Ping",
  "Pool",
  "Set-up",
  "Demo",
  "Questions",
  "Program",
];
const keysWidth = 14;
const columnWidth = 36;

/** Every key that works in `place`, by group, in as many columns as `width` allows. */
export function helpLines(place: Place, width: number): Line[] {
  const blocks = groups.map((group) => block(group, inPlace(place))).filter((lines) => lines.length > 0);
  const columns = Math.max(1, Math.floor(width / columnWidth));
  if (columns === 1) return blocks.flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]));
  return beside(blocks, columns);
}

/** Blocks in columns of about one height, in their order. */
function beside(blocks: readonly Line[][], columns: number): Line[] {
  const all = blocks.reduce((sum, lines) => sum + lines.length + 1, 0);
  const columnsOf: Line[][] = Array.from({ length: columns }, () => []);
  let column = 0;
  for (const lines of blocks) {
    const target = columnsOf[column];
    if (target === undefined) break;
    if (target.length > 0) target.push([]);
    target.push(...lines);
    if (target.length >= all / columns - 1 && column < columns - 1) column += 1;
  }
  const height = Math.max(...columnsOf.map((lines) => lines.length));
  const used = columnsOf.filter((lines) => lines.length > 0);
  return Array.from({ length: height }, (_, row) =>
    used.flatMap((lines, at) => (at === used.length - 1 ? (lines[row] ?? []) : fitLine(lines[row] ?? [], columnWidth))),
  );
}

function block(group: Group, bindings: readonly Binding[]): Line[] {
  const mine = together(bindings.filter((one) => one.group === group && one.keys.length > 0));
  if (mine.length === 0) return [];
  return [
    [span(clean(group), "strong")],
    ...mine.map(
      ({ keys, label }): Line => [
        span(filled(clean(keys.map(keyText).join(" ")), keysWidth - 2), "accent"),
        span(spaces(2)),
        span(clean(label)),
      ],
    ),
  ];
}

/** Bindings with their neighbours of the same `together` in one. */
function together(bindings: readonly Binding[]): { keys: readonly KeyName[]; label: string }[] {
  const rows: { keys: readonly KeyName[]; label: string; group: string | undefined }[] = [];
  for (const one of bindings) {
    const last = rows.at(-1);
    if (last !== undefined && one.together !== undefined && last.group === one.together) {
      last.keys = [...last.keys, ...one.keys];
    } else rows.push({ keys: one.keys, label: one.together ?? one.label, group: one.together });
  }
  return rows;
}

const placeWords: Record<Place, string> = {
  panes: "panes",
  detail: "details",
  filter: "filter",
  palette: "palette",
  help: "help",
  "host-key": "host key question",
  secret: "password question",
  quit: "quit question",
  "too-small": "a terminal that is too small",
  form: "set-up",
  picker: "known hosts",
  review: "plan",
  confirm: "question before a plan",
  accept: "word before a plan",
  applying: "run of a plan",
  result: "end of a plan",
  actions: "actions",
  "action-fields": "what an action asks",
  "action-confirm": "question before an action",
  "action-typed": "word before an action",
  "action-results": "results of an action",
  copy: "what can be copied",
  faults: "faults of the demo",
  forward: "forwards",
  logs: "logs",
  "log-field": "what is typed under logs",
  launch: "new container",
  "launch-pick": "what there is to pick from",
  "launch-review": "review of a launch",
  "launch-confirm": "question before a launch",
  "launch-run": "run of a launch",
  "launch-end": "end of a launch",
  ping: "ping matrix",
  "ping-cell": "cell of the ping matrix",
  "ping-port": "TCP port of a ping",
  "shell-opening": "opening of a shell",
  "shell-offer": "container without a shell",
  "shell-failed": "shell that did not open",
  pool: "pool",
  "pool-fields": "what a test job asks",
  "pool-confirm": "question before a test job",
  "pool-job": "run of a test job",
  "pool-remove": "question before a job is taken out",
};

/** The README's keys: what "every list" stands for, and the table. */
export function keymapMarkdown(): string {
  const escaped = (cell: string): string => cell.replaceAll("|", "\\|");
  const rows = groups.flatMap((group) =>
    keymap
      .filter((one) => one.group === group && one.keys.length > 0)
      .map(({ keys, label, in: places }) => {
        const named = keys.map((key) => `\`${keyText(key)}\``).join(" ");
        return `| ${escaped(named)} | ${escaped(label)} | ${whereWords(places)} |`;
      }),
  );
  const meaning = `*${everyList}* is whatever has rows or lines to move through: ${wordsOf(reading)}.`;
  return [meaning, "", "| Keys | Do | In |", "|---|---|---|", ...rows, ""].join("\n");
}

/** The places of `reading` by one name: named one by one they would be two thirds of the table. */
const everyList = "every list";

function whereWords(places: readonly Place[]): string {
  if (everywhere.every((place) => places.includes(place))) return "everywhere";
  if (!reading.every((place) => places.includes(place))) return wordsOf(places);
  const others = places.filter((place) => !reading.includes(place));
  return others.length === 0 ? everyList : `${everyList}, ${wordsOf(others)}`;
}

const wordsOf = (places: readonly Place[]): string => places.map((place) => placeWords[place]).join(", ");
