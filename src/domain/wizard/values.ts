import { parted, wordsOf } from "../command-line.ts";
import type { SpecValues } from "../spec/write.ts";
import { clean, text } from "../text.ts";
import { type ContainerDraft, type Draft, type HostDraft, type NetworkDraft, staying } from "./draft.ts";
import { clashOf, freeSubnet, type Used } from "./free-subnet.ts";
import { noRoles, poolValues } from "./pool.ts";

/** What is known of a host besides what was typed. */
export interface KnownHost {
  /** The machine's own name. */
  hostname: string | undefined;
  /** The interface that its traffic leaves by. */
  interface: string | undefined;
  images: readonly string[];
}

/** What was learnt of each host, by its target. */
export type KnownHosts = ReadonlyMap<string, KnownHost>;

/** The name of a node: typed, or the machine's own, or what it is reached by. */
export function nameOf(host: HostDraft, known: KnownHosts): string {
  if (host.name !== "") return host.name;
  const hostname = known.get(host.target)?.hostname?.split(".")[0];
  const reached = host.target
    .replace(/^.*@/, "")
    .replace(/:\d+$/, "")
    .replace(/[^A-Za-z0-9_.-]/g, "-");
  return hostname ?? reached;
}

/** The image that most nodes have and that is no store's; "" when none has any. */
export function commonImage(known: KnownHosts): string {
  const counts = new Map<string, number>();
  for (const { images } of known.values()) {
    for (const image of images) {
      if (/(?:^|\/)(?:consul|etcd|zookeeper|pause)(?::|$)/.test(image)) continue;
      counts.set(image, (counts.get(image) ?? 0) + 1);
    }
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return (best?.[0] ?? "").replace(/:latest$/, "");
}

/** One container a node, for a cluster that has none yet: node1 on the last of two, as the classic procedure counts them. */
export function proposedContainers(draft: Draft, known: KnownHosts): ContainerDraft[] {
  const image = commonImage(known);
  const isInit = /computing|systemd|init/.test(image);
  return staying(draft).map((host, index, all) => {
    const name = `node${all.length - index}`;
    return {
      ...{ name, host: host.id, image, network: draft.networks[0]?.id, hostname: name },
      command: isInit ? "/usr/sbin/init" : image === "" ? "" : "sleep infinity",
      ...{ privileged: isInit, remove: false, roles: noRoles, known: undefined },
    };
  });
}

/** One container for each new host of a cluster that has some, made like the last of them. */
export function moreContainers(draft: Draft, known: KnownHosts): ContainerDraft[] {
  const there = draft.containers;
  const model = there.at(-1);
  const taken = new Set(there.map((one) => one.name));
  return proposedContainers(draft, known)
    .filter(({ host }) => isNew(draft, host) && !there.some((one) => one.host === host))
    .map((one) => {
      const name = freeName(taken);
      taken.add(name);
      const roles = { ...noRoles, executes: model?.roles.executes === true };
      return { ...one, ...model, name, hostname: name, host: one.host, roles, known: undefined };
    });
}

const isNew = (draft: Draft, id: number): boolean =>
  draft.hosts.some((host) => host.id === id && host.known === undefined);

/** "node1", "node2", …: the first that is not taken. */
function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) if (!taken.has(`node${number}`)) return `node${number}`;
}

/** Other networks of the draft that have a subnet by what was typed or is in the file. */
const typedSubnets = (draft: Draft, but?: NetworkDraft): Used[] =>
  draft.networks
    .filter((one) => one.subnet !== "" && one !== but)
    .map((one) => ({ subnet: one.subnet, by: text`the network ${clean(one.name)}` }));

/** The subnet of a network: typed, or for a new one the first that neither a host nor another network of the draft uses. */
export function subnetOf(network: NetworkDraft, draft: Draft, used: readonly Used[]): string {
  if (network.subnet !== "" || network.known !== undefined) return network.subnet;
  const taken = [...used, ...typedSubnets(draft)];
  for (const one of draft.networks) {
    if (one.subnet !== "" || one.known !== undefined) continue;
    const subnet = freeSubnet(taken);
    if (one === network) return subnet;
    taken.push({ subnet, by: text`the network ${clean(one.name)}` });
  }
  return "";
}

/** What the network's subnet clashes with: something of a host, or another network of the draft. */
export function subnetClash(network: NetworkDraft, draft: Draft, used: readonly Used[]): Used | undefined {
  // One of the file stands on the hosts already, and a flat one is on their own segment: there its traces are no clash.
  const hosts = network.known === undefined && network.driver === "overlay" ? used : [];
  return clashOf(subnetOf(network, draft, used), [...hosts, ...typedSubnets(draft, network)]);
}

/** What the set-up knows besides the draft, and the file needs. */
export interface Around {
  known: KnownHosts;
  used: readonly Used[];
  /** An external store joins the engines. */
  usesStore: boolean;
  /** What runs a store for which no image was typed. */
  storeImage: string;
}

const filled = (raw: string): string | undefined => (raw === "" ? undefined : raw);

/** What the file shall say. */
export function valuesOf(draft: Draft, around: Around): SpecValues {
  const { known, used, usesStore } = around;
  const hosts = staying(draft);
  return {
    cluster: draft.cluster,
    nodes: hosts.map((host) => ({
      name: nameOf(host, known),
      known: host.known,
      ssh: host.target,
      advertise: filled(host.advertise) ?? (host.known === undefined ? known.get(host.target)?.interface : undefined),
    })),
    engine: { mode: draft.mode, listen: draft.listen },
    store: usesStore ? storeValues(draft, around) : undefined,
    networks: draft.networks.map((network) => ({
      ...{ name: network.name, known: network.known, driver: network.driver },
      subnet: filled(subnetOf(network, draft, used)),
      parent: network.driver === "macvlan" ? filled(network.parent) : undefined,
    })),
    containers: draft.containers.flatMap((one) => {
      const host = hosts.find(({ id }) => id === one.host);
      if (host === undefined || one.name === "") return [];
      return [
        {
          ...{ name: one.name, known: one.known, node: nameOf(host, known), image: one.image },
          network: draft.networks.find(({ id }) => id === one.network)?.name,
          hostname: filled(one.hostname),
          ...{ privileged: one.privileged, remove: one.remove, command: wordsOf(one.command) ?? [] },
        },
      ];
    }),
    condor: poolValues(draft),
  };
}

function storeValues(draft: Draft, { known, storeImage }: Around): NonNullable<SpecValues["store"]> {
  const { store } = draft;
  const hosts = staying(draft);
  const endpoints = parted(store.endpoints);
  const nodes = parted(store.nodes).map((name) => newName(name, draft, known));
  const [first] = hosts;
  const place =
    endpoints.length > 0
      ? { endpoints, nodes: undefined }
      : { endpoints: undefined, nodes: nodes.length > 0 ? nodes : first === undefined ? [] : [nameOf(first, known)] };
  const image = filled(store.image) ?? (store.known || endpoints.length > 0 ? undefined : storeImage);
  return { kind: store.kind, ...place, image, port: store.port === "" ? undefined : Number(store.port) };
}

/** The name that a node of the file has now. */
export function newName(name: string, draft: Draft, known: KnownHosts): string {
  const hosts = staying(draft);
  if (hosts.some((host) => nameOf(host, known) === name)) return name;
  const renamed = hosts.find((host) => host.known === name);
  return renamed === undefined ? name : nameOf(renamed, known);
}
