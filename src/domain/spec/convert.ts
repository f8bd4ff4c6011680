import { clean } from "../text.ts";
import type { SpecFile } from "./schema.ts";
import type { NodeSpec, Spec, SshTarget, StoreSpec } from "./spec.ts";

/** What paths in the file are relative to. */
export interface Surroundings {
  /** The file's own path, for messages and relative paths. */
  file: string;
  /** The operator's home folder, for "~". */
  home: string;
  /** Joins and normalises as node:path does; given so that nothing here depends on the machine. */
  resolve: (...parts: string[]) => string;
}

/** The spec that a checked file means: defaults filled in, paths made absolute. */
export function toSpec(file: SpecFile, around: Surroundings): Spec {
  return {
    file: around.file,
    cluster: file.cluster,
    nodes: file.nodes.map(
      (node): NodeSpec => ({ name: node.name, ssh: target(node, file.ssh, around), advertise: node.advertise }),
    ),
    engine: file.engine,
    store: file.store === undefined ? undefined : store(file.store),
    networks: file.networks.map(({ name, driver, subnet, gateway, parent, mtu }) => ({
      name,
      driver,
      subnet,
      gateway,
      parent,
      mtu,
    })),
    containers: file.containers.map(({ network, address, hostname, restart, ...rest }) => ({
      ...rest,
      network,
      address,
      hostname,
      restart,
    })),
    condor: file.condor && { ...file.condor, domain: file.condor.domain ?? file.cluster },
    readOnly: file.readOnly,
  };
}

type Connection = SpecFile["ssh"];

function target(node: Connection & { ssh: string }, defaults: Connection, around: Surroundings): SshTarget {
  const { user, host, port } = splitTarget(node.ssh);
  const absolute = (path: string | undefined) =>
    path === undefined
      ? undefined
      : around.resolve(
          around.file,
          "..",
          path.replace(/^~(?=\/|$)/, () => around.home),
        );
  return {
    host: clean(host),
    user: node.user ?? user ?? defaults.user,
    port: node.port ?? port ?? defaults.port,
    identityFile: absolute(node.identityFile ?? defaults.identityFile),
    knownHostsFile: absolute(node.knownHostsFile ?? defaults.knownHostsFile),
    jump: node.jump ?? defaults.jump,
  };
}

/** The parts of `[user@]host[:port]`; an IPv6 address with a port stands in brackets. */
export function splitTarget(ssh: string): { user: string | undefined; host: string; port: number | undefined } {
  const at = ssh.lastIndexOf("@");
  const user = at > 0 ? ssh.slice(0, at) : undefined;
  const rest = ssh.slice(at + 1);
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(rest);
  const named = /^([^:]+):(\d+)$/.exec(rest);
  const [, host = rest, port] = bracketed ?? named ?? [];
  return { user, host, port: port === undefined ? undefined : Number(port) };
}

/** Ports the stores listen on by default: Consul's HTTP API, etcd's clients, ZooKeeper's clients. */
export const storePorts = { consul: 8500, etcd: 2379, zookeeper: 2181 } as const;

function store(file: NonNullable<SpecFile["store"]>): StoreSpec {
  const common = { kind: file.kind, port: file.port ?? storePorts[file.kind], image: file.image };
  if (file.endpoints !== undefined) {
    const endpoints = file.endpoints.map((one) => {
      const colon = one.lastIndexOf(":");
      return { host: one.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(one.slice(colon + 1)) };
    });
    return { ...common, at: "endpoints", endpoints };
  }
  const nodes = file.node === undefined ? [] : Array.isArray(file.node) ? file.node : [file.node];
  return { ...common, at: "nodes", nodes };
}
