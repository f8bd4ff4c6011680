import type { Finding, Severity } from "../../domain/finding.ts";
import { clean, text } from "../../domain/text.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled, spaces, wrap } from "../draw/width.ts";
import { counted, type Seen } from "../panes/seen.ts";
import type { Detail } from "./detail.ts";

/** Every finding with its evidence and what would mend it. */
export function findingsDetail(seen: Seen): Detail {
  return {
    title: [span(counted(seen.findings.length, "finding", "findings"), "strong")],
    tabs: [{ id: "findings", title: text`Findings`, lines: (width) => findingLines(seen.findings, width) }],
  };
}

export const severityStyle: Record<Severity, Style> = { error: "bad", warning: "warn", info: "busy" };

const indent = 10;

function findingLines(findings: readonly Finding[], width: number): Line[] {
  if (findings.length === 0) return [[span(text` nothing is wrong that the program can see`, "good")]];
  return findings.flatMap((one, index): Line[] => [
    ...(index === 0 ? [] : [[]]),
    ...wrapped(titleOf(one), width, "strong", [
      span(text` ${filled(clean(one.severity), indent - 1)}`, severityStyle[one.severity]),
    ]),
    ...one.evidence.flatMap((line) => wrapped(line, width, "muted")),
    ...wrapped(one.remedy, width, "plain", [span(filled(text` mend`, indent), "accent")]),
  ]);
}

/** With its node, unless the title names it itself. */
const titleOf = ({ node, title }: Finding): Finding["title"] =>
  node === undefined || title.includes(node) ? title : text`${node}: ${title}`;

function wrapped(value: Finding["title"], width: number, style: Style, before: Line = [span(spaces(indent))]): Line[] {
  return wrap(value, Math.max(10, width - indent - 1)).map(
    (row, at): Line => [...(at === 0 ? before : [span(spaces(indent))]), span(row, style)],
  );
}
