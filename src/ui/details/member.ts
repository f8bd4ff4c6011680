import type { SwarmNode } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { Membership } from "../../domain/membership.ts";
import { lastSeen, type Part, troubleOf } from "../../domain/part.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { type MemberRow, memberRows } from "../../domain/views/membership.ts";
import { type Line, span } from "../draw/style.ts";
import { ago, type Seen } from "../panes/seen.ts";
import type { Detail } from "./detail.ts";
import { type Fact, factLines, maybe } from "./facts.ts";

/** One member, and what the source that names it says altogether. */
export function memberDetail(key: string, seen: Seen): Detail | undefined {
  const row = memberRows(seen.snapshot).find((one) => one.key === key);
  if (row === undefined) return undefined;
  return {
    title: [span(text`${clean(row.kind)} `, "muted"), span(row.name, "strong")],
    tabs: [{ id: "overview", title: text`Overview`, lines: (width) => overview(row, seen, width) }],
  };
}

function overview(row: MemberRow, seen: Seen, width: number): Line[] {
  const { membership, swarm } = seen.snapshot;
  const ofSwarm = row.kind === "manager" || row.kind === "worker";
  const source = ofSwarm
    ? swarmFacts(row.key, swarm?.nodes, swarm?.via, seen)
    : membership === undefined
      ? []
      : storeFacts(membership, seen);
  return factLines(
    [
      {
        heading: text`Member`,
        facts: [
          { label: text`name`, value: row.name },
          { label: text`kind`, value: clean(row.kind) },
          { label: text`state`, value: row.state, style: row.tone },
          ...maybe(text`address`, row.address),
          ...maybe(text`way out`, wayOut(row)),
          ...(row.seenAt === undefined ? [] : [{ label: text`seen`, value: text`${ago(row.seenAt, seen.now)} ago` }]),
        ],
      },
      { heading: ofSwarm ? text`Swarm` : text`Store`, facts: source },
    ],
    width,
  );
}

function wayOut(row: MemberRow): SafeText | undefined {
  if (row.state === "not registered") {
    return text`The store answers and does not know this engine: it runs without cluster-store, or advertises another address. Look at the flags of ${row.name} (1, then enter, then ]) and at "journalctl -u docker" there.`;
  }
  if (row.state === "not in the file") {
    return text`An engine that no node of the file is registered itself: add it to the file, or find out who runs it.`;
  }
  return undefined;
}

function problem<T>(part: Part<T>, name: SafeText): Fact[] {
  const trouble = troubleOf(part);
  if (trouble === undefined) return [];
  const { what, remedy } = explain(trouble, name);
  return [
    { label: text`last error`, value: what, style: "bad" },
    { label: text`way out`, value: remedy },
  ];
}

function storeFacts(part: Part<Membership>, seen: Seen): Fact[] {
  const membership = lastSeen(part);
  const name = clean(membership?.kind ?? seen.storeKind ?? "store");
  if (membership === undefined) return problem(part, name);
  return [
    ...problem(part, name),
    { label: text`kind`, value: text`${clean(membership.kind)} ${membership.version ?? text``}` },
    { label: text`endpoint`, value: text`${membership.endpoint}, ${Math.round(membership.latencyMs)} ms` },
    membership.leader === undefined
      ? { label: text`leader`, value: text`none`, style: "bad" }
      : { label: text`leader`, value: membership.leader },
    ...maybe(
      text`members`,
      joined(membership.members.map((one) => text`${one.name} ${clean(one.role)} ${clean(one.state)}`)),
    ),
    ...maybe(text`engines`, joined(membership.registrations)),
    ...maybe(text`overlays`, joined(membership.overlays.map((one) => one.name ?? one.id))),
    { label: text`endpoints`, value: text`${membership.endpoints.length} recorded` },
  ];
}

function swarmFacts(
  key: string,
  part: Part<readonly SwarmNode[]> | undefined,
  via: SafeText | undefined,
  seen: Seen,
): Fact[] {
  if (part === undefined) return [];
  const node = lastSeen(part)?.find((one) => key === `swarm ${one.id}`);
  return [
    ...problem(part, via ?? seen.snapshot.cluster),
    ...maybe(text`told by`, via),
    ...(node === undefined
      ? []
      : [
          { label: text`id`, value: node.id },
          { label: text`availability`, value: clean(node.availability) },
          ...maybe(text`reachability`, node.manager === undefined ? undefined : clean(node.manager.reachability)),
          ...maybe(text`leader`, node.manager === undefined ? undefined : node.manager.leader ? text`yes` : text`no`),
        ]),
  ];
}
