import { lineOf } from "../command-line.ts";
import { storePorts } from "../spec/convert.ts";
import type { Spec } from "../spec/spec.ts";
import { noPool, type PoolDraft, type PoolRoles, rolesOf } from "./pool.ts";

/** A host as it was typed. What is empty is worked out: the name from the machine, the interface from its routes. */
export interface HostDraft {
  /** What containers are bound to: a name may be typed anew, and its target too. */
  id: number;
  /** [user@]host[:port], or an alias of ~/.ssh/config. */
  target: string;
  name: string;
  /** Interface or address. */
  advertise: string;
  /** It is in the file, and shall be taken out of the cluster. */
  leaving: boolean;
  /** Its name in the file that was opened. */
  known: string | undefined;
}

export interface NetworkDraft {
  id: number;
  name: string;
  driver: "overlay" | "macvlan";
  /** Empty: a free one is worked out for a new network; one of the file keeps what Docker chose. */
  subnet: string;
  parent: string;
  known: string | undefined;
}

export interface ContainerDraft {
  name: string;
  /** The id of its host. */
  host: number;
  image: string;
  /** The id of its network; undefined is none. */
  network: number | undefined;
  hostname: string;
  /** As a shell would part it into words. */
  command: string;
  privileged: boolean;
  remove: boolean;
  roles: PoolRoles;
  known: string | undefined;
}

/** Everything that the set-up asks for, as it was typed: nothing of it is lost when one goes back and forth. */
export interface Draft {
  cluster: string;
  hosts: readonly HostDraft[];
  mode: "auto" | "cluster-store" | "swarm";
  listen: "none" | "tls" | "insecure";
  store: {
    kind: "consul" | "etcd" | "zookeeper";
    /** Names of nodes; empty is the first one. */
    nodes: string;
    /** host:port of one that exists; then nothing is run. */
    endpoints: string;
    image: string;
    port: string;
    /** It is in the file: what is empty there stays so. */
    known: boolean;
  };
  networks: readonly NetworkDraft[];
  containers: readonly ContainerDraft[];
  pool: PoolDraft;
}

const usualNetwork: NetworkDraft = {
  ...{ id: 0, name: "ov_net1", driver: "overlay", subnet: "", parent: "", known: undefined },
};

/** A draft of nothing: the defaults that most clusters keep. */
export const emptyDraft: Draft = {
  cluster: "cluster",
  hosts: [],
  mode: "auto",
  listen: "none",
  store: { kind: "consul", nodes: "", endpoints: "", image: "", port: "", known: false },
  networks: [usualNetwork],
  containers: [],
  pool: noPool,
};

/** The draft that a file's cluster is edited from. `targets`: how each node is reached, as the file writes it. */
export function draftOf(spec: Spec, targets: ReadonlyMap<string, string>): Draft {
  const hosts = spec.nodes.map((node, id) => ({
    ...{ id, name: node.name, known: node.name, leaving: false },
    target: targets.get(node.name) ?? node.ssh.host,
    advertise: node.advertise ?? "",
  }));
  const networks = spec.networks.map((network, id) => ({
    ...{ id, name: network.name, known: network.name, driver: network.driver },
    subnet: network.subnet ?? "",
    parent: network.parent ?? "",
  }));
  return {
    cluster: spec.cluster,
    hosts,
    mode: spec.engine.mode,
    listen: spec.engine.listen,
    store: storeOf(spec),
    networks,
    containers: spec.containers.map((one) => ({
      ...{ name: one.name, image: one.image, privileged: one.privileged, remove: one.remove, known: one.name },
      host: hosts.find((host) => host.name === one.node)?.id ?? -1,
      network: networks.find((network) => network.name === one.network)?.id,
      hostname: one.hostname ?? "",
      command: lineOf(one.command),
      roles: rolesOf(spec.condor, one.name),
    })),
    pool: poolOf(spec),
  };
}

/** A domain that is the cluster's name goes without saying, in the file too. */
const poolOf = ({ condor, cluster }: Spec): PoolDraft =>
  condor === undefined
    ? noPool
    : { security: condor.security, domain: condor.domain === cluster ? "" : condor.domain, known: true };

function storeOf({ store }: Spec): Draft["store"] {
  if (store === undefined) return emptyDraft.store;
  return {
    kind: store.kind,
    nodes: store.at === "nodes" ? store.nodes.join(" ") : "",
    endpoints: store.at === "endpoints" ? store.endpoints.map(endpointWords).join(" ") : "",
    image: store.image ?? "",
    port: store.port === storePorts[store.kind] ? "" : String(store.port),
    known: true,
  };
}

/** An address of IPv6 stands in brackets before its port (RFC 3986, 3.2.2). */
const endpointWords = ({ host, port }: { host: string; port: number }): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** The number that the next entry of a list gets. */
export const nextId = (list: readonly { id: number }[]): number => Math.max(-1, ...list.map((one) => one.id)) + 1;

/** Hosts in a text that was typed or pasted: parted by blanks, commas and line ends; what is there already is left out. */
export function hostsIn(pasted: string, there: readonly HostDraft[]): HostDraft[] {
  const lines = pasted.split(/[\r\n]+/).map((line) => line.replace(/(?:^|\s)#.*$/, ""));
  const targets = lines.flatMap((line) => line.split(/[\s,;]+/)).filter((one) => one !== "");
  const known = new Set(there.map((one) => one.target));
  const first = nextId(there);
  return [...new Set(targets)]
    .filter((one) => !known.has(one))
    .map((target, index) => newHostDraft(first + index, target));
}

/** A host of which only is known how it is reached. */
export const newHostDraft = (id: number, target: string): HostDraft => ({
  ...{ id, target, name: "", advertise: "", leaving: false, known: undefined },
});

/** Hosts that the cluster shall have. */
export const staying = (draft: Draft): readonly HostDraft[] =>
  draft.hosts.filter((host) => !host.leaving && host.target !== "");
