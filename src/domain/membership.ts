import type { NetworkId } from "./ids.ts";
import type { SafeText } from "./text.ts";

export type StoreKind = "consul" | "etcd" | "zookeeper";

/** What the external store says of itself and of the engines and overlays recorded in it. */
export interface Membership {
  kind: StoreKind;
  /** host:port that answered. */
  endpoint: SafeText;
  version: SafeText | undefined;
  /** host:port or name of the leader; undefined when there is none. */
  leader: SafeText | undefined;
  latencyMs: number;
  /** Servers and clients of the store itself. */
  members: readonly StoreMember[];
  /** Engines registered under docker/nodes, "host:port" each (moby pkg/discovery/kv). */
  registrations: readonly SafeText[];
  overlays: readonly OverlayRecord[];
  endpoints: readonly EndpointRecord[];
}

export interface StoreMember {
  name: SafeText;
  role: "server" | "client";
  /** In the store's raft, ensemble or gossip. "unknown": it did not say. */
  state: "leader" | "follower" | "alive" | "leaving" | "left" | "failed" | "unknown";
  address: SafeText;
}

/** docker/network/v1.0/overlay/network/ID joined with docker/network/v1.0/network/ID (libnetwork datastore). */
export interface OverlayRecord {
  id: NetworkId;
  name: SafeText | undefined;
  subnets: readonly { subnet: SafeText; gateway: SafeText; vni: number }[];
  mtu: number | undefined;
}

/** docker/network/v1.0/endpoint/NETWORK/ENDPOINT: one container's place, as its engine wrote it. */
export interface EndpointRecord {
  id: SafeText;
  network: NetworkId;
  /** The container's name. */
  name: SafeText;
  address: SafeText | undefined;
  mac: SafeText | undefined;
  /** Advertise address of the engine that owns it. */
  locator: SafeText | undefined;
}
