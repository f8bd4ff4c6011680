import type { Finding } from "../../domain/finding.ts";
import { warningOf } from "../../domain/plan/disturbance.ts";
import type { Preview, Step } from "../../domain/plan/step.ts";
import { clean, text } from "../../domain/text.ts";
import type { ApplyState, StepProgress } from "../../services/apply/apply-state.ts";
import { severityStyle } from "../details/findings.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { bar, megabytes, seconds } from "../draw/figures.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";
import type { Round, WorkEnd } from "./work.ts";

/** A piece of the review that can be folded away to its head. */
export interface Entry {
  key: string;
  head: Line;
  body: readonly Line[];
}

const indent = span(text`    `);

/** Everything that the plans would do: what stands in the way first. */
export function reviewEntries(rounds: readonly Round[], width: number): Entry[] {
  const obstacles = rounds.flatMap((round) => round.plan.obstacles);
  const steps = rounds.flatMap((round) => round.plan.steps);
  const nodeWidth = Math.max(0, ...steps.map((step) => step.node.length)) + 2;
  return [
    ...obstacles.map((one, index) => obstacleEntry(one, `obstacle ${index}`, width)),
    ...steps.map((step, index) => stepEntry(step, `${index} ${step.id}`, nodeWidth, width)),
  ];
}

function obstacleEntry(one: Finding, key: string, width: number): Entry {
  const style = severityStyle[one.severity];
  const told = [
    ...one.evidence.flatMap((line) => wrapped(line, width - 4, "muted")),
    ...wrapped(one.remedy, width - 4),
  ];
  return {
    key,
    head: [span(filled(clean(one.severity), 9), style), span(one.title, "strong")],
    body: told.map((line) => [indent, ...line]),
  };
}

function stepEntry(step: Step, key: string, nodeWidth: number, width: number): Entry {
  const warning = warningOf(step);
  return {
    key,
    head: [
      span(filled(step.node, nodeWidth), "accent"),
      ...(warning === undefined ? [] : [span(text`${warning}: `, "bad")]),
      span(step.title),
    ],
    body: [
      ...step.preview.flatMap((preview) => previewOf(preview, width - 4)),
      ...wrapped(text`proven: ${step.proof}`, width - 4, "muted"),
      ...wrapped(text`taken back: ${step.undo}`, width - 4, "muted"),
    ].map((line) => [indent, ...line]),
  };
}

function previewOf(preview: Preview, width: number): Line[] {
  if (preview.kind === "command") {
    return preview.lines.flatMap((line, index) => wrapped(index === 0 ? text`$ ${line}` : text`  ${line}`, width));
  }
  return [[span(preview.path, "strong")], ...preview.lines.map((line): Line => [span(line, diffStyle(line))])];
}

const diffStyle = (line: string): Style =>
  line.startsWith("+") ? "good" : line.startsWith("-") ? "bad" : line.startsWith("@@") ? "muted" : "plain";

/** The whole review as lines, and where each entry begins. */
export function unfolded(
  entries: readonly Entry[],
  open: ReadonlySet<string>,
  cursor: number,
): { lines: Line[]; starts: number[] } {
  const lines: Line[] = [];
  const starts: number[] = [];
  for (const [index, entry] of entries.entries()) {
    starts.push(lines.length);
    const isOpen = open.has(entry.key);
    const mark = span(isOpen ? text`▾ ` : text`▸ `, index === cursor ? "focus" : "muted");
    const head = index === cursor ? entry.head.map((one) => ({ ...one, style: "cursor" as const })) : entry.head;
    lines.push([mark, ...head]);
    if (isOpen) lines.push(...entry.body);
  }
  return { lines, starts };
}

/** Progress of the runs, a line a step; what failed with its reason and its way out. */
export function progressLines(runs: readonly ApplyState[], width: number, now: number): Line[] {
  return runs.flatMap((run) => run.steps.flatMap((one) => progressOf(one, width, now)));
}

function progressOf({ step, now: state }: StepProgress, width: number, now: number): Line[] {
  const line = (word: string, style: Style, ms?: number, says = text``): Line => [
    span(filled(clean(word), 9), style),
    span(filled(ms === undefined ? text`` : seconds(ms), 7, "right"), "muted"),
    span(text`  `),
    span(says, "busy"),
    span(step.title, state.state === "pending" ? "muted" : "plain"),
  ];
  const told = (words: Parameters<typeof wrapped>[0], style: Style = "plain"): Line[] =>
    wrapped(words, width - 10).map((one): Line => [span(text`          `), ...one.map((part) => ({ ...part, style }))]);
  switch (state.state) {
    case "pending":
      return [line("waits", "muted")];
    case "skipped":
      return [line("skipped", "warn")];
    case "done":
      return [line("done", "good", state.ms)];
    case "unchanged":
      return [line("was so", "good")];
    case "undone":
      return [line("undone", "bad"), ...told(state.error, "bad"), ...told(state.remedy)];
    case "failed":
      return [
        line("failed", "bad"),
        ...told(state.error, "bad"),
        ...told(text`what stands: ${state.stands}`),
        ...told(state.remedy),
      ];
    case "running": {
      const ms = now - state.since;
      if (state.transfer?.total !== undefined) {
        const { bytes, total } = state.transfer;
        const rate = bytes / Math.max(0.1, ms / 1000);
        return [
          line("running", "busy", ms),
          ...told(
            text`${megabytes(bytes)} of ${megabytes(total)}, ${megabytes(rate)}/s  ${bar(bytes / Math.max(1, total), 24)}`,
            "busy",
          ),
        ];
      }
      return [line("running", "busy", ms, state.says === undefined ? text`` : text`${state.says} · `)];
    }
  }
}

/** What came of it all. */
export function endLines(end: WorkEnd, width: number): Line[] {
  if (end.kind === "stopped") {
    return [...wrapped(end.why, width, "bad"), ...wrapped(end.remedy, width), []];
  }
  const pings = end.pings ?? [];
  return [
    [span(text`The cluster is as the file says.`, "good")],
    ...(end.pings === undefined ? [[span(text`pinging between the containers …`, "busy")]] : []),
    ...pings.map(
      (one): Line => [span(filled(one.ok ? text`ok` : text`no`, 4), one.ok ? "good" : "bad"), span(one.words)],
    ),
    [],
  ];
}
