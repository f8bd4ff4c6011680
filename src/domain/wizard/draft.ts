import type { Spec } from "../spec/spec.ts";

/** A host as it was typed. What is empty is worked out: the name from the machine, the interface from its routes. */
export interface HostDraft {
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

export interface ContainerDraft {
  name: string;
  node: string;
  image: string;
  hostname: string;
  command: string;
  privileged: boolean;
  remove: boolean;
  known: boolean;
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
  };
  network: { name: string; driver: "overlay" | "macvlan"; subnet: string; parent: string };
  containers: readonly ContainerDraft[];
}

export const emptyHost: HostDraft = { target: "", name: "", advertise: "", leaving: false, known: undefined };

/** A draft of nothing: the defaults that most clusters keep. */
export const emptyDraft: Draft = {
  cluster: "cluster",
  hosts: [],
  mode: "auto",
  listen: "none",
  store: { kind: "consul", nodes: "", endpoints: "", image: "", port: "" },
  network: { name: "ov_net1", driver: "overlay", subnet: "", parent: "" },
  containers: [],
};

/** The draft that a file's cluster is edited from. `targets`: how each node is reached, as the file writes it. */
export function draftOf(spec: Spec, targets: ReadonlyMap<string, string>): Draft {
  const { store } = spec;
  const network = spec.networks[0];
  return {
    cluster: spec.cluster,
    hosts: spec.nodes.map((node) => ({
      target: targets.get(node.name) ?? node.ssh.host,
      name: node.name,
      advertise: node.advertise ?? "",
      leaving: false,
      known: node.name,
    })),
    mode: spec.engine.mode,
    listen: spec.engine.listen,
    store:
      store === undefined
        ? emptyDraft.store
        : {
            kind: store.kind,
            nodes: store.at === "nodes" ? store.nodes.join(" ") : "",
            endpoints:
              store.at === "endpoints" ? store.endpoints.map((one) => `${one.host}:${one.port}`).join(" ") : "",
            image: store.image ?? "",
            port: String(store.port),
          },
    network:
      network === undefined
        ? emptyDraft.network
        : {
            name: network.name,
            driver: network.driver,
            subnet: network.subnet ?? "",
            parent: network.parent ?? "",
          },
    containers: spec.containers.map((one) => ({
      name: one.name,
      node: one.node,
      image: one.image,
      hostname: one.hostname ?? "",
      command: one.command.join(" "),
      privileged: one.privileged,
      remove: one.remove,
      known: true,
    })),
  };
}

/** Hosts in a text that was typed or pasted: parted by blanks, commas and line ends; what is there already is left out. */
export function hostsIn(pasted: string, there: readonly HostDraft[]): HostDraft[] {
  const targets = pasted.split(/[\s,;]+/).filter((one) => one !== "" && !one.startsWith("#"));
  const known = new Set(there.map((one) => one.target));
  return [...new Set(targets)].filter((one) => !known.has(one)).map((target) => ({ ...emptyHost, target }));
}
