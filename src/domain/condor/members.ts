import type { ContainerId, NodeName } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CondorSpec } from "../spec/spec.ts";
import { subnetContains } from "../subnets.ts";
import type { SafeText } from "../text.ts";
import { heldAttachments, spreadNetworks } from "../views/containers.ts";
import { type DaemonAd, type DaemonKind, daemonKinds, type PoolAds, type SlotAd, shortMachine } from "./ads.ts";

/** A running container of the cluster, as slots and daemons are looked for in it. */
export interface Home {
  container: ContainerId;
  name: SafeText;
  node: NodeName;
  /** On networks that reach other nodes. */
  addresses: readonly SafeText[];
  /** Of these networks. */
  subnets: readonly SafeText[];
}

/** Every running container, in the order of the nodes. */
export function homesIn(seen: Snapshot): Home[] {
  return [...seen.nodes.values()].flatMap((node) => {
    const networks = lastSeen(node.networks) ?? [];
    const spread = spreadNetworks(networks);
    return [...(lastSeen(node.containers)?.values() ?? [])].flatMap((one): Home[] => {
      if (one.state !== "running") return [];
      const places = heldAttachments(one).filter((place) => spread.has(place.network));
      const addresses = places.flatMap((place) => place.address ?? []);
      const subnets = networks
        .filter(({ name }) => places.some((place) => place.network === name))
        .flatMap((network) => network.subnets.map((each) => each.subnet));
      return [{ container: one.id, name: one.name, node: node.name, addresses, subnets }];
    });
  });
}

type Told = Pick<SlotAd, "address" | "machine">;

/**
 * Where an ad comes from: the container that has the address it advertises, else the one that is called as its machine.
 * Addresses of docker_gwbridge tell nothing: every node has the same ones. The collector keeps what a container said in an
 * earlier life, at an address that it has no more, for a quarter of an hour: that comes from none that runs.
 */
export function homeFinder(homes: readonly Home[]): (ad: Told) => Home | undefined {
  const find = finder(homes);
  return (ad) => {
    const { at, called } = find(ad);
    return isEarlier(ad, called) ? undefined : (at ?? called);
  };
}

/** What the ad's member is called: the container that it comes from, else its machine; undefined of an earlier life's. */
export function memberNamer(homes: readonly Home[]): (ad: Told) => SafeText | undefined {
  const find = finder(homes);
  return (ad) => {
    const { at, called } = find(ad);
    return isEarlier(ad, called) ? undefined : ((at ?? called)?.name ?? ad.machine);
  };
}

/** Whether a container of that name has another address on the networks that the ad's is of. */
const isEarlier = ({ address }: Told, called: Home | undefined): boolean =>
  called !== undefined &&
  address !== undefined &&
  !called.addresses.includes(address) &&
  called.subnets.some((subnet) => subnetContains(subnet, address));

function finder(homes: readonly Home[]): (ad: Told) => { at: Home | undefined; called: Home | undefined } {
  const byAddress = new Map(homes.flatMap((home) => home.addresses.map((address) => [String(address), home] as const)));
  // Without a host name of its own a container is called by the first twelve digits of its id.
  const byName = new Map(
    homes.flatMap((home) => [[home.container.slice(0, 12), home] as const, [String(home.name), home] as const]),
  );
  return ({ address, machine }) => ({
    at: byAddress.get(address ?? ""),
    called: byName.get(machine) ?? byName.get(shortMachine(machine)),
  });
}

/** The containers that the file makes members of the pool, each with what it has to run. */
export function wantedDaemons(condor: CondorSpec | undefined): ReadonlyMap<SafeText, ReadonlySet<DaemonKind>> {
  const wanted = new Map<SafeText, Set<DaemonKind>>();
  if (condor === undefined) return wanted;
  const add = (name: SafeText, ...kinds: DaemonKind[]): void => {
    const before = wanted.get(name) ?? new Set();
    wanted.set(name, new Set([...before, ...kinds]));
  };
  add(condor.manager, "collector", "negotiator");
  for (const name of condor.submit) add(name, "schedd");
  // The procedure's pool has its queue on the manager; so has one whose file names no other place.
  if (condor.submit.length === 0) add(condor.manager, "schedd");
  for (const name of condor.execute) add(name, "startd");
  return wanted;
}

/** One container of the pool: what runs there and what should. */
export interface Member {
  name: SafeText;
  /** Undefined: no running container has this name. */
  home: Home | undefined;
  daemons: readonly { kind: DaemonKind; state: "up" | "missing"; ad: DaemonAd | undefined }[];
}

/** Members of the file first, in the order in which it names them, then whoever else the collector knows. */
export function membersOf(ads: PoolAds, homes: readonly Home[], condor: CondorSpec | undefined): Member[] {
  const nameOf = memberNamer(homes);
  const up = new Map<SafeText, Map<DaemonKind, DaemonAd | undefined>>();
  const seen = (name: SafeText | undefined, kind: DaemonKind, ad: DaemonAd | undefined): void => {
    if (name === undefined) return;
    const kinds = up.get(name) ?? new Map<DaemonKind, DaemonAd | undefined>();
    if (!kinds.has(kind) || ad !== undefined) kinds.set(kind, ad);
    up.set(name, kinds);
  };
  for (const ad of ads.daemons) {
    if (ad.kind !== "master") seen(nameOf(ad), ad.kind, ad);
  }
  // Up to version 23 only its slots tell of a startd.
  for (const slot of ads.slots) seen(nameOf(slot), "startd", undefined);
  const wanted = wantedDaemons(condor);
  const others = [...up.keys()].filter((name) => !wanted.has(name));
  const byName = new Map(homes.map((home) => [String(home.name), home]));
  const memberOf = (name: SafeText, expected: ReadonlySet<DaemonKind>): Member => {
    const here = up.get(name);
    const kinds = daemonKinds.filter((kind) => expected.has(kind) || here?.has(kind) === true);
    return {
      name,
      home: byName.get(name),
      daemons: kinds.map((kind) => ({ kind, state: here?.has(kind) ? "up" : "missing", ad: here?.get(kind) })),
    };
  };
  return [
    ...[...wanted].map(([name, expected]) => memberOf(name, expected)),
    ...others.map((name) => memberOf(name, new Set())),
  ];
}

/** Names of the members that lack something they should run. */
export const missingMembers = (members: readonly Member[]): SafeText[] =>
  members.filter((one) => one.daemons.some((daemon) => daemon.state === "missing")).map((one) => one.name);
