import type { EngineInfo, EngineSwarm } from "../domain/engine.ts";
import { clean, text } from "../domain/text.ts";
import type { Machine } from "./machine.ts";
import type { SwarmMember } from "./swarm-model.ts";

/** What the machine's engine answers to `GET /info` and `GET /version`: Docker 20.10 or 26.1. */
export function engineInfo(machine: Machine): EngineInfo {
  const classic = machine.flavour === "classic";
  const { store, advertise, liveRestore } = machine.engine?.config ?? {};
  let running = 0;
  for (const { run } of machine.containers.values()) if (run.state === "running") running++;
  return {
    product: "docker",
    version: machine.version,
    apiVersion: classic ? text`1.41` : text`1.45`,
    mode: store !== undefined ? "cluster-store" : machine.swarm !== undefined ? "swarm" : "standalone",
    store: store === undefined ? undefined : clean(store),
    advertise: advertise === undefined ? undefined : clean(`${advertise.address}:${advertise.port}`),
    hostname: machine.hostname,
    engineId: machine.engineId,
    kernel: text`6.1.0-30-amd64`,
    os: classic ? text`Debian GNU/Linux 12 (bookworm)` : text`Debian GNU/Linux 13 (trixie)`,
    cpus: 4,
    memoryBytes: 8192 * 1024 * 1024,
    containersRunning: running,
    images: machine.images.all.length,
    liveRestore: liveRestore ?? false,
    rootless: false,
    swarm: machine.swarm === undefined ? noSwarm : inSwarm(machine.swarm),
    // moby v20.10 daemon/info.go fillClusterInfo says it over two lines; a line end is a space on the screen.
    warnings:
      store !== undefined
        ? [
            text`WARNING: node discovery and overlay networks with an external k/v store (cluster-advertise,          cluster-store, cluster-store-opt) are deprecated and will be removed in a future release.`,
          ]
        : [],
  };
}

const noSwarm: EngineSwarm = {
  state: "inactive",
  nodeId: undefined,
  nodeAddress: undefined,
  clusterId: undefined,
  manager: false,
  error: undefined,
};

function inSwarm({ id, address, role, swarm }: SwarmMember): EngineSwarm {
  const manager = role === "manager";
  return {
    state: "active",
    nodeId: id,
    nodeAddress: address,
    // Workers are not told it.
    clusterId: manager ? swarm.id : undefined,
    manager,
    error: undefined,
  };
}
