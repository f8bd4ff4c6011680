import type { ContainerId, NetworkId, NodeName } from "./ids.ts";
import type { SafeText } from "./text.ts";
import type { Instant } from "./time.ts";

/** How an engine can join others: external store, swarm mode, or not (yet) at all. */
export type EngineMode = "cluster-store" | "swarm" | "standalone";

/** The engine itself, from `GET /info` and `GET /version`. */
export interface EngineInfo {
  /** Podman speaks Docker's API; it knows neither stores nor swarms. */
  product: "docker" | "podman";
  version: SafeText;
  /** Negotiated for this node. */
  apiVersion: SafeText;
  mode: EngineMode;
  /** `ClusterStore` and `ClusterAdvertise` of `/info`, engines up to 20.10. */
  store: SafeText | undefined;
  advertise: SafeText | undefined;
  hostname: SafeText;
  engineId: SafeText;
  kernel: SafeText;
  os: SafeText;
  cpus: number;
  memoryBytes: number;
  containersRunning: number;
  images: number;
  liveRestore: boolean;
  /** Run by an ordinary user: it reads that user's daemon.json, and has no overlay networks. */
  rootless: boolean;
  swarm: EngineSwarm;
  warnings: readonly SafeText[];
}

/** `Swarm` of `/info`. */
export interface EngineSwarm {
  state: "inactive" | "pending" | "active" | "error" | "locked";
  nodeId: SafeText | undefined;
  nodeAddress: SafeText | undefined;
  clusterId: SafeText | undefined;
  manager: boolean;
  error: SafeText | undefined;
}

/** A row of `docker node ls`, as a manager sees it. */
export interface SwarmNode {
  id: SafeText;
  hostname: SafeText;
  address: SafeText;
  role: "manager" | "worker";
  availability: "active" | "pause" | "drain";
  state: "unknown" | "down" | "ready" | "disconnected";
  /** Of managers only. */
  manager: { leader: boolean; reachability: "unknown" | "unreachable" | "reachable"; address: SafeText } | undefined;
}

export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

export interface Container {
  id: ContainerId;
  node: NodeName;
  name: SafeText;
  image: SafeText;
  command: SafeText;
  state: ContainerState;
  /** The engine's own words: "Up 4 minutes", "Exited (137) 2 hours ago". */
  status: SafeText;
  createdAt: Instant;
  /** Of a running one; from its start event, or from `status` and then as coarse as that. */
  startedAt: Instant | undefined;
  exitCode: number | undefined;
  attachments: readonly Attachment[];
  ports: readonly PublishedPort[];
  labels: readonly { name: SafeText; value: SafeText }[];
}

/** A container's place on one network. */
export interface Attachment {
  network: SafeText;
  networkId: NetworkId | undefined;
  /** Without prefix length; undefined while not running. */
  address: SafeText | undefined;
  mac: SafeText | undefined;
}

export interface PublishedPort {
  container: number;
  protocol: SafeText;
  /** Undefined when only exposed. */
  host: { address: SafeText; port: number } | undefined;
}

/** A network as one engine tells it (`GET /networks`). */
export interface EngineNetwork {
  id: NetworkId;
  node: NodeName;
  name: SafeText;
  driver: SafeText;
  /** "global" (cluster store), "swarm" or "local". */
  scope: SafeText;
  subnets: readonly { subnet: SafeText; gateway: SafeText | undefined; range: SafeText | undefined }[];
  /** VXLAN network identifiers, where the engine tells them (swarm: com.docker.network.driver.overlay.vxlanid_list). */
  vnis: readonly number[];
  mtu: number | undefined;
  /** macvlan's and ipvlan's parent interface. */
  parent: SafeText | undefined;
  attachable: boolean;
  internal: boolean;
  encrypted: boolean;
  createdAt: Instant | undefined;
}

/** One measurement of a running container. */
export interface Usage {
  at: Instant;
  /** 100 is one core fully used. Undefined until two samples are there. */
  cpuPercent: number | undefined;
  memoryBytes: number;
  memoryLimitBytes: number | undefined;
}

/** What the engine said happened, cut to what the program acts on. */
export interface EngineEvent {
  type: "container" | "network" | "daemon" | "node" | "image" | "other";
  /** "start", "die", "connect", "reload", … */
  action: SafeText;
  /** The actor's id: container, network or node. */
  id: SafeText;
  name: SafeText;
  /** What else a person wants to know of it: exit code, signal, image, network. Few, each short. */
  attributes?: readonly { name: SafeText; value: SafeText }[];
  /** For network events: "overlay", "bridge", …, where the engine tells it. */
  driver?: SafeText;
  /** For network events: the container concerned. */
  container: ContainerId | undefined;
  /** By the engine's clock, nanoseconds since 1970, as the decimal text it sent: a number would lose digits. */
  timeNano: string;
}
