/** Clusters in which nothing is wrong, every part seen just now; tests of findings say what is. */
import type { EngineInfo, EngineNetwork, SwarmNode } from "../src/domain/engine.ts";
import { effectiveConfig } from "../src/domain/flags/effective-config.ts";
import type { DaemonSources, HostFacts } from "../src/domain/host.ts";
import type { NodeName } from "../src/domain/ids.ts";
import type { Membership } from "../src/domain/membership.ts";
import type { Part } from "../src/domain/part.ts";
import type { NodeSnapshot, Snapshot } from "../src/domain/snapshot.ts";
import { clean, text } from "../src/domain/text.ts";
import { consul, container, engineInfo, hostFacts, nodeNamed, overlay, start } from "./snapshots.ts";

export const now = start + 3_600_000;
/** When everything was seen. */
export const seenAt = now - 1000;

export const fresh = <T>(value: T, at = seenAt): Part<T> => ({ state: "fresh", at, value });

/** What is different on one node; parts of the machine's facts and the engine's info by themselves. */
export interface NodeChanges {
  engine?: Partial<EngineInfo>;
  facts?: Partial<HostFacts>;
  sources?: Partial<DaemonSources>;
  networks?: readonly Partial<EngineNetwork>[];
  node?: Partial<NodeSnapshot>;
}

export const unitPath = "/lib/systemd/system/docker.service";
export const unitFile = (command: string, path = unitPath) => ({ path, content: `[Service]\nExecStart=${command}\n` });
export const daemonJson = (content: object | string) => ({
  path: "/etc/docker/daemon.json",
  content: typeof content === "string" ? content : JSON.stringify(content),
});
export const classicJson = { "cluster-store": "consul://192.168.44.103:8500", "cluster-advertise": "ens33:2376" };

const argv = ["/usr/sbin/dockerd", "-H", "fd://"];
const address = (index: number) => clean(`192.168.44.${103 + index}`);

function healthyNode(index: number, classic: boolean, changes: NodeChanges): NodeSnapshot {
  const name = nodeNamed(`node${103 + index}`);
  const mark = String(index).padStart(4, "0");
  const engine = engineInfo({
    hostname: name,
    engineId: clean(`ENGINE${mark}`),
    ...(classic
      ? { advertise: text`${address(index)}:2376` }
      : {
          version: clean("26.1.5"),
          mode: "swarm",
          store: undefined,
          advertise: undefined,
          swarm: {
            state: "active",
            nodeId: clean(`swarmnode${mark}`),
            nodeAddress: address(index),
            clusterId: clean("cluster"),
            manager: index < 3,
            error: undefined,
          },
        }),
    ...changes.engine,
  });
  const facts = hostFacts(name, address(index), changes.facts);
  const sources: DaemonSources = {
    unitFiles: [unitFile(argv.join(" "))],
    environmentFiles: [],
    daemonJson: classic ? daemonJson(classicJson) : undefined,
    process: { pid: 412, argv },
    ...changes.sources,
  };
  const box = container(`box${103 + index}`, name, {
    attachments: [
      {
        network: clean("ov_net1"),
        networkId: overlay(name).id,
        address: clean(`10.10.10.${2 + index}`),
        mac: undefined,
      },
    ],
  });
  const scope = clean(classic ? "global" : "swarm");
  return {
    name,
    address: address(index),
    advertise: clean("ens33"),
    link: { state: "live", since: start, roundTripMs: 2 },
    engine: fresh(engine),
    containers: fresh(new Map([[box.id, box]])),
    networks: fresh((changes.networks ?? [{}]).map((one) => overlay(name, { scope, createdAt: start, ...one }))),
    facts: fresh(facts),
    daemon: fresh(effectiveConfig(sources)),
    usage: new Map(),
    ...changes.node,
  };
}

type Changes = Partial<Record<"node103" | "node104" | "node105", NodeChanges>>;

function nodes(classic: boolean, changes: Changes): Map<NodeName, NodeSnapshot> {
  const names = ["node103", "node104", "node105"] as const;
  return new Map(
    names.map((name, index) => {
      const node = healthyNode(index, classic, changes[name] ?? {});
      return [node.name, node];
    }),
  );
}

/** Three nodes with Consul, an overlay and a container each. */
export function classic(changes: Changes = {}, store: Partial<Membership> | Part<Membership> = {}): Snapshot {
  const registrations = [0, 1, 2].map((index) => text`${address(index)}:2376`);
  const membership = "state" in store ? store : fresh(consul({ registrations, ...store }));
  return { cluster: clean("bigcomputing"), nodes: nodes(true, changes), membership, swarm: undefined };
}

export const swarmNode = (index: number, changes: Partial<SwarmNode> = {}): SwarmNode => ({
  id: clean(`swarmnode${String(index).padStart(4, "0")}`),
  hostname: nodeNamed(`node${103 + index}`),
  address: address(index),
  role: "manager",
  availability: "active",
  state: "ready",
  manager: { leader: index === 0, reachability: "reachable", address: text`${address(index)}:2377` },
  ...changes,
});

/** Three managers of one swarm. */
export function swarm(
  changes: Changes = {},
  told: Part<readonly SwarmNode[]> = fresh(
    [0, 1, 2].map((index) => swarmNode(index)),
    now,
  ),
): Snapshot {
  return {
    cluster: clean("bigcomputing"),
    nodes: nodes(false, changes),
    membership: undefined,
    swarm: { via: nodeNamed("node103"), nodes: told },
  };
}
