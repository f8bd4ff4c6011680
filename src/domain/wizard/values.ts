import type { SpecValues } from "../spec/write.ts";
import type { ContainerDraft, Draft, HostDraft } from "./draft.ts";

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

/** Hosts that the cluster shall have. */
export const staying = (draft: Draft): readonly HostDraft[] =>
  draft.hosts.filter((host) => !host.leaving && host.target !== "");

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
  return staying(draft).map((host, index, all) => {
    const name = `node${all.length - index}`;
    const isInit = /computing|systemd|init/.test(image);
    return {
      name,
      node: nameOf(host, known),
      image,
      hostname: name,
      command: isInit ? "/usr/sbin/init" : image === "" ? "" : "sleep infinity",
      privileged: isInit,
      remove: false,
      known: false,
    };
  });
}

/** What the file shall say. `usesStore`: an external store joins the engines. */
export function valuesOf(draft: Draft, known: KnownHosts, usesStore: boolean): SpecValues {
  const hosts = staying(draft);
  const names = new Set(hosts.map((host) => nameOf(host, known)));
  const { store, network } = draft;
  const words = (raw: string): string[] => raw.split(/[\s,]+/).filter((one) => one !== "");
  const storeNodes = words(store.nodes);
  const endpoints = words(store.endpoints);
  const first = [...names][0] ?? "";
  return {
    cluster: draft.cluster,
    nodes: hosts.map((host) => ({
      name: nameOf(host, known),
      known: host.known,
      ssh: host.target,
      advertise: host.advertise || known.get(host.target)?.interface,
    })),
    engine: { mode: draft.mode, listen: draft.listen },
    store: usesStore
      ? {
          kind: store.kind,
          ...(endpoints.length > 0
            ? { endpoints }
            : { node: storeNodes.length > 1 ? storeNodes : (storeNodes[0] ?? first) }),
          ...(store.image === "" ? {} : { image: store.image }),
          ...(store.port === "" ? {} : { port: Number(store.port) }),
        }
      : undefined,
    networks: [
      {
        name: network.name,
        driver: network.driver,
        ...(network.subnet === "" ? {} : { subnet: network.subnet }),
        ...(network.driver === "macvlan" && network.parent !== "" ? { parent: network.parent } : {}),
      },
    ],
    containers: draft.containers
      .filter((one) => one.name !== "" && names.has(one.node))
      .map((one) => ({
        name: one.name,
        node: one.node,
        image: one.image,
        network: network.name,
        ...(one.hostname === "" ? {} : { hostname: one.hostname }),
        ...(one.privileged ? { privileged: true } : {}),
        ...(one.remove ? { remove: true } : {}),
        ...(one.command.trim() === "" ? {} : { command: one.command.trim().split(/\s+/) }),
      })),
  };
}
