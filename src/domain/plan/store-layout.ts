import type { NodeName } from "../ids.ts";
import type { StoreKind } from "../membership.ts";
import type { StoreSpec } from "../spec/spec.ts";
import type { SafeText } from "../text.ts";
import { hostPort } from "./advertise.ts";
import type { Site } from "./site.ts";
import { defaultImages } from "./store-container.ts";

/** Who runs the store, and who asks whom. */
export interface StoreLayout {
  store: StoreSpec;
  image: string;
  /** Nodes that run a server; none where the store exists already, elsewhere. */
  servers: readonly Site[];
  /** Nodes without a server that run a Consul agent for their own engine. */
  agents: readonly Site[];
  /** host:port of every server, as clients reach it. */
  endpoints: readonly SafeText[];
}

/**
 * The store's places. dockerd takes exactly one address of Consul (libkv store/consul), so with several servers every engine
 * gets one on its own node, a server or an agent, and the loss of one server is nobody's loss. Others take a list.
 */
export function layoutOf(store: StoreSpec, sites: readonly Site[]): StoreLayout {
  const image = store.image ?? defaultImages[store.kind];
  if (store.at === "endpoints") {
    const endpoints = store.endpoints.map(({ host, port }) => hostPort(host, port));
    return { store, image, servers: [], agents: [], endpoints };
  }
  const servers = store.nodes.flatMap((name) => sites.find((site) => site.name === name) ?? []);
  const shared = store.kind !== "consul" || store.nodes.length < 2;
  return {
    store,
    image,
    servers,
    agents: shared ? [] : sites.filter((site) => !servers.includes(site)),
    endpoints: servers.map(({ advertise }) => hostPort(advertise.address, store.port)),
  };
}

const schemes: Readonly<Record<StoreKind, string>> = { consul: "consul", etcd: "etcd", zookeeper: "zk" };

/** What `--cluster-store` of the node shall say. */
export function storeUrl({ store, endpoints, agents, servers }: StoreLayout, site: Site): string {
  const scheme = schemes[store.kind];
  if (store.kind !== "consul") return `${scheme}://${endpoints.join(",")}`;
  const own = hostPort(site.advertise.address, store.port);
  const asksItself = servers.includes(site) || agents.includes(site) || endpoints.includes(own);
  return `${scheme}://${asksItself ? own : (endpoints[0] ?? own)}`;
}

/**
 * Whether two URLs mean the same store: order of addresses apart, and a node's name, hostname or SSH address for its
 * advertise address. A prefix behind the addresses is another world (libkv).
 */
export function sameStore(a: string, b: string, sites: readonly Site[]): boolean {
  const plain = (url: string) => {
    const match = /^([a-z]+):\/\/([^/]*)(?:\/(.*?))?\/?$/.exec(url);
    if (match === null) return url;
    const hosts = (match[2] ?? "").split(",").map((one) => aliasOf(one.trim(), sites));
    return `${match[1]}://${hosts.sort().join(",")}/${match[3] ?? ""}`;
  };
  return plain(a) === plain(b);
}

function aliasOf(host: string, sites: readonly Site[]): string {
  const [name = "", port = ""] = host.split(/:(?=\d+$)/);
  const known = sites.find((site) => [site.name, site.facts.hostname, site.seen.address].some((one) => one === name));
  return known === undefined ? host : `${known.advertise.address}:${port}`;
}

/** Whether the spec has the node run a server. */
export const runsServer = (store: StoreSpec, node: NodeName): boolean =>
  store.at === "nodes" && store.nodes.includes(node);
