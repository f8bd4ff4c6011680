/** Small, complete snapshots for tests of rules and rows: say what matters, the rest is ordinary. */
import type { Container, EngineInfo, EngineNetwork } from "../src/domain/engine.ts";
import type { HostFacts } from "../src/domain/host.ts";
import {
  asContainerId,
  asNetworkId,
  asNodeName,
  type ContainerId,
  type NetworkId,
  type NodeName,
} from "../src/domain/ids.ts";
import type { Membership } from "../src/domain/membership.ts";
import { type Snapshot, unseen } from "../src/domain/snapshot.ts";
import { clean } from "../src/domain/text.ts";

export const start = Date.UTC(2026, 10, 23, 14, 0, 0);

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not a valid id");
  return value;
}

export const nodeNamed = (name: string): NodeName => must(asNodeName(name));
export const containerId = (digit: string): ContainerId => must(asContainerId(digit.padEnd(64, "0")));
export const networkId = (digit: string): NetworkId => must(asNetworkId(digit.padEnd(64, "0")));

export const node103 = nodeNamed("node103");
export const node104 = nodeNamed("node104");

/** Two nodes of the classic procedure, nothing seen of them yet. */
export const twoNodes = (hasStore = true): Snapshot =>
  unseen(
    clean("bigcomputing"),
    [
      { name: node103, address: clean("192.168.44.103"), advertise: clean("ens33") },
      { name: node104, address: clean("192.168.44.104"), advertise: clean("ens33") },
    ],
    hasStore,
    start,
  );

export const engineInfo = (changes: Partial<EngineInfo> = {}): EngineInfo => ({
  product: "docker",
  version: clean("20.10.5"),
  apiVersion: clean("1.41"),
  mode: "cluster-store",
  store: clean("consul://192.168.44.103:8500"),
  advertise: clean("192.168.44.103:2376"),
  hostname: clean("node103"),
  engineId: clean("ABCD"),
  kernel: clean("6.18.0"),
  os: clean("Debian GNU/Linux 12"),
  cpus: 2,
  memoryBytes: 8e9,
  containersRunning: 1,
  images: 3,
  liveRestore: false,
  rootless: false,
  swarm: {
    state: "inactive",
    nodeId: undefined,
    nodeAddress: undefined,
    clusterId: undefined,
    manager: false,
    error: undefined,
  },
  warnings: [],
  ...changes,
});

/** A machine whose traffic leaves by ens33. */
export const hostFacts = (hostname: string, address: string, changes: Partial<HostFacts> = {}): HostFacts => ({
  hostname: clean(hostname),
  kernel: clean("6.1.0"),
  os: clean("Debian GNU/Linux 12"),
  machineId: clean(`machine of ${hostname}`),
  interfaces: [
    { name: clean("lo"), up: true, mtu: 65_536, mac: undefined, addresses: [clean("127.0.0.1/8")] },
    { name: clean("ens33"), up: true, mtu: 1500, mac: undefined, addresses: [clean(`${address}/24`)] },
  ],
  routes: [
    { destination: clean("default"), device: clean("ens33") },
    { destination: clean("192.168.44.0/24"), device: clean("ens33") },
    { destination: clean("172.17.0.0/16"), device: clean("docker0") },
  ],
  clockDifferenceMs: 12,
  clockUncertaintyMs: 15,
  dockerUnit: clean("active"),
  dockerd: { pid: 412, startedAt: start },
  missingTools: [],
  ...changes,
});

/** A place on ov_net1 that only the store knows. */
export const ghost = {
  id: clean("e9"),
  network: networkId("a1"),
  name: clean("ghost"),
  address: clean("10.10.10.9"),
  mac: undefined,
  locator: clean("192.168.44.104"),
};

export const container = (name: string, node: NodeName, changes: Partial<Container> = {}): Container => ({
  id: containerId(Buffer.from(name).toString("hex").slice(0, 64)),
  node,
  name: clean(name),
  image: clean("big_computing"),
  command: clean("/usr/sbin/init"),
  state: "running",
  status: clean("Up 4 minutes"),
  createdAt: start - 300_000,
  startedAt: start - 240_000,
  exitCode: undefined,
  attachments: [],
  ports: [],
  labels: [],
  ...changes,
});

export const overlay = (node: NodeName, changes: Partial<EngineNetwork> = {}): EngineNetwork => ({
  id: networkId("a1"),
  node,
  name: clean("ov_net1"),
  driver: clean("overlay"),
  scope: clean("global"),
  subnets: [{ subnet: clean("10.10.10.0/24"), gateway: clean("10.10.10.1"), range: undefined }],
  vnis: [],
  mtu: undefined,
  parent: undefined,
  attachable: false,
  internal: false,
  encrypted: false,
  createdAt: undefined,
  ...changes,
});

export const consul = (changes: Partial<Membership> = {}): Membership => ({
  kind: "consul",
  endpoint: clean("192.168.44.103:8500"),
  version: clean("1.8.7"),
  leader: clean("192.168.44.103:8300"),
  latencyMs: 2,
  members: [{ name: clean("consul"), role: "server", state: "leader", address: clean("192.168.44.103:8301") }],
  registrations: [clean("192.168.44.103:2376"), clean("192.168.44.104:2376")],
  overlays: [
    {
      id: networkId("a1"),
      name: clean("ov_net1"),
      subnets: [{ subnet: clean("10.10.10.0/24"), gateway: clean("10.10.10.1/24"), vni: 256 }],
      mtu: undefined,
    },
  ],
  endpoints: [],
  ...changes,
});
