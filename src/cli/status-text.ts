import { explain } from "../domain/explain.ts";
import type { Finding } from "../domain/finding.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type SafeText, text } from "../domain/text.ts";
import { age } from "../domain/time.ts";
import { containerRows, stateWords } from "../domain/views/containers.ts";
import { memberRows, storeStatus } from "../domain/views/membership.ts";
import { networkRows } from "../domain/views/networks.ts";
import { nodeRows } from "../domain/views/nodes.ts";
import { findingText } from "./finding-text.ts";
import { textTable } from "./text-table.ts";

/** The picture of `status` for people: the same tables as the screen's panes, then what is wrong. */
export function statusText(
  seen: Snapshot,
  findings: readonly Finding[],
  storeKind: SafeText | undefined,
  now: number,
): string {
  const sections = [
    nodes(seen, now),
    members(seen, storeKind, now),
    networks(seen),
    containers(seen, now),
    problems(findings),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const dash = "-";

function nodes(seen: Snapshot, now: number): string {
  const rows = nodeRows(seen);
  const table = textTable([
    ["NODE", "STATE", "ENGINE", "STORE", "ADVERTISE", "SEEN"],
    ...rows.map((row) => [
      row.name,
      row.condition.word,
      row.version ?? dash,
      row.store ?? dash,
      row.advertise ?? dash,
      row.staleAt === undefined ? (row.version === undefined ? "never" : "now") : `${age(now - row.staleAt)} ago`,
    ]),
  ]);
  const troubles = rows.flatMap(({ condition, name }) => {
    if (condition.trouble === undefined) return [];
    const { what, remedy } = explain(condition.trouble, name);
    return [`${name}: ${what}\n  ${remedy}`];
  });
  return [table, ...troubles].join("\n");
}

function members(seen: Snapshot, storeKind: SafeText | undefined, now: number): string {
  const status = storeStatus(seen, storeKind, now);
  if (status.state === "none") return "";
  const heading =
    status.state === "ok"
      ? text`${status.kind} leader ${status.leader}`
      : status.state === "not-answering"
        ? status.words
        : status.state === "no-leader"
          ? text`${status.kind} has no leader`
          : text`${status.kind} was asked, no answer yet`;
  const rows = memberRows(seen).map((row) => [row.name, row.kind, row.state, row.address ?? dash]);
  return rows.length === 0 ? heading : `${heading}\n${textTable([["MEMBER", "KIND", "STATE", "ADDRESS"], ...rows])}`;
}

function networks(seen: Snapshot): string {
  const rows = networkRows(seen);
  if (rows.length === 0) return "";
  return textTable([
    ["NETWORK", "DRIVER", "SUBNET", "VNI", "USED", "NODES"],
    ...rows.map((row) => [
      row.name,
      row.driver,
      row.subnets.map((one) => one.subnet).join(",") || dash,
      row.vnis.join(",") || dash,
      row.subnets.map((one) => `${one.used} of ${one.size}`).join(",") || dash,
      `${row.nodes.length} of ${row.allNodes}`,
    ]),
  ]);
}

function containers(seen: Snapshot, now: number): string {
  const rows = containerRows(seen);
  if (rows.length === 0) return "";
  return textTable([
    ["CONTAINER", "NODE", "IMAGE", "OVERLAY IP", "STATE"],
    ...rows.map((row) => [row.name, row.node, row.image, row.overlayAddress ?? dash, stateWords(row.container, now)]),
  ]);
}

function problems(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no findings";
  return findings.map(findingText).join("\n");
}
