import { explain } from "../../domain/explain.ts";
import { lastSeen, troubleOf } from "../../domain/part.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Trouble } from "../../domain/trouble.ts";
import { type MemberRow, memberRows, storeStatus } from "../../domain/views/membership.ts";
import { type Line, span } from "../draw/style.ts";
import { type Column, table } from "../table/table.ts";
import type { PaneContent } from "./pane.ts";
import { ago, longestSeenAgo, type Seen, seenAgo } from "./seen.ts";

/** Who the store, the engines registered in it and the swarm believe is there. */
export function membershipPane(seen: Seen): PaneContent {
  const rows = memberRows(seen.snapshot);
  return {
    table: table(memberColumns, rows, (row) => row.stale, seen.now),
    note: statusLine(seen),
    summary: statusLine(seen),
    hint: hintFor(seen, rows),
    about: (key) => {
      const row = rows.find((one) => one.key === key);
      return row === undefined ? [] : aboutMember(row, seen);
    },
  };
}

const memberColumns: Column<MemberRow>[] = [
  { title: text`MEMBER`, value: (row) => row.name, width: "grow", keep: "always" },
  { title: text`KIND`, value: (row) => clean(row.kind), width: "fit", keep: "always", least: 7 },
  {
    title: text`STATE`,
    value: (row) => ({ text: row.state, style: row.tone }),
    width: "fit",
    keep: "always",
    least: 8,
  },
  { title: text`ADDRESS`, value: (row) => row.address, width: "grow", keep: "always" },
  {
    title: text`SEEN`,
    value: seenWords,
    timed: (row) => (row.stale ? longestSeenAgo : text`59s`),
    width: "fit",
    keep: "always",
    least: 4,
  },
];

function seenWords(row: MemberRow, now: Instant): SafeText | undefined {
  if (row.seenAt === undefined) return undefined;
  if (row.stale) return seenAgo(row.seenAt, now);
  return now - row.seenAt < 10_000 ? text`now` : ago(row.seenAt, now);
}

/** How the store or the swarm is, in words. */
function statusLine(seen: Seen): Line {
  const status = storeStatus(seen.snapshot, seen.storeKind, seen.now);
  switch (status.state) {
    case "none":
      return [];
    case "waiting":
      return [span(text`asking ${status.kind}`, "busy")];
    case "ok":
      return [span(text`${status.kind} leader `), span(status.leader, "good")];
    case "no-leader":
      return [span(text`${status.kind} has no leader`, "bad")];
    case "not-answering":
      return [span(status.words, "bad")];
  }
}

function hintFor(seen: Seen, rows: readonly MemberRow[]): Line[] {
  const { snapshot } = seen;
  const trouble = sourceTrouble(snapshot);
  const status = storeStatus(snapshot, seen.storeKind, seen.now);
  if (trouble !== undefined && status.state === "not-answering") {
    const { what, remedy } = explain(trouble, status.kind);
    return [[span(what, "bad")], [span(remedy, "muted")]];
  }
  if (rows.length > 0) return [];
  if (status.state === "waiting") return [[span(text`asking ${status.kind}, no answer yet`, "muted")]];
  if (status.state !== "none") return [[span(text`${status.kind} names no members`, "muted")]];
  if (!anyEngineSeen(snapshot)) return [[span(text`no engine has answered yet`, "muted")]];
  return [
    [span(text`nothing joins these engines: the file names no store and no engine is a swarm manager`, "muted")],
    [span(text`name a store in ${seen.specFile ?? text`the file`}, or run "docker swarm init" on a node`, "muted")],
  ];
}

function sourceTrouble({ membership, swarm }: Snapshot): Trouble | undefined {
  if (membership !== undefined) return troubleOf(membership);
  return swarm === undefined ? undefined : troubleOf(swarm.nodes);
}

const anyEngineSeen = (snapshot: Snapshot): boolean =>
  [...snapshot.nodes.values()].some((node) => lastSeen(node.engine) !== undefined);

function aboutMember(row: MemberRow, seen: Seen): Line {
  const name = span(text`${row.name}  `, "strong");
  if (row.state === "not registered") {
    return [
      name,
      span(text`its engine does not advertise itself in the store: see its flags (enter on the node)`, "muted"),
    ];
  }
  if (row.state === "not in the file") {
    return [name, span(text`registered in the store, but no node of the file advertises this address`, "muted")];
  }
  const parts = [
    text`${clean(row.kind)} ${row.state}`,
    ...(row.address === undefined ? [] : [row.address]),
    ...(row.seenAt !== undefined && row.stale ? [seenAgo(row.seenAt, seen.now)] : []),
  ];
  return [name, span(joined(parts, " · "), "muted")];
}
