/** Clusters to plan for: what a spec says, what was seen of its nodes, and what looking at them more closely told. */
import path from "node:path";
import type { Container } from "../src/domain/engine.ts";
import { effectiveConfig } from "../src/domain/flags/effective-config.ts";
import type { DaemonSources, HostFacts } from "../src/domain/host.ts";
import type { NodeName } from "../src/domain/ids.ts";
import type { Sha256 } from "../src/domain/plan/change.ts";
import type { Image, NodeSurvey, Survey } from "../src/domain/plan/survey.ts";
import type { NodeSnapshot, Snapshot } from "../src/domain/snapshot.ts";
import { parseSpec } from "../src/domain/spec/parse.ts";
import type { Spec } from "../src/domain/spec/spec.ts";
import { clean } from "../src/domain/text.ts";
import { good, type Outcome } from "../src/domain/trouble.ts";
import { fresh, unitFile } from "./healthy-clusters.ts";
import { engineInfo, hostFacts, nodeNamed, start } from "./snapshots.ts";

export const around = { file: "/clusters/ovl.yaml", home: "/home/op", resolve: path.posix.resolve };

/** @throws Error with what is wrong in the file */
export function specOf(content: string): Spec {
  const parsed = parseSpec(content, around);
  if (!parsed.ok) throw new Error(parsed.problems.map((one) => `${one.line}: ${one.message}`).join("\n"));
  return parsed.spec;
}

/** A file for nodes node103, node104, …; `rest` is what follows `nodes:`. */
export function fileFor(count: number, rest: string): string {
  const nodes = Array.from({ length: count }, (_, i) => {
    const name = `node${103 + i}`;
    return `  - { name: ${name}, ssh: root@192.168.44.${103 + i}, advertise: ens33 }`;
  });
  return ["version: 1", "cluster: bigcomputing", "nodes:", ...nodes, rest].join("\n");
}

/** The classic procedure as a file. */
export const classicRest = `
store: { kind: consul, node: node103, image: "consul:1.8.7" }
networks:
  - { name: ov_net1, subnet: 10.10.10.0/24 }
containers:
  - { name: node2, node: node103, image: big_computing, network: ov_net1, hostname: node2, privileged: true, remove: true, command: [/usr/sbin/init] }
  - { name: node1, node: node104, image: big_computing, network: ov_net1, hostname: node1, privileged: true, remove: true, command: [/usr/sbin/init] }
`;

export const consulImage: Image = { id: `sha256:${"c".repeat(64)}`, tags: ["consul:1.8.7"], bytes: 150_000_000 };
export const computingImage: Image = {
  id: `sha256:${"b".repeat(64)}`,
  tags: ["big_computing:latest"],
  bytes: 400_000_000,
};

/** What is different on one node. */
export interface BareChanges {
  node?: Partial<NodeSnapshot>;
  engine?: Parameters<typeof engineInfo>[0];
  facts?: Partial<HostFacts>;
  sources?: Partial<DaemonSources>;
  survey?: Partial<NodeSurvey>;
  containers?: readonly Container[];
  networks?: Extract<NodeSnapshot["networks"], { state: "fresh" }>["value"];
}

export type BareCluster = { seen: Snapshot; survey: Survey };

const keptJson = '{\n    "log-driver": "json-file"\n}\n';
export const asSha256 = (digit: string): Sha256 => digit.repeat(64).slice(0, 64) as Sha256;

/** Bare hosts of one version, each with a daemon.json of its own that names no store. */
export function bare(
  count: number,
  changes: Readonly<Record<string, BareChanges>> = {},
  version = "20.10.5",
): BareCluster {
  const nodes = new Map<NodeName, NodeSnapshot>();
  const survey = new Map<NodeName, Outcome<NodeSurvey>>();
  for (let i = 0; i < count; i += 1) {
    const name = nodeNamed(`node${103 + i}`);
    const change = changes[name] ?? {};
    const address = clean(`192.168.44.${103 + i}`);
    const argv = ["/usr/sbin/dockerd", "-H", "fd://"];
    const sources: DaemonSources = {
      unitFiles: [unitFile(argv.join(" "))],
      environmentFiles: [],
      daemonJson: { path: "/etc/docker/daemon.json", content: keptJson },
      process: { pid: 412, argv },
      ...change.sources,
    };
    nodes.set(name, {
      name,
      address,
      advertise: clean("ens33"),
      link: { state: "live", since: start, roundTripMs: 2 },
      engine: fresh(
        engineInfo({
          ...{ version: clean(version), mode: "standalone", store: undefined, advertise: undefined, hostname: name },
          engineId: clean(`ENGINE${i}`),
          ...change.engine,
        }),
      ),
      containers: fresh(new Map((change.containers ?? []).map((one) => [one.id, one]))),
      networks: fresh(change.networks ?? []),
      facts: fresh(hostFacts(name, address, change.facts)),
      daemon: fresh(effectiveConfig(sources)),
      usage: new Map(),
      ...change.node,
    });
    survey.set(
      name,
      good({
        sources,
        daemonJson: {
          path: "/etc/docker/daemon.json",
          sha256: sources.daemonJson === undefined ? undefined : asSha256("a"),
        },
        storeDrivers: ["consul", "etcd", "zookeeper"],
        images: [computingImage, consulImage],
        listening: [],
        freeBytes: 20e9,
        writable: { ok: true },
        lockedBy: undefined,
        reach: [],
        ...change.survey,
      }),
    );
  }
  return {
    seen: {
      cluster: clean("bigcomputing"),
      nodes,
      membership: {
        state: "missing",
        since: start,
        trouble: { kind: "unreachable", host: clean("consul"), detail: clean("") },
      },
      swarm: undefined,
    },
    survey,
  };
}
