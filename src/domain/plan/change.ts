import type { MemberSettings } from "../condor/config.ts";
import type { ContainerId, NodeName } from "../ids.ts";
import type { StoreKind } from "../membership.ts";
import type { SafeText } from "../text.ts";

/** A SHA-256 of a file's bytes, 64 hex digits. */
export type Sha256 = string & { readonly sha256: unique symbol };

/** One file as it shall be. `replaces` is what was read when the plan was made: nothing is written over anything else. */
export interface FileEdit {
  /** Absolute. */
  path: string;
  replaces: { sha256: Sha256; content: string } | "absent";
  /** The whole content, or that the file shall be gone. */
  content: string | "removed";
  /** Of a new file; one that is there keeps its owner, and its mode unless it is a secret. */
  mode: number;
  /** Nobody else may read it: a file that is there gets the mode as well, whatever its content, and so does what is kept of it. */
  secret?: true;
}

/**
 * Writes the engine's configuration and lets the engine take it: by SIGHUP, or by a restart where SIGHUP cannot.
 * Edits, taking and proof are one change, so that a failure brings the files back and the engine with them.
 */
export interface ConfigureEngine {
  kind: "configure-engine";
  /** Empty when the files are right and only the engine has not taken them. */
  edits: readonly FileEdit[];
  take: "reload" | "restart";
  /** What the engine must say afterwards, where it is to join a store. */
  joins: EngineMember | undefined;
  /** Others of the cluster that are members by then; each must reach this one's gossip port and be reached. */
  peers: readonly EngineMember[];
}

/** An engine's place in cluster-store mode. */
export interface EngineMember {
  node: NodeName;
  /** "consul://192.168.44.103:8500" */
  store: string;
  /** As configured: "ens33:2376". */
  advertise: string;
  /** The address that `advertise` means: gossip listens there on 7946, and docker/nodes holds ADDRESS:2376. */
  address: string;
}

/** Makes a certificate for the node, signed by the cluster's own authority on the operator's side, and places it. */
export interface PlaceCertificates {
  kind: "place-certificates";
  /** Folder on the node: ca.pem, server-cert.pem, server-key.pem, 0600. */
  folder: string;
  /** Names and addresses that the certificate is for. */
  names: readonly string[];
}

export interface LoadImage {
  kind: "load-image";
  image: string;
  from: { kind: "registry" } | { kind: "node"; node: NodeName; bytes: number };
}

/** A container as it shall be made: the API's words (moby api/types/container), cut to what the program uses. */
export interface ContainerDefinition {
  name: string;
  hostname: string | undefined;
  image: string;
  /** "host", a network's name, or undefined for the engine's default. */
  network: string | undefined;
  /** A fixed address on `network`. */
  address: string | undefined;
  privileged: boolean;
  remove: boolean;
  /** stdin open and a terminal, as `docker run -it` gives. */
  terminal: boolean;
  /** Empty: the image's own. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** SOURCE:TARGET[:OPTIONS]; a source that is no path is a named volume. */
  mounts: readonly string[];
  restart: string | undefined;
  /** Undefined: the image's own. */
  stopSignal: string | undefined;
  labels: Readonly<Record<string, string>>;
}

/** Makes a container and starts it. */
export interface CreateContainer {
  kind: "create-container";
  definition: ContainerDefinition;
}

export interface StartContainer {
  kind: "start-container";
  id: ContainerId;
  name: SafeText;
}

export interface ConnectContainer {
  kind: "connect-container";
  id: ContainerId;
  name: SafeText;
  network: string;
  address: string | undefined;
}

export interface RemoveContainer {
  kind: "remove-container";
  id: ContainerId;
  name: SafeText;
}

/** Waits until the store's servers have a leader among them and all of them are there. Changes nothing by itself. */
export interface AwaitStore {
  kind: "await-store";
  store: StoreKind;
  /** host:port of every server, as clients reach it. */
  servers: readonly string[];
}

export interface NetworkDefinition {
  name: string;
  driver: "overlay" | "macvlan";
  subnet: string | undefined;
  gateway: string | undefined;
  /** The part of the subnet that this engine gives addresses from (macvlan). */
  range: string | undefined;
  /** The interface of a macvlan. */
  parent: string | undefined;
  mtu: number | undefined;
  /** Swarm: that containers of their own can join. */
  attachable: boolean;
}

export interface CreateNetwork {
  kind: "create-network";
  definition: NetworkDefinition;
  /** Nodes that must list it, by one id, before the step is done: those of a cluster store; none elsewhere. */
  seenBy: readonly NodeName[];
}

export interface RemoveNetwork {
  kind: "remove-network";
  name: SafeText;
  id: string;
}

export interface InitSwarm {
  kind: "init-swarm";
  /** Interface or address. */
  advertise: string;
}

export interface JoinSwarm {
  kind: "join-swarm";
  role: "manager" | "worker";
  /** The manager that is asked for the token, and its address:port. */
  via: NodeName;
  manager: string;
  advertise: string;
}

/** Moves a swarm's own tasks away from the node, lets it leave, and takes it off the managers' list. */
export interface LeaveSwarm {
  kind: "leave-swarm";
  /** A manager that stays and forgets the node. */
  via: NodeName;
  /** The node's id in the swarm. */
  id: string;
  /** A manager is demoted first. */
  role: "manager" | "worker";
}

/** A container by its name: it may be made by a step of the same plan. */
export interface ContainerPlace {
  node: NodeName;
  container: SafeText;
}

/**
 * Makes the container the member of the pool that `settings` say: its secret, its configuration, HTCondor running with
 * them, until the collector knows its daemons. What is so already is left alone.
 */
export interface ConfigureCondor {
  kind: "condor-config";
  container: SafeText;
  /** The network whose address its daemons use. */
  network: SafeText;
  settings: MemberSettings;
  manager: ContainerPlace;
  /** The members whose secret is the pool's, in this order; one is made when none of them has any. Empty: no secret. */
  secretOf: readonly ContainerPlace[];
  /** Restart, or have its daemons report, even if all is as it should be: they run, and the pool does not hear of them. */
  anew: "restart" | "reconfigure" | undefined;
}

export interface InstallCondor {
  kind: "condor-install";
  container: SafeText;
  /** One after the other. */
  commands: readonly (readonly string[])[];
}

/** Lets the collector in the container forget a machine that is gone, or what it was at an earlier address. */
export interface ForgetMachine {
  kind: "condor-forget";
  container: SafeText;
  machine: SafeText;
  address: SafeText;
}

/** One thing that is done to a node. What it is made of says everything: it can be printed, journalled, replayed. */
export type Change =
  | ConfigureEngine
  | PlaceCertificates
  | LoadImage
  | CreateContainer
  | StartContainer
  | ConnectContainer
  | RemoveContainer
  | AwaitStore
  | CreateNetwork
  | RemoveNetwork
  | InitSwarm
  | JoinSwarm
  | LeaveSwarm
  | ConfigureCondor
  | InstallCondor
  | ForgetMachine;
