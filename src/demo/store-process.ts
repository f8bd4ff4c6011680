import type { StoreKind } from "../domain/membership.ts";
import { baseName } from "../domain/plan/image-names.ts";
import { defaultImages, memberPorts } from "../domain/plan/store-container.ts";
import type { DemoContainer } from "./containers.ts";

/** A store's server or agent, as the command of its container has it. */
export interface StoreProcess {
  kind: StoreKind;
  role: "server" | "agent";
  name: string;
  /** Where it listens; "0.0.0.0" for a container behind published ports. */
  address: string;
  port: number;
  /** Ports for the other members. */
  memberPorts: { tcp: readonly number[]; udp: readonly number[] };
  /** How many servers it waits for before there is a leader. */
  expected: number;
}

const kinds = Object.keys(defaultImages) as StoreKind[];
const clientPorts: Readonly<Record<StoreKind, number>> = { consul: 8500, etcd: 2379, zookeeper: 2181 };

/** What the container runs of a store; undefined when it runs none that others could reach. */
export function storeProcess({ image, argv, name, ports, places }: DemoContainer): StoreProcess | undefined {
  const base = baseName(image);
  const kind = kinds.find((one) => one === base);
  if (kind === undefined) return undefined;
  const words = argv.join(" ");
  const option = (pattern: RegExp): string | undefined => pattern.exec(words)?.[1];
  const onHost = places.some((place) => place.network === "host");
  const published = ports.find((port) => port.container === clientPorts[kind])?.host;
  // A container of a network of its own is reached by its published ports alone.
  if (!onHost && published === undefined) return undefined;
  const said = option(/-client[= ](\S+)/) ?? option(/--listen-client-urls=https?:\/\/\[?([^/\]]+?)\]?:\d+/);
  const port = option(/-http-port=(\d+)/) ?? option(/--listen-client-urls=\S+?:(\d+)/);
  const servers = option(/--initial-cluster=(\S+)/)?.split(",").length;
  return {
    kind,
    role: kind === "consul" && !/(?:^| )-(?:server|dev)\b/.test(words) ? "agent" : "server",
    name: option(/-node=(\S+)/) ?? option(/--name=(\S+)/) ?? name,
    address: onHost ? (said ?? "0.0.0.0") : (published?.address ?? "0.0.0.0"),
    port: onHost ? Number(port ?? clientPorts[kind]) : (published?.port ?? clientPorts[kind]),
    memberPorts: onHost ? memberPorts(kind, image) : { tcp: [], udp: [] },
    expected: Number(option(/-bootstrap-expect[= ](\d+)/) ?? servers ?? 1),
  };
}
