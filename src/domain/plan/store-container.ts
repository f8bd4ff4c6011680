import type { StoreKind } from "../membership.ts";
import { hostPort } from "./advertise.ts";
import type { ContainerDefinition } from "./change.ts";
import { fullImageName } from "./image-names.ts";

/** A server of the store, or an agent beside an engine. */
export interface StoreMemberPlace {
  name: string;
  /** The node's advertise address: nothing of the store listens on any other. */
  address: string;
}

export interface StoreContainer {
  kind: StoreKind;
  image: string;
  /** Where clients reach it. */
  port: number;
  cluster: string;
  role: "server" | "agent";
  self: StoreMemberPlace;
  /** All servers, `self` among them when it is one. */
  servers: readonly StoreMemberPlace[];
}

/**
 * Images for a store that ovl.yaml does not name one for. Engines up to 20.10 speak Consul's KV and session API as of 0.5
 * and etcd's v2 API only: Consul 1.8 has the first without deprecations, etcd 3.4 is the last that was made with the second.
 */
export const defaultImages: Readonly<Record<StoreKind, string>> = {
  consul: "consul:1.8.7",
  etcd: "quay.io/coreos/etcd:v3.4.27",
  zookeeper: "zookeeper:3.8",
};

/** Label by which the program knows the containers of a cluster's store again. */
export const storeLabel = "ovl-tui.store";

/** Label with the servers that one of etcd or ZooKeeper was started with: it is told of them that one time. */
export const serversLabel = "ovl-tui.store-servers";

export const serversLabelOf = (servers: readonly Pick<StoreMemberPlace, "address">[]): string =>
  servers
    .map((one) => one.address)
    .sort()
    .join(",");

/** The container that runs one member of the store, on its host's network and on that host's advertise address only. */
export function storeContainer(store: StoreContainer): ContainerDefinition {
  return {
    name: store.kind,
    hostname: undefined,
    image: store.image,
    network: "host",
    address: undefined,
    privileged: false,
    remove: false,
    terminal: false,
    environment: {},
    restart: "unless-stopped",
    stopSignal: undefined,
    labels: {
      ...{ [storeLabel]: store.role, "ovl-tui.cluster": store.cluster },
      ...(store.kind === "consul" ? {} : { [serversLabel]: serversLabelOf(store.servers) }),
    },
    ...run[store.kind](store),
  };
}

type Run = Pick<ContainerDefinition, "command" | "mounts"> & Partial<Pick<ContainerDefinition, "environment">>;

const run: Readonly<Record<StoreKind, (store: StoreContainer) => Run>> = {
  consul: (store) => (isProgrium(store.image) ? progriumConsul(store) : consul(store)),
  etcd,
  zookeeper,
};

/** Consul 0.5 in the classic image: its entrypoint is `/bin/start`, which adds `consul agent`; it has no -hcl and no -http-port. */
const isProgrium = (image: string): boolean =>
  fullImageName(image.replace(/[:@][^/]*$/, "")).endsWith("/progrium/consul:latest");

/** TCP and UDP ports of a member besides the one for clients: what it needs free, and its peers need to reach. */
export function memberPorts(kind: StoreKind, image: string): { tcp: readonly number[]; udp: readonly number[] } {
  switch (kind) {
    case "consul":
      // DNS cannot be switched off in the classic image, which serves it on 53.
      return isProgrium(image)
        ? { tcp: [53, 8300, 8301, 8302], udp: [53, 8301, 8302] }
        : { tcp: [8300, 8301, 8302], udp: [8301, 8302] };
    case "etcd":
      return { tcp: [2380], udp: [] };
    case "zookeeper":
      return { tcp: [2888, 3888], udp: [] };
  }
}

/**
 * The same words for official and self-made images: the entrypoint of the official ones takes a command that begins with
 * "consul" as it is (hashicorp/docker-consul docker-entrypoint.sh).
 */
function consul({ role, self, servers, port }: StoreContainer): Run {
  const others = servers.filter((one) => one.address !== self.address);
  const server = ["-server", `-bootstrap-expect=${servers.length}`, "-ui"];
  return {
    command: [
      ...["consul", "agent", ...(role === "server" ? server : [])],
      ...[`-node=${self.name}`, `-bind=${self.address}`, `-client=${self.address}`, `-advertise=${self.address}`],
      ...["-data-dir=/consul/data", "-dns-port=-1"],
      ...(port === 8500 ? [] : [`-http-port=${port}`]),
      ...others.map((one) => `-retry-join=${one.address}`),
      // They are started side by side: who finds nobody yet would wait 30 s for the next try.
      ...(others.length === 0 ? [] : ["-retry-interval=1s"]),
      // The pace of Consul's raft for production (Consul documentation, "Server Performance"): with the default a single
      // server waits about 8 s before it elects itself.
      ...(role === "server" ? ["-hcl", "performance { raft_multiplier = 1 }"] : []),
    ],
    mounts: ["ovl-consul-data:/consul/data"],
  };
}

function progriumConsul({ role, self, servers }: StoreContainer): Run {
  const [first] = servers;
  const alone = servers.length === 1 ? ["-bootstrap"] : ["-bootstrap-expect", String(servers.length)];
  return {
    command: [
      ...(role === "server" ? ["-server", ...alone] : []),
      ...["-advertise", self.address, "-bind", self.address, "-client", self.address, "-data-dir", "/data"],
      // An agent that cannot join ends, and is started again; the first one has nobody to wait for.
      ...(first === undefined || first.address === self.address ? [] : ["-join", first.address]),
    ],
    mounts: ["ovl-consul-data:/data"],
  };
}

/** dockerd speaks the v2 API alone (libkv store/etcd), which etcd from 3.4 serves only when told. */
function etcd({ cluster, self, servers, port }: StoreContainer): Run {
  const client = `http://${hostPort(self.address, port)}`;
  const peer = (one: StoreMemberPlace) => `http://${hostPort(one.address, 2380)}`;
  return {
    command: [
      "etcd",
      `--name=${self.name}`,
      // A folder of its own within the volume: etcd wants to be the only one who may enter it.
      "--data-dir=/var/lib/etcd/member-data",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer(self)}`,
      `--initial-advertise-peer-urls=${peer(self)}`,
      `--initial-cluster=${servers.map((one) => `${one.name}=${peer(one)}`).join(",")}`,
      "--initial-cluster-state=new",
      `--initial-cluster-token=${cluster}`,
      "--enable-v2=true",
    ],
    mounts: ["ovl-etcd-data:/var/lib/etcd"],
  };
}

/**
 * The official image by its environment (Docker Hub, "zookeeper"): the address for clients is the part behind ";" of the
 * server's own entry (ZooKeeper Administrator's Guide, dynamic configuration), and AdminServer, on 8080, is left out.
 */
function zookeeper({ self, servers, port }: StoreContainer): Run {
  const entry = ({ address }: StoreMemberPlace, i: number) => `server.${i + 1}=${address}:2888:3888;${address}:${port}`;
  return {
    command: [],
    mounts: ["ovl-zookeeper-data:/data", "ovl-zookeeper-log:/datalog"],
    environment: {
      ZOO_MY_ID: String(servers.findIndex((one) => one.address === self.address) + 1),
      ZOO_SERVERS: servers.map(entry).join(" "),
      ZOO_ADMINSERVER_ENABLED: "false",
    },
  };
}
