/** The swarm of hosts in memory, as far as joining and leaving it looks at it. */
import type { SwarmNode } from "../src/domain/engine.ts";
import { clean, text } from "../src/domain/text.ts";
import { bad, good, type Outcome } from "../src/domain/trouble.ts";
import type { SwarmChanges } from "../src/ports/engine-control.ts";
import type { FakeHost } from "./fake-hosts.ts";
import { engineInfo } from "./snapshots.ts";

export const tokens = { worker: { secret: "SWMTKN-w" }, manager: { secret: "SWMTKN-m" } };

/** Changes of a host in memory to its swarm. */
export function fakeSwarm(host: FakeHost): SwarmChanges {
  const { cluster } = host;
  const become = (id: string, changes: Partial<SwarmNode>): Outcome<void> => {
    const at = cluster.swarm.findIndex((one) => one.id === id);
    const one = cluster.swarm[at];
    if (one === undefined)
      return bad({ kind: "engine-refused", status: 404, detail: text`node ${clean(id)} not found` });
    cluster.swarm[at] = { ...one, ...changes };
    return good(undefined);
  };
  return {
    initSwarm: () => host.change("initSwarm", () => entersSwarm(host, "manager")),
    joinSwarm: (_manager, token) =>
      host.change("joinSwarm", () =>
        entersSwarm(host, token.secret === tokens.manager.secret ? "manager" : "worker", host.joinsAs),
      ),
    swarmTokens: () => host.call("swarmTokens", () => good(tokens)),
    leaveSwarm: () =>
      host.change("leaveSwarm", () => {
        const { nodeId } = host.info.swarm;
        host.info = { ...host.info, swarm: engineInfo().swarm };
        if (nodeId !== undefined) become(nodeId, { state: "down" });
        return good(undefined);
      }),
    updateSwarmNode: (id, { role, availability }) =>
      host.change("updateSwarmNode", () => {
        const of = [...cluster.hosts.values()].find((one) => one.info.swarm.nodeId === id);
        if (role !== undefined && of !== undefined) {
          of.info = { ...of.info, swarm: { ...of.info.swarm, manager: role === "manager" } };
        }
        return become(id, {
          ...(availability === undefined ? {} : { availability }),
          ...(role === undefined ? {} : { role, manager: managing(role) }),
        });
      }),
    removeSwarmNode: (id) =>
      host.change("removeSwarmNode", () => {
        const at = cluster.swarm.findIndex((one) => one.id === id);
        if (cluster.swarm[at]?.state === "ready") {
          return bad({ kind: "engine-refused", status: 400, detail: clean("node is not down and can't be removed") });
        }
        if (at >= 0) cluster.swarm.splice(at, 1);
        return good(undefined);
      }),
  };
}

const managing = (role: SwarmNode["role"]): SwarmNode["manager"] =>
  role === "manager" ? { leader: false, reachability: "reachable", address: clean("192.168.44.103:2377") } : undefined;

/** Makes the host a member. */
export function entersSwarm(
  host: FakeHost,
  role: SwarmNode["role"],
  state: SwarmNode["state"] = "ready",
): Outcome<void> {
  const id = text`id-of-${host.name}`;
  const { name: hostname, address } = host;
  const swarm = { ...engineInfo().swarm, state: "active", nodeId: id, manager: role === "manager" } as const;
  host.info = { ...host.info, swarm };
  host.cluster.swarm.push({ id, hostname, address, role, availability: "active", state, manager: managing(role) });
  return good(undefined);
}
