import type { HostFacts } from "../../domain/host.ts";
import { asNodeName } from "../../domain/ids.ts";
import { advertiseOf } from "../../domain/plan/advertise.ts";
import { decideMode, type ModeDecision } from "../../domain/plan/mode.ts";
import { type Snapshot, unseen } from "../../domain/snapshot.ts";
import type { NodeSpec, Spec } from "../../domain/spec/spec.ts";
import { clean, text } from "../../domain/text.ts";
import { type Draft, type HostDraft, staying } from "../../domain/wizard/draft.ts";
import { type Used, usedBy } from "../../domain/wizard/free-subnet.ts";
import { type KnownHosts, nameOf } from "../../domain/wizard/values.ts";
import type { HostCheck } from "../../services/wizard/host-checks.ts";

export type Checks = ReadonlyMap<string, HostCheck>;

/** What the looks at hosts told, as the draft uses it. */
export function knownHosts(checks: Checks): KnownHosts {
  return new Map(
    [...checks].map(([target, check]) => {
      if (check.state !== "live") return [target, { hostname: undefined, interface: undefined, images: [] }];
      const { facts, images } = check;
      return [target, { hostname: facts?.hostname, interface: facts && interfaceOf(target, facts), images }];
    }),
  );
}

/** The interface that the engine would use if nobody said: the one of the default route, or the one that SSH reaches. */
function interfaceOf(target: string, facts: HostFacts): string | undefined {
  const address = clean(target.replace(/^.*@/, "").replace(/:\d+$/, ""));
  const [node] = unseen(text`check`, [{ name: place, address, advertise: undefined }], false, 0).nodes.values();
  return node === undefined ? undefined : advertiseOf(node, facts)?.link.name;
}

const place = nodeName("host");

function nodeName(raw: string) {
  const name = asNodeName(raw);
  if (name === undefined) throw new Error(`${raw} is no node's name`);
  return name;
}

/** How the engines would be joined, and why; by what is known of them so far. */
export function modeOf(draft: Draft, checks: Checks): ModeDecision | undefined {
  const seen = snapshotOf(draft, checks);
  const known = [...seen.nodes.values()].some((node) => node.engine.state === "fresh");
  return known || draft.mode !== "auto" ? decideMode(specOf(draft, checks), seen) : undefined;
}

/** Whether an external store will be asked for; while nothing is known it is. Flat networks need none. */
export function usesStore(draft: Draft, checks: Checks): boolean {
  if (draft.networks.length > 0 && draft.networks.every((one) => one.driver === "macvlan")) return false;
  if (draft.mode !== "auto") return draft.mode === "cluster-store";
  const decision = modeOf(draft, checks);
  return decision === undefined || !("mode" in decision) || decision.mode === "cluster-store";
}

/** A snapshot in which only engines and machines were seen. */
function snapshotOf(draft: Draft, checks: Checks): Snapshot {
  const hosts = named(draft, checks);
  const identities = hosts.map(({ name, host }) => ({ name, address: clean(host.target), advertise: undefined }));
  const nothing = unseen(clean(draft.cluster), identities, false, 0);
  const nodes = new Map(nothing.nodes);
  for (const { name, host } of hosts) {
    const check = checks.get(host.target);
    const node = nodes.get(name);
    if (check?.state !== "live" || node === undefined) continue;
    nodes.set(name, {
      ...node,
      engine: check.engine === undefined ? node.engine : { state: "fresh", at: 0, value: check.engine },
      facts: check.facts === undefined ? node.facts : { state: "fresh", at: 0, value: check.facts },
    });
  }
  return { ...nothing, nodes };
}

function named(draft: Draft, checks: Checks): { name: NodeSpec["name"]; host: HostDraft }[] {
  const known = knownHosts(checks);
  return staying(draft).flatMap((host) => {
    const name = asNodeName(nameOf(host, known));
    return name === undefined ? [] : [{ name, host }];
  });
}

/** As much of a spec as the choice of the mode looks at. */
function specOf(draft: Draft, checks: Checks): Spec {
  const ssh = { user: undefined, port: undefined, identityFile: undefined, knownHostsFile: undefined, jump: undefined };
  return {
    file: undefined,
    cluster: clean(draft.cluster),
    nodes: named(draft, checks).map(({ name, host }) => ({
      name,
      ssh: { host: clean(host.target), ...ssh },
      advertise: undefined,
    })),
    engine: { mode: draft.mode, listen: draft.listen },
    store: { kind: draft.store.kind, port: 0, image: undefined, at: "nodes", nodes: [] },
    networks: [],
    containers: [],
    condor: undefined,
    readOnly: false,
  };
}

/** Every subnet that the hosts use already. */
export function usedSubnets(draft: Draft, checks: Checks): Used[] {
  const known = knownHosts(checks);
  return usedBy(
    staying(draft).flatMap((host) => {
      const check = checks.get(host.target);
      if (check?.state !== "live" || check.facts === undefined) return [];
      return [{ name: clean(nameOf(host, known)), facts: check.facts, networks: check.networks }];
    }),
  );
}

/** Networks that engines have, by name, with the node that has it. */
export function networksOnHosts(draft: Draft, checks: Checks): Map<string, string> {
  const known = knownHosts(checks);
  return new Map(
    staying(draft).flatMap((host) => {
      const check = checks.get(host.target);
      if (check?.state !== "live") return [];
      return check.networks.map((network): [string, string] => [network.name, nameOf(host, known)]);
    }),
  );
}
