import { z } from "zod";
import { good } from "../../domain/trouble.ts";
import type { SwarmChanges } from "../../ports/engine-control.ts";
import type { EngineCalls } from "./engine-calls.ts";

/** Managers listen for each other here; fixed by `docker swarm init` unless told otherwise (moby daemon/cluster/listen_addr.go). */
const managerPort = 2377;

/** `GET /swarm` */
const tokens = z.object({ JoinTokens: z.object({ Worker: z.string(), Manager: z.string() }) });
/** `GET /nodes/ID`: what an update has to send back. */
const node = z.object({
  Version: z.object({ Index: z.number() }),
  Spec: z.object({ Role: z.string(), Availability: z.string() }).loose(),
});

/** The swarm, as `docker swarm init`, `join`, `leave` and `docker node update`, `rm` change it. Tokens are in no message. */
export const swarmChanges = (calls: EngineCalls): SwarmChanges => ({
  initSwarm: (advertise, within) =>
    calls.done(
      {
        method: "POST",
        path: "/swarm/init",
        body: { ListenAddr: `0.0.0.0:${managerPort}`, AdvertiseAddr: advertise, Spec: {} },
      },
      within,
    ),
  joinSwarm: (manager, token, advertise, within) =>
    calls.done(
      {
        method: "POST",
        path: "/swarm/join",
        body: {
          ListenAddr: `0.0.0.0:${managerPort}`,
          AdvertiseAddr: advertise,
          RemoteAddrs: [manager],
          JoinToken: token.secret,
        },
      },
      within,
    ),
  async swarmTokens(within) {
    const answer = await calls.json(tokens, { method: "GET", path: "/swarm" }, within);
    if (!answer.ok) return answer;
    const { Worker, Manager } = answer.value.JoinTokens;
    return good({ worker: { secret: Worker }, manager: { secret: Manager } });
  },
  // 503: it is in no swarm (any more).
  leaveSwarm: (force, within) =>
    calls.done({ method: "POST", path: "/swarm/leave", query: { force }, alsoGood: [503] }, within),
  async updateSwarmNode(id, to, within) {
    const path = `/nodes/${encodeURIComponent(id)}`;
    const answer = await calls.json(node, { method: "GET", path }, within);
    if (!answer.ok) return answer;
    const { Spec, Version } = answer.value;
    const body = { ...Spec, Role: to.role ?? Spec.Role, Availability: to.availability ?? Spec.Availability };
    return calls.done({ method: "POST", path: `${path}/update`, query: { version: Version.Index }, body }, within);
  },
  removeSwarmNode: (id, force, within) =>
    calls.done(
      { method: "DELETE", path: `/nodes/${encodeURIComponent(id)}`, query: { force }, alsoGood: [404] },
      within,
    ),
});
