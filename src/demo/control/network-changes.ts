import type { ContainerId } from "../../domain/ids.ts";
import type { NetworkDefinition } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { NetworkChanges } from "../../ports/engine-control.ts";
import type { DemoContainer } from "../containers.ts";
import { notManager } from "../engine.ts";
import { LocalNetwork, Overlay, type Segment } from "../networks.ts";
import { isNotFound, refused } from "../refusal.ts";
import type { SharedNetworks } from "../shared-networks.ts";
import { noLeader } from "../swarm-model.ts";
import { attached, engineChange } from "./change.ts";
import type { ReachGround } from "./reach.ts";

const createMs = 150;
const connectMs = 120;

/** Networks, as `docker network create`, `rm`, `connect` and `disconnect` change them. */
export function networkChanges(on: ReachGround): NetworkChanges {
  const { link, clock, cluster } = on;
  const { machine } = link;
  const say = (action: SafeText, { id, name, driver }: Segment): void =>
    machine.events.say({ type: "network", action, id, name, driver: clean(driver), container: undefined });
  const create = (definition: NetworkDefinition): Outcome<Segment> => {
    if (machine.networks.find(definition.name) !== undefined) {
      return refused(409, text`network with name ${clean(definition.name)} already exists`);
    }
    if (definition.driver === "macvlan") return machine.networks.createMacvlan(definition, clock.now());
    const shared = sharedNetworks(on);
    return shared.ok ? shared.value.create(definition, clock.now()) : shared;
  };
  const remove = (network: Segment): Outcome<void> => {
    if (network instanceof LocalNetwork) return machine.networks.remove(network);
    const shared = sharedNetworks(on);
    if (!shared.ok) return shared;
    return network instanceof Overlay ? shared.value.remove(network) : good(undefined);
  };
  const known = (nameOrId: string) => machine.find(nameOrId);
  const toJoin = (nameOrId: string) => machine.findToJoin(nameOrId);
  const both = (
    network: string,
    id: ContainerId,
    within: Deadline,
    find: (nameOrId: string) => Outcome<Segment>,
    work: (segment: Segment, container: DemoContainer) => Outcome<void> | Promise<Outcome<void>>,
  ): Promise<Outcome<void>> =>
    engineChange(on, within, connectMs, () => {
      const container = machine.containers.get(id);
      if (container === undefined) return refused(404, text`No such container: ${id}`);
      const segment = find(network);
      return segment.ok ? work(segment.value, container) : segment;
    });
  return {
    createNetwork: (definition, within) =>
      engineChange(on, within, createMs, () => {
        const created = create(definition);
        if (!created.ok) return created;
        say(text`create`, created.value);
        machine.changed();
        cluster.store.changed();
        return good(created.value.id);
      }),
    removeNetwork: (id, within) =>
      engineChange(on, within, createMs, () => {
        const network = machine.find(id);
        if (!network.ok) return isNotFound(network) ? good(undefined) : network;
        const removed = remove(network.value);
        if (!removed.ok) return removed;
        say(text`destroy`, network.value);
        machine.changed();
        cluster.store.changed();
        return good(undefined);
      }),
    connect: (network, id, address, within) =>
      both(network, id, within, toJoin, (segment, container) =>
        attached(clock, machine.runtime.connect(container, segment, address)),
      ),
    disconnect: (network, id, _force, within) =>
      both(network, id, within, known, (segment, container) => machine.runtime.disconnect(container, segment)),
    dropEndpoint: (network, endpoint, within) =>
      engineChange(on, within, connectMs, () => {
        const segment = machine.find(network);
        if (!segment.ok) return segment;
        const left = segment.value instanceof Overlay ? [...segment.value.endpoints()] : [];
        const address = left.find((one) => one.name === endpoint)?.address;
        if (address === undefined) return refused(404, text`endpoint ${clean(endpoint)} not found`);
        segment.value.leave(address);
        machine.changed();
        cluster.store.changed();
        return good(undefined);
      }),
  };
}

/** Where the engine makes its overlays: in its store, or in the swarm that it manages. */
function sharedNetworks({ link, cluster }: ReachGround): Outcome<SharedNetworks> {
  const { swarm, engine } = link.machine;
  if (swarm !== undefined) {
    if (swarm.role !== "manager") return notManager;
    return swarm.swarm.leader === undefined ? noLeader : good(swarm.swarm.networks);
  }
  const url = engine?.storeUrl;
  if (url === undefined) return notManager;
  if (cluster.store.answers(link.machine, url)) return good(cluster.store.networks);
  return refused(500, text`datastore for scope "global" is not initialized`);
}
