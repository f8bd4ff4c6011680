import type { DaemonConfig } from "../daemon.ts";
import type { EngineInfo } from "../engine.ts";
import type { Finding } from "../finding.ts";
import type { HostFacts } from "../host.ts";
import type { NodeName } from "../ids.ts";
import { lastSeen, type Part } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import type { Instant } from "../time.ts";

/** A finding before it carries its check's id. */
export type Found = Omit<Finding, "id">;

/**
 * Looks for one kind of problem. Pure and cheap: it runs after every change of the snapshot. What was not seen yet is no
 * problem. To add one: a file with the check, and its place in the list of index.ts.
 */
export interface Check {
  /** Stable: scripts rely on it. */
  id: string;
  find(seen: Snapshot, now: Instant): Found[];
}

/** How long something that answered before may be away before it is a problem, ms: a restart of dockerd is no news. */
export const graceMs = 10_000;

/** Whether a part that cannot be had now is a problem: at once when it never was had, else after the grace. */
export const isOverdue = <T>(part: Part<T>, now: Instant): part is Extract<Part<T>, { state: "stale" | "missing" }> =>
  part.state === "missing" || (part.state === "stale" && now - part.since > graceMs);

/** Every node of the cluster, in the file's order. */
export const nodesOf = (seen: Snapshot): NodeSnapshot[] => [...seen.nodes.values()];

/** Every node whose part was ever seen, with the value last seen. */
function known<T>(seen: Snapshot, part: (node: NodeSnapshot) => Part<T>): { node: NodeSnapshot; value: T }[] {
  return nodesOf(seen).flatMap((node) => {
    const value = lastSeen(part(node));
    return value === undefined ? [] : [{ node, value }];
  });
}

/** Every node whose engine was ever asked. */
export const knownEngines = (seen: Snapshot): { node: NodeSnapshot; value: EngineInfo }[] =>
  known(seen, (node) => node.engine);
/** Every node whose machine was ever looked at. */
export const knownFacts = (seen: Snapshot): { node: NodeSnapshot; value: HostFacts }[] =>
  known(seen, (node) => node.facts);
/** Every node whose dockerd's configuration was ever read. */
export const knownConfigs = (seen: Snapshot): { node: NodeSnapshot; value: DaemonConfig }[] =>
  known(seen, (node) => node.daemon);

/** Those of `entries` that share their key with another, in groups; entries without a key belong to none. */
export function sharing<T>(entries: readonly T[], key: (entry: T) => string | undefined): T[][] {
  const groups = Map.groupBy(entries, key);
  groups.delete(undefined);
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Names of nodes, for evidence and titles. */
export const namesOf = (entries: readonly { node: NodeSnapshot }[]): NodeName[] => entries.map(({ node }) => node.name);
