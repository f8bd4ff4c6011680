import type { SwarmNode } from "../engine.ts";
import type { Membership, StoreMember } from "../membership.ts";
import { lastSeen, type Part } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { clean, type SafeText, text } from "../text.ts";
import { age, type Instant } from "../time.ts";
import type { Tone } from "./condition.ts";

/** One member of the store, one engine registered in it (or missing from it), or one node of the swarm. */
export interface MemberRow {
  key: string;
  name: SafeText;
  kind: "server" | "client" | "engine" | "manager" | "worker";
  state: SafeText;
  tone: Tone;
  address: SafeText | undefined;
  seenAt: Instant | undefined;
  /** True when the source does not answer any more and this is what it said last. */
  stale: boolean;
}

/** Store members first, then the engines registered in it beside those of our nodes that are not; or the swarm's nodes. */
export function memberRows(snapshot: Snapshot): MemberRow[] {
  const rows: MemberRow[] = [];
  if (snapshot.membership !== undefined) rows.push(...storeRows(snapshot, snapshot.membership));
  if (snapshot.swarm !== undefined) rows.push(...swarmRows(snapshot.swarm.nodes));
  return rows;
}

function storeRows(snapshot: Snapshot, part: Part<Membership>): MemberRow[] {
  const membership = lastSeen(part);
  if (membership === undefined) return [];
  const seen = { seenAt: part.state === "waiting" ? undefined : seenAt(part), stale: part.state !== "fresh" };
  const members = membership.members.map(
    (member): MemberRow => ({
      key: `${membership.kind} ${member.name} ${member.address}`,
      name: member.name,
      kind: member.role,
      state: clean(member.state),
      tone: memberTone(member),
      address: member.address,
      ...seen,
    }),
  );
  return [...members, ...engineRows(snapshot, membership, seen)];
}

function engineRows(
  snapshot: Snapshot,
  membership: Membership,
  seen: { seenAt: Instant | undefined; stale: boolean },
): MemberRow[] {
  const registrations: ReadonlySet<SafeText> = new Set(membership.registrations);
  const unclaimed = new Set(registrations);
  const ours = [...snapshot.nodes.values()].map((node): MemberRow => {
    const registration = registrationOf(node, registrations);
    if (registration !== undefined) unclaimed.delete(registration);
    return {
      key: `engine ${node.name}`,
      name: node.name,
      kind: "engine",
      ...(registration === undefined
        ? { state: text`not registered`, tone: "bad" as const }
        : { state: text`alive`, tone: "good" as const }),
      address: registration ?? lastSeen(node.engine)?.advertise,
      ...seen,
    };
  });
  const strangers = [...unclaimed].map(
    (address): MemberRow => ({
      key: `engine ${address}`,
      name: address,
      kind: "engine",
      state: text`not in the file`,
      tone: "warn",
      address,
      ...seen,
    }),
  );
  return [...ours, ...strangers];
}

/**
 * The node's own among `registrations` ("host:port"): what its engine advertises, else one with an address of the
 * machine. Undefined when there is none.
 */
export function registrationOf(node: NodeSnapshot, registrations: ReadonlySet<SafeText>): SafeText | undefined {
  const advertised = lastSeen(node.engine)?.advertise;
  if (advertised !== undefined && advertised !== "") return registrations.has(advertised) ? advertised : undefined;
  return [...registrations].find((one) => isAt(node, one.slice(0, one.lastIndexOf(":"))));
}

const isAt = (node: NodeSnapshot, host: string): boolean =>
  host === node.address ||
  host === node.advertise ||
  (lastSeen(node.facts)?.interfaces ?? []).some((one) =>
    one.addresses.some((address) => address.split("/")[0] === host),
  );

function memberTone(member: StoreMember): Tone {
  switch (member.state) {
    case "leader":
    case "follower":
    case "alive":
      return "good";
    case "leaving":
    case "left":
    case "unknown":
      return "warn";
    case "failed":
      return "bad";
  }
}

function swarmRows(part: Part<readonly SwarmNode[]>): MemberRow[] {
  return (lastSeen(part) ?? []).map((node) => ({
    key: `swarm ${node.id}`,
    name: node.hostname,
    kind: node.role,
    state: swarmWords(node),
    tone: node.state !== "ready" || node.manager?.reachability === "unreachable" ? "bad" : availabilityTone(node),
    address: node.manager?.address ?? node.address,
    seenAt: part.state === "waiting" ? undefined : seenAt(part),
    stale: part.state !== "fresh",
  }));
}

const availabilityTone = (node: SwarmNode): Tone => (node.availability === "active" ? "good" : "warn");

function swarmWords(node: SwarmNode): SafeText {
  const words: SafeText[] = [clean(node.state)];
  if (node.manager !== undefined) words.unshift(clean(node.manager.leader ? "leader" : node.manager.reachability));
  if (node.availability !== "active") words.push(clean(node.availability));
  return clean(words.join(" "));
}

function seenAt<T>(part: Exclude<Part<T>, { state: "waiting" }>): Instant | undefined {
  return part.state === "missing" ? undefined : part.at;
}

/** What the store or swarm is, for the header and the pane's title; with words when it does not answer. */
export type StoreStatus =
  | { state: "none" }
  | { state: "waiting"; kind: SafeText }
  | { state: "ok"; kind: SafeText; leader: SafeText }
  | { state: "no-leader"; kind: SafeText }
  | { state: "not-answering"; kind: SafeText; words: SafeText };

/** `kind` is used until the store itself was heard. */
export function storeStatus(snapshot: Snapshot, kind: SafeText | undefined, now: Instant): StoreStatus {
  const { membership, swarm } = snapshot;
  if (membership !== undefined) {
    const name = lastSeen(membership)?.kind ?? kind ?? "store";
    return statusOf(membership, clean(name), leaderName(snapshot), now);
  }
  if (swarm !== undefined) {
    const leader = lastSeen(swarm.nodes)?.find((node) => node.manager?.leader === true);
    return statusOf(swarm.nodes, text`swarm`, leader?.hostname, now);
  }
  return { state: "none" };
}

function statusOf<T>(part: Part<T>, kind: SafeText, leader: SafeText | undefined, now: Instant): StoreStatus {
  switch (part.state) {
    case "waiting":
      return { state: "waiting", kind };
    case "fresh":
      return leader === undefined ? { state: "no-leader", kind } : { state: "ok", kind, leader };
    case "stale":
    case "missing":
      return { state: "not-answering", kind, words: text`${kind} not answering, ${age(now - part.since)}` };
  }
}

/** The leader by the name of the node it runs on, when it is one of ours; else as the store calls it. */
function leaderName(snapshot: Snapshot): SafeText | undefined {
  const leader = snapshot.membership === undefined ? undefined : lastSeen(snapshot.membership)?.leader;
  if (leader === undefined) return undefined;
  const host = leader.includes(":") ? leader.slice(0, leader.lastIndexOf(":")) : leader;
  for (const node of snapshot.nodes.values()) {
    if (node.name === host || node.address === host) return node.name;
    const addresses = lastSeen(node.facts)?.interfaces.flatMap((one) => one.addresses) ?? [];
    if (addresses.some((address) => address.split("/")[0] === host)) return node.name;
  }
  const member = lastSeen(snapshot.membership ?? { state: "waiting", since: 0 })?.members.find(
    (one) => one.state === "leader",
  );
  return member?.name ?? leader;
}
