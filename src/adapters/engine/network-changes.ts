import { z } from "zod";
import { asNetworkId } from "../../domain/ids.ts";
import type { NetworkDefinition } from "../../domain/plan/change.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good } from "../../domain/trouble.ts";
import type { NetworkChanges } from "../../ports/engine-control.ts";
import { endpoint } from "./container-changes.ts";
import type { EngineCalls } from "./engine-calls.ts";

const created = z.object({ Id: z.string() });

/** `POST /networks/create` (Docker Engine API, NetworkCreate); options as libnetwork's drivers read them. */
const bodyOf = (one: NetworkDefinition) => ({
  Name: one.name,
  Driver: one.driver,
  // Two networks of one name are one accident; engines from 1.44 on always look.
  CheckDuplicate: true,
  Attachable: one.attachable,
  Options: {
    ...(one.mtu === undefined ? {} : { "com.docker.network.driver.mtu": String(one.mtu) }),
    ...(one.parent === undefined ? {} : { parent: one.parent }),
  },
  ...(one.subnet === undefined ? {} : { IPAM: { Driver: "default", Config: [pool(one)] } }),
});

const pool = ({ subnet, gateway, range }: NetworkDefinition) => ({
  Subnet: subnet,
  ...(gateway === undefined ? {} : { Gateway: gateway }),
  ...(range === undefined ? {} : { IPRange: range }),
});

/** Networks, as `docker network create`, `rm`, `connect` and `disconnect` change them. */
export const networkChanges = (calls: EngineCalls): NetworkChanges => ({
  async createNetwork(definition, within) {
    const call = { method: "POST", path: "/networks/create" } as const;
    const answer = await calls.json(created, { ...call, body: bodyOf(definition) }, within);
    if (!answer.ok) return answer;
    const id = asNetworkId(answer.value.Id);
    if (id !== undefined) return good(id);
    const { from } = calls.asked(call);
    return bad({ kind: "bad-answer", from, detail: text`not a network's id: ${clean(answer.value.Id, 80)}` });
  },
  removeNetwork: (id, within) => calls.done({ method: "DELETE", path: `/networks/${id}`, alsoGood: [404] }, within),
  connect: (network, id, address, within) =>
    calls.done(
      {
        method: "POST",
        path: `/networks/${encodeURIComponent(network)}/connect`,
        body: { Container: id, EndpointConfig: endpoint(address) },
      },
      within,
    ),
  disconnect: (network, id, force, within) =>
    calls.done(
      {
        method: "POST",
        path: `/networks/${encodeURIComponent(network)}/disconnect`,
        body: { Container: id, Force: force },
      },
      within,
    ),
  // Of a container that the engine does not know, force removes the store's endpoint of that name (moby
  // daemon/container_operations.go, ForceDeleteEndpoint).
  dropEndpoint: (network, endpoint, within) =>
    calls.done(
      { method: "POST", path: `/networks/${network}/disconnect`, body: { Container: endpoint, Force: true } },
      within,
    ),
});
