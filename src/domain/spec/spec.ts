import type { NodeName } from "../ids.ts";
import type { StoreKind } from "../membership.ts";
import type { SafeText } from "../text.ts";

/** What the operator wants: the parsed `ovl.yaml`, every default filled in. */
export interface Spec {
  /** The file it came from; undefined for the demo. */
  file: string | undefined;
  cluster: SafeText;
  nodes: readonly NodeSpec[];
  engine: { mode: "auto" | "cluster-store" | "swarm"; listen: "none" | "tls" | "insecure" };
  store: StoreSpec | undefined;
  networks: readonly NetworkSpec[];
  containers: readonly ContainerSpec[];
  condor: CondorSpec | undefined;
  readOnly: boolean;
}

export interface NodeSpec {
  name: NodeName;
  ssh: SshTarget;
  advertise: SafeText | undefined;
}

/** How to reach a node. What is undefined is left to ~/.ssh/config, then to ssh's own defaults. */
export interface SshTarget {
  /** A host name, an address, or an alias of ~/.ssh/config. */
  host: SafeText;
  user: string | undefined;
  port: number | undefined;
  /** Absolute: "~" and the file's own folder are resolved. */
  identityFile: string | undefined;
  knownHostsFile: string | undefined;
  /** [user@]host[:port] of a bastion. */
  jump: string | undefined;
}

export type StoreSpec = {
  kind: StoreKind;
  port: number;
  image: string | undefined;
} & (
  | { at: "nodes"; nodes: readonly NodeName[] }
  | { at: "endpoints"; endpoints: readonly { host: string; port: number }[] }
);

export interface NetworkSpec {
  name: SafeText;
  driver: "overlay" | "macvlan";
  subnet: SafeText | undefined;
  gateway: SafeText | undefined;
  parent: SafeText | undefined;
  mtu: number | undefined;
}

export interface ContainerSpec {
  name: SafeText;
  node: NodeName;
  image: string;
  network: SafeText | undefined;
  address: SafeText | undefined;
  hostname: string | undefined;
  privileged: boolean;
  remove: boolean;
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  mounts: readonly string[];
  restart: string | undefined;
}

export interface CondorSpec {
  manager: SafeText;
  execute: readonly SafeText[];
  submit: readonly SafeText[];
  security: "password" | "open";
  /** TRUST_DOMAIN and UID_DOMAIN of every member. */
  domain: SafeText;
}
