import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContainerId, NetworkId, NodeName } from "../../src/domain/ids.ts";
import type { NetworkDefinition } from "../../src/domain/plan/change.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, twoNodes, until, value, within } from "./arena.ts";
import { idle } from "./container-changes.contract.ts";

const overlay = (name: string, subnet: string): NetworkDefinition => ({
  ...{ name, driver: "overlay", subnet, gateway: undefined, range: undefined },
  ...{ parent: undefined, mtu: undefined, attachable: true },
});

/** What engines promise to who changes their networks, in either flavour. */
export function networkChangesContract(arena: () => Arena): void {
  describe("networks that are changed", () => {
    let connections: Connections;
    let all: ReadonlyMap<NodeName, NodeAccess>;
    /** The second node asks of a network that the first one makes: in a swarm that is the manager. */
    let here: NodeAccess;
    let there: NodeAccess;
    const networks: NetworkId[] = [];
    const containers: ContainerId[] = [];
    beforeEach(async () => {
      connections = new Connections(arena());
      all = await connections.toAll();
      const [first, second] = twoNodes(arena().spec).map((node) => all.get(node.name));
      if (first === undefined || second === undefined) throw new Error("the contract needs two nodes");
      [here, there] = [first, second];
    });
    afterEach(async () => {
      for (const id of containers.splice(0)) {
        for (const { control } of all.values())
          await control.engine.removeContainer(id, { force: true, volumes: true }, within);
      }
      for (const id of networks.splice(0)) {
        for (const { control } of all.values()) await control.engine.removeNetwork(id, within);
      }
      await connections.close();
    });

    const create = async (definition: NetworkDefinition): Promise<NetworkId> => {
      const id = await value(here.control.engine.createNetwork(definition, within));
      networks.push(id);
      return id;
    };
    const run = async (on: NodeAccess, name: string, network: string | undefined): Promise<ContainerId> => {
      const id = await value(on.control.engine.createContainer(idle(name, { network }), within));
      containers.push(id);
      await value(on.control.engine.startContainer(id, within));
      return id;
    };
    const listed = async ({ engine }: NodeAccess, id: NetworkId) =>
      (await value(engine.networks(within))).find((one) => one.id === id);
    const placesOf = async ({ engine }: NodeAccess, id: ContainerId) =>
      (await value(engine.container(id, within)))?.attachments ?? [];
    const refusal = (status: number, words: RegExp) => ({
      ok: false,
      trouble: { kind: "engine-refused", status, detail: expect.stringMatching(words) },
    });

    test("are made on one engine, are there for containers of the others, and gone after their end", async () => {
      const id = await create(overlay("made", "10.20.30.0/24"));
      expect(await listed(here, id)).toMatchObject({ driver: "overlay", subnets: [{ subnet: "10.20.30.0/24" }] });
      const container = await run(there, "guest", "made");
      expect(await placesOf(there, container)).toMatchObject([
        { network: "made", networkId: id, address: expect.stringMatching(/^10\.20\.30\.\d+$/) },
      ]);
      expect(await listed(there, id)).toMatchObject({ name: "made" });
      await value(there.control.engine.removeContainer(container, { force: true, volumes: true }, within));
      for (const _ of [1, 2]) {
        await until(arena().world.clock, "it is removed", async () => {
          return (await here.control.engine.removeNetwork(id, within)).ok;
        });
      }
      for (const one of all.values()) {
        await until(arena().world.clock, "it is listed no more", async () => (await listed(one, id)) === undefined);
      }
    });

    test("have one name", async () => {
      await create(overlay("one-name", "10.20.30.0/24"));
      expect(await here.control.engine.createNetwork(overlay("one-name", "10.20.31.0/24"), within)).toMatchObject(
        refusal(409, /already exists/),
      );
    });

    test("that overlap another are refused with a store; a swarm makes them and leaves them without an address", async () => {
      const first = await create(overlay("lying-under", "10.20.30.0/24"));
      const second = await here.control.engine.createNetwork(overlay("overlapping", "10.20.30.128/25"), within);
      if (arena().spec.store !== undefined) {
        expect(second).toMatchObject(refusal(403, /Pool overlaps with other one on this address space/));
        return;
      }
      const id = await value(second);
      networks.push(id);
      expect(await listed(here, id)).toMatchObject({ name: "overlapping", vnis: [] });
      await value(here.control.engine.removeNetwork(first, within));
      await until(arena().world.clock, "it gets its subnet", async () => (await listed(here, id))?.vnis.length === 1);
    });

    test("take a container that runs, with the address that was asked for, and let it go again", async () => {
      const id = await create(overlay("joined", "10.20.30.0/24"));
      const container = await run(here, "joining", undefined);
      const { engine } = here.control;
      await value(engine.connect("joined", container, "10.20.30.9", within));
      expect(await placesOf(here, container)).toMatchObject(
        expect.arrayContaining([
          expect.objectContaining({ network: "bridge" }),
          expect.objectContaining({ network: "joined", networkId: id, address: "10.20.30.9" }),
        ]),
      );
      expect(await engine.connect("joined", container, undefined, within)).toMatchObject(
        arena().spec.store === undefined
          ? refusal(409, /joining is already attached to network joined/)
          : refusal(403, /endpoint with name joining already exists in network joined/),
      );
      expect(await engine.removeNetwork(id, within)).toMatchObject(
        expect.objectContaining({ ok: false, trouble: expect.objectContaining({ kind: "engine-refused" }) }),
      );
      await value(engine.disconnect("joined", container, false, within));
      expect(await placesOf(here, container)).toMatchObject([{ network: "bridge" }]);
      // An engine in a swarm forgets a network soon after its last container has left it.
      const words = /is not connected to (the )?network|network joined not found/;
      expect(await engine.disconnect("joined", container, false, within)).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused", detail: expect.stringMatching(words) },
      });
    });

    test("that are flat lie on an interface of the node, one on each", async () => {
      const parent = twoNodes(arena().spec)[0].advertise;
      const flat = (name: string, subnet: string): NetworkDefinition => ({
        ...overlay(name, subnet),
        ...{ driver: "macvlan", parent, attachable: false },
      });
      const id = await create({ ...flat("flat", "10.20.40.0/24"), range: "10.20.40.64/26", gateway: "10.20.40.1" });
      expect(await listed(here, id)).toMatchObject({
        ...{ driver: "macvlan", scope: "local", parent },
        subnets: [{ subnet: "10.20.40.0/24", range: "10.20.40.64/26", gateway: "10.20.40.1" }],
      });
      expect(await listed(there, id)).toBeUndefined();
      const container = await run(here, "level", "flat");
      expect(await placesOf(here, container)).toMatchObject([{ network: "flat", address: "10.20.40.64" }]);
      expect(await here.control.engine.createNetwork(flat("flat-too", "10.20.41.0/24"), within)).toMatchObject(
        refusal(500, /already using parent interface/),
      );
      expect(await here.control.engine.removeNetwork(id, within)).toMatchObject(refusal(403, /has active endpoints/));
    });

    test("that the engine has for itself stay", async () => {
      const bridge = (await value(here.engine.networks(within))).find((one) => one.name === "bridge");
      if (bridge === undefined) throw new Error("there is no bridge");
      expect(await here.control.engine.removeNetwork(bridge.id, within)).toMatchObject(
        refusal(403, /bridge is a pre-defined network and cannot be removed/),
      );
    });
  });
}
