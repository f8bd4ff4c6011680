import type { Listening } from "../domain/plan/survey.ts";
import { type SafeText, text } from "../domain/text.ts";
import type { DemoContainer } from "./containers.ts";
import type { Machine } from "./machine.ts";
import { Overlay } from "./networks.ts";
import { type StoreProcess, storeProcess } from "./store-process.ts";
import { managerPort } from "./swarm-model.ts";

/** libnetwork's gossip in both modes, and VXLAN (RFC 7348; the port is IANA's). */
export const gossipPort = 7946;
export const vxlanPort = 4789;

/** The sockets that listen on the machine, those of the container `without` left out; as ss(8) tells them to root. */
export function socketsOf(machine: Machine, without?: DemoContainer): Listening[] {
  const sockets: Listening[] = [on("tcp", "0.0.0.0", 22, text`sshd`), on("tcp", "::", 22, text`sshd`)];
  sockets.push(...engineSockets(machine));
  let overlays = false;
  for (const container of machine.containers.values()) {
    if (container === without || container.run.state !== "running") continue;
    overlays ||= container.places.some((place) => place.segment instanceof Overlay);
    sockets.push(...containerSockets(container));
  }
  // The kernel's own, as long as there is a VXLAN interface.
  if (overlays || machine.swarm !== undefined) sockets.push(on("udp", "0.0.0.0", vxlanPort, undefined));
  return sockets;
}

function engineSockets({ engine, swarm }: Machine): Listening[] {
  if (engine === undefined) return [];
  const dockerd = text`dockerd`;
  const gossip = swarm === undefined ? engine.gossip : "::";
  return [
    ...engine.config.listeners.map(({ address, port }) => on("tcp", address, port, dockerd)),
    ...(gossip === undefined ? [] : [on("tcp", gossip, gossipPort, dockerd), on("udp", gossip, gossipPort, dockerd)]),
    ...(swarm?.role === "manager" ? [on("tcp", "::", managerPort, dockerd)] : []),
  ];
}

function containerSockets(container: DemoContainer): Listening[] {
  const published = container.ports.flatMap(({ host, protocol }) =>
    host === undefined ? [] : [on(protocol === "udp" ? "udp" : "tcp", host.address, host.port, text`docker-proxy`)],
  );
  const store = container.places.some((place) => place.network === "host") ? storeProcess(container) : undefined;
  return store === undefined ? published : [...published, ...storeSockets(store)];
}

const storePrograms = { consul: text`consul`, etcd: text`etcd`, zookeeper: text`java` } as const;

function storeSockets({ kind, address, port, memberPorts }: StoreProcess): Listening[] {
  const program = storePrograms[kind];
  return [
    on("tcp", address, port, program),
    ...memberPorts.tcp.map((one) => on("tcp", address, one, program)),
    ...memberPorts.udp.map((one) => on("udp", address, one, program)),
  ];
}

const on = (
  protocol: Listening["protocol"],
  address: string,
  port: number,
  process: SafeText | undefined,
): Listening => ({ protocol, address, port, process });
