import type { Container } from "./engine.ts";
import type { NodeName } from "./ids.ts";
import { isUp } from "./link.ts";
import { lastSeen } from "./part.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Spec } from "./spec/spec.ts";
import { clean, type SafeText, text } from "./text.ts";
import type { MemberRow } from "./views/membership.ts";

/** Something on a node that a port of this machine can lead to. */
export interface ForwardTarget {
  /** The node whose SSH connection carries it. */
  node: NodeName;
  /** As the node reaches it. */
  host: string;
  port: number;
  /** "consul", "web-1 80/tcp" */
  label: SafeText;
  /** Where a browser begins; undefined for what is no web page. */
  page: string | undefined;
}

/** The page of a store: Consul has one for people, etcd tells its version. */
const pages = { consul: "/ui/", etcd: "/version", zookeeper: undefined } as const;

/** The client port of a store's server, through its own node, or through another one that is up when that is not known. */
export function memberTargets(member: MemberRow, seen: Snapshot, spec: Spec): ForwardTarget[] | { not: SafeText } {
  const { store } = spec;
  if (member.kind !== "server" || store === undefined) return { not: text`only servers of a store can be forwarded` };
  const host = hostOf(member.address ?? "");
  const own = store.at === "nodes" ? store.nodes.find((node) => member.name.includes(node)) : undefined;
  const only = store.at === "nodes" && store.nodes.length === 1 ? store.nodes[0] : undefined;
  const up = [...seen.nodes.values()].filter((node) => isUp(node.link)).map((node) => node.name);
  const node = [own, only, nodeAt(host, seen), ...up].find((one) => one !== undefined && up.includes(one));
  if (node === undefined) return { not: text`no node is up that could reach ${member.name}` };
  const page = pages[store.kind];
  return [{ node, host, port: store.port, label: clean(store.kind), page }];
}

function nodeAt(host: string, seen: Snapshot): NodeName | undefined {
  for (const node of seen.nodes.values()) {
    if (node.address === host || lastSeen(node.engine)?.advertise?.startsWith(`${host}:`)) return node.name;
  }
  return undefined;
}

/** Without the port, and without the brackets of IPv6. */
const hostOf = (address: string): string => address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");

/** The published ports of a container. An address in an overlay is reached from inside of that overlay only. */
export function containerTargets({ name, node, ports, state }: Container): ForwardTarget[] | { not: SafeText } {
  if (state !== "running") return { not: text`${name} does not run` };
  const seen = new Set<number>();
  const targets = ports.flatMap(({ container, protocol, host }): ForwardTarget[] => {
    if (host === undefined || protocol !== "tcp" || seen.has(host.port)) return [];
    seen.add(host.port);
    const address = ["0.0.0.0", "::", ""].includes(host.address) ? "127.0.0.1" : host.address;
    return [{ node, host: address, port: host.port, label: text`${name} ${container}/tcp`, page: "/" }];
  });
  if (targets.length > 0) return targets;
  return { not: text`${name} publishes no TCP port; its overlay address is reached from inside of the overlay only` };
}

/** The same by hand. */
export const sshForward = ({ node, host, port }: ForwardTarget, local: number): SafeText =>
  text`ssh -N -L 127.0.0.1:${local}:${clean(host.includes(":") ? `[${host}]` : host)}:${port} ${node}`;
