import type { DaemonConfig } from "../daemon.ts";
import type { NodeName } from "../ids.ts";
import { clean, joined, type SafeText, text } from "../text.ts";

/** An option that should be the same on every node and is not. */
export interface Difference {
  name: SafeText;
  /** What each node has, in the order given; "not set" where it has none. */
  values: readonly { node: NodeName; value: SafeText }[];
  /** What more than half of the nodes have; undefined when no value has that many. */
  usual: SafeText | undefined;
  /** The nodes that differ from the usual; all of them when there is none. */
  odd: readonly NodeName[];
}

/**
 * Options that decide how a node takes part in the cluster or what its containers get; the rest (listeners, labels,
 * folders, the bridge's own subnet) is a node's own business.
 */
const shared: readonly string[] = [
  "cluster-store",
  "cluster-store-opt",
  "cluster-advertise",
  "default-address-pool",
  "dns",
  "dns-search",
  "exec-opt",
  "experimental",
  "icc",
  "insecure-registry",
  "ip-forward",
  "ip-masq",
  "iptables",
  "ipv6",
  "live-restore",
  "log-driver",
  "log-opt",
  "mtu",
  "registry-mirror",
  "storage-driver",
  "swarm-default-advertise-addr",
  "tlsverify",
  "userland-proxy",
  "userns-remap",
];

/** What differs between the nodes of those options that should not; a node whose files may not be read is left out. */
export function differences(configs: ReadonlyMap<NodeName, DaemonConfig>): Difference[] {
  const read = [...configs].filter(([, config]) => config.unreadable === undefined);
  return shared.flatMap((name): Difference[] => {
    const values = read.map(([node, config]) => ({ node, value: comparable(name, config) }));
    const counts = new Map<SafeText, number>();
    for (const { value } of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size < 2) return [];
    const usual = [...counts].find(([, count]) => count * 2 > values.length)?.[0];
    return [
      { name: clean(name), values, usual, odd: values.flatMap((one) => (one.value === usual ? [] : [one.node])) },
    ];
  });
}

/** The option's values as one text, in an order of their own: what a file says wins over what still runs. */
function comparable(name: string, config: DaemonConfig): SafeText {
  const all = config.flags.filter((flag) => flag.name === name);
  const written = all.filter((flag) => flag.origin.kind !== "process");
  const values = (written.length > 0 ? written : all).map((flag) => flag.value);
  if (values.length === 0) return text`not set`;
  // Each node advertises an address of its own; an interface's name and the port should be the same.
  if (name === "cluster-advertise") return joined(values.map(advertised));
  return joined([...new Set(values)].sort());
}

function advertised(value: SafeText): SafeText {
  const match = /^(\[.*\]|\d+\.\d+\.\d+\.\d+)(:\d+)?$/.exec(value);
  return match === null ? value : text`an address${clean(match[2] ?? "")}`;
}
