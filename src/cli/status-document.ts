import type { FlagValue, Origin } from "../domain/daemon.ts";
import { explain } from "../domain/explain.ts";
import type { Finding } from "../domain/finding.ts";
import { lastSeen, type Part } from "../domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../domain/snapshot.ts";
import { clean, type SafeText } from "../domain/text.ts";
import { condition } from "../domain/views/condition.ts";
import { containerRows } from "../domain/views/containers.ts";
import { memberRows } from "../domain/views/membership.ts";
import { networkRows, sortedEndpoints } from "../domain/views/networks.ts";
import { findingDocument } from "./finding-document.ts";

/** What `status --json` prints. Scripts rely on these names; more may be added, none is taken away. */
export function statusDocument(seen: Snapshot, findings: readonly Finding[]) {
  return {
    cluster: seen.cluster,
    nodes: [...seen.nodes.values()].map((node) => nodeDocument(node)),
    membership: {
      store: storeDocument(seen),
      members: memberRows(seen).map(({ name, kind, state, address, stale }) => ({ name, kind, state, address, stale })),
    },
    networks: networkRows(seen).map((row) => ({
      name: row.name,
      id: row.id,
      driver: row.driver,
      scope: row.scope,
      vni: row.vnis[0] ?? null,
      subnets: row.subnets.map(({ subnet, gateway, used, size }) => ({ subnet, gateway, used, size })),
      nodes: row.nodes,
      endpoints: sortedEndpoints(row).map(({ container, address, mac, node }) => ({ container, address, mac, node })),
    })),
    containers: containerRows(seen).map(({ container, staleAt }) => ({
      name: container.name,
      id: container.id,
      node: container.node,
      image: container.image,
      state: container.state,
      addresses: Object.fromEntries(
        container.attachments.flatMap((one) => (one.address === undefined ? [] : [[one.network, one.address]])),
      ),
      stale: staleAt !== undefined,
    })),
    findings: findings.map(findingDocument),
  };
}

function nodeDocument(node: NodeSnapshot) {
  const engine = lastSeen(node.engine);
  const daemon = lastSeen(node.daemon);
  const facts = lastSeen(node.facts);
  const how = condition(node);
  return {
    name: node.name,
    state: how.word,
    address: node.address,
    error: how.trouble === undefined ? null : explain(how.trouble, node.name),
    engine:
      engine === undefined
        ? null
        : {
            version: engine.version,
            apiVersion: engine.apiVersion,
            mode: engine.mode,
            store: engine.store ?? null,
            advertise: engine.swarm.nodeAddress ?? engine.advertise ?? null,
            listeners: (daemon?.listeners ?? []).map(({ address, insecure, origin }) => ({
              address,
              insecure,
              origin: spellOrigin(origin),
            })),
          },
    flags: (daemon?.flags ?? []).map(flagDocument),
    host:
      facts === undefined
        ? null
        : {
            hostname: facts.hostname,
            kernel: facts.kernel,
            os: facts.os,
            machineId: facts.machineId,
            clockDifferenceMs: facts.clockDifferenceMs,
            dockerdStartedAt: facts.dockerd === undefined ? null : new Date(facts.dockerd.startedAt).toISOString(),
            interfaces: facts.interfaces,
          },
    seenAt: seenAt(node.engine),
  };
}

const flagDocument = (flag: FlagValue) => ({
  name: flag.name,
  value: flag.value,
  origin: spellOrigin(flag.origin),
  running: flag.running,
});

function spellOrigin(origin: Origin): string {
  return origin.kind === "process" ? "process" : `${origin.kind} ${origin.path}`;
}

function seenAt<T>(part: Part<T>): string | null {
  return part.state === "fresh" || part.state === "stale" ? new Date(part.at).toISOString() : null;
}

function storeDocument(seen: Snapshot): {
  kind: SafeText | string;
  endpoint: SafeText | null;
  healthy: boolean;
  leader: SafeText | null;
  error: unknown;
} | null {
  if (seen.membership !== undefined) {
    const part = seen.membership;
    const value = lastSeen(part);
    const trouble = part.state === "stale" || part.state === "missing" ? part.trouble : undefined;
    return {
      kind: value?.kind ?? "unknown",
      endpoint: value?.endpoint ?? null,
      healthy: part.state === "fresh" && value?.leader !== undefined,
      leader: value?.leader ?? null,
      error: trouble === undefined ? null : explain(trouble, clean(value?.kind ?? "the store")),
    };
  }
  if (seen.swarm === undefined) return null;
  const leader = lastSeen(seen.swarm.nodes)?.find((one) => one.manager?.leader === true);
  return {
    kind: "swarm",
    endpoint: leader?.manager?.address ?? null,
    healthy: seen.swarm.nodes.state === "fresh" && leader !== undefined,
    leader: leader?.hostname ?? null,
    error: null,
  };
}
