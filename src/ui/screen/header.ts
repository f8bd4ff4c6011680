import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { severityStyle } from "../details/findings.ts";
import { fitLine, lineWidth, spread } from "../draw/line.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { cut } from "../draw/width.ts";
import { type PaneId, paneIds, paneTitles } from "../panes/pane.ts";
import { counted, type Seen } from "../panes/seen.ts";
import type { Contents } from "./contents.ts";
import type { Scene } from "./scene.ts";

const between = text`   `;
/** Of the cluster; a longer name must not push out how the cluster is. */
const longestName = 24;

/** The screen's first row: where one is, how it is there, and whether changes are possible. What matters least gives way. */
export function headerLine(contents: Contents, width: number): Line {
  const { seen } = contents;
  const right: Line = [
    ...(seen.demo ? [span(text`DEMO`, "accent"), span(text`  `)] : []),
    seen.readOnly ? span(text`RO`, "warn") : span(text`RW`, "good"),
    span(text`  ${clockText(seen.now)} `, "muted"),
  ];
  const segments: { line: Line; rank: number }[] = [
    { line: contents.pane("nodes").summary, rank: 0 },
    { line: contents.pane("membership").summary, rank: 2 },
    { line: contents.pane("networks").summary, rank: 4 },
    { line: contents.pane("containers").summary, rank: 3 },
    { line: [span(counted(seen.findings.length, "finding", "findings"), findingsStyle(seen))], rank: 1 },
  ].filter(({ line }) => line.length > 0);
  const name: Line = [
    span(text` ovl-tui`, "focus"),
    span(text`  ${cut(seen.snapshot.cluster, longestName)}`, "strong"),
  ];
  let shown = segments;
  const left = (): Line => [...name, ...shown.flatMap(({ line }) => [span(between), ...line])];
  while (shown.length > 1 && lineWidth(left()) + 2 > width - lineWidth(right)) {
    const last = Math.max(...shown.map((one) => one.rank));
    shown = shown.filter((one) => one.rank !== last);
  }
  return spread(left(), right, width);
}

function findingsStyle({ findings }: Seen): Style {
  const worst = findings.find((one) => one.severity === "error") ?? findings.find((one) => one.severity === "warning");
  return worst === undefined ? "muted" : severityStyle[worst.severity];
}

/** The operator's own time of day. */
function clockText(now: Instant): SafeText {
  const at = new Date(now);
  const two = (value: number): string => String(value).padStart(2, "0");
  return clean(`${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`);
}

/** The names of the panes in one row, with how much is in each; the one that is shown stands out. */
export function stripLine(scene: Scene): Line {
  const tab = (id: PaneId, index: number): Line => {
    const rows = scene.contents.pane(id).table.rows.length;
    const words = text` ${index + 1} ${clean(paneTitles[id])} ${rows} `;
    return [span(text` `), span(words, id === scene.state.focus ? "cursor" : "muted")];
  };
  return fitLine(paneIds.flatMap(tab), scene.size.columns);
}
