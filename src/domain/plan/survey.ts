import type { DaemonSources } from "../host.ts";
import type { NodeName } from "../ids.ts";
import type { Locked } from "../lock.ts";
import type { StoreKind } from "../membership.ts";
import type { SafeText } from "../text.ts";
import type { Outcome } from "../trouble.ts";
import type { Sha256 } from "./change.ts";

/** What planning needs to know of a node beyond the snapshot; read when a plan is asked for, not all the time. */
export interface NodeSurvey {
  /** What decides dockerd's configuration, raw. */
  sources: DaemonSources;
  /** Where daemon.json is or would be, and its hash; undefined when there is none. */
  daemonJson: { path: string; sha256: Sha256 | undefined };
  /** Drivers of external stores that this dockerd was built with; undefined when its binary could not be read. */
  storeDrivers: readonly StoreKind[] | undefined;
  images: readonly Image[];
  /** Sockets that listen, whoever holds them. UDP ones are those without a peer. */
  listening: readonly Listening[];
  /** Of the file system that holds the engine's data. */
  freeBytes: number | undefined;
  /** Whether files can be made in /etc/docker, tried by making one; why not. */
  writable: { ok: true } | { ok: false; why: SafeText };
  /** The run that works on the node just now. */
  lockedBy: Locked | undefined;
  /** What came of trying the ports that were asked for, from this node. */
  reach: readonly Reach[];
}

export interface Image {
  id: string;
  /** "consul:1.8.7" */
  tags: readonly string[];
  bytes: number;
}

export interface Listening {
  protocol: "tcp" | "udp";
  /** "0.0.0.0", "192.168.44.103", "::"; as ss(8) prints it, without brackets and interface. */
  address: string;
  port: number;
  /** The command that holds it; undefined for the kernel's own (VXLAN) or when it may not be known. */
  process: SafeText | undefined;
}

/** A port of another node to try from this one. */
export interface ReachAsked {
  node: NodeName;
  address: string;
  protocol: "tcp" | "udp";
  port: number;
}

/**
 * What a try told. "answered": something listens, or the other machine said that nothing does, which shows as well that
 * packets pass. "silent": neither came. "rejected": a router or firewall said no. "unknown": it could not be tried.
 */
export interface Reach extends ReachAsked {
  result: "answered" | "silent" | "rejected" | "unknown";
  detail: SafeText;
}

/** Every node of the spec, or why it could not be read. */
export type Survey = ReadonlyMap<NodeName, Outcome<NodeSurvey>>;
