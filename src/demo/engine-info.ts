import type { EngineInfo, EngineSwarm } from "../domain/engine.ts";
import { text } from "../domain/text.ts";
import type { Cluster } from "./cluster.ts";
import type { Machine } from "./machine.ts";
import { storePort } from "./store-model.ts";

/** What the machine's engine answers to `GET /info` and `GET /version`: Docker 20.10 with a cluster store, or 26.1 in a swarm. */
export function engineInfo(machine: Machine, cluster: Cluster): EngineInfo {
  const classic = cluster.flavour === "classic";
  let running = 0;
  for (const { run } of machine.containers.values()) if (run.state === "running") running++;
  return {
    version: classic ? text`20.10.5+dfsg1` : text`26.1.5+dfsg1`,
    apiVersion: classic ? text`1.41` : text`1.45`,
    mode: classic ? "cluster-store" : "swarm",
    store: classic ? text`consul://${cluster.store.machine?.address ?? text``}:${storePort}` : undefined,
    advertise: classic ? text`${machine.address}:2376` : undefined,
    hostname: machine.spec.name,
    engineId: machine.engineId,
    kernel: text`6.1.0-30-amd64`,
    os: classic ? text`Debian GNU/Linux 12 (bookworm)` : text`Debian GNU/Linux 13 (trixie)`,
    cpus: 4,
    memoryBytes: 8192 * 1024 * 1024,
    containersRunning: running,
    images: 3,
    liveRestore: false,
    swarm: classic ? noSwarm : inSwarm(machine, cluster),
    // moby v20.10 daemon/info.go fillClusterInfo says it over two lines; a line end is a space on the screen.
    warnings: classic
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

function inSwarm(machine: Machine, cluster: Cluster): EngineSwarm {
  const manager = machine === cluster.manager();
  return {
    state: "active",
    nodeId: cluster.swarmNodeId(machine),
    nodeAddress: machine.address,
    // Workers are not told it.
    clusterId: manager ? cluster.swarmId : undefined,
    manager,
    error: undefined,
  };
}
