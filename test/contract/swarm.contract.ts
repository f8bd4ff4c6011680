import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Arena, Connections, twoNodes, until, value, within } from "./arena.ts";

/** What engines in swarm mode promise; the first node is the manager. */
export function swarmContract(arena: () => Arena): void {
  describe("a swarm", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("is listed by its manager: every node with its role, state and address", async () => {
      const { spec } = arena();
      const [manager] = twoNodes(spec);
      const { engine } = await connections.to(manager);
      const nodes = await value(engine.swarmNodes(within));
      expect(new Set(nodes.map((one) => one.hostname))).toEqual(new Set(spec.nodes.map((one) => one.name)));
      for (const one of nodes) {
        expect(one).toMatchObject({ availability: "active", state: "ready" });
        const node = spec.nodes.find((wanted) => wanted.name === one.hostname);
        expect(one.address).toBe(node?.ssh.host);
        expect(one.role).toBe(node === manager ? "manager" : "worker");
        if (node !== manager) expect(one.manager).toBeUndefined();
      }
      expect(nodes.find((one) => one.hostname === manager.name)?.manager).toEqual({
        leader: true,
        reachability: "reachable",
        address: `${manager.ssh.host}:2377`,
      });
    });

    test("is not listed by a worker, which refuses", async () => {
      const [, worker] = twoNodes(arena().spec);
      const { engine } = await connections.to(worker);
      expect(await engine.swarmNodes(within)).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused", status: 503 },
      });
    });

    test("is known to each engine: its own id and address, and of the manager the cluster's", async () => {
      const { spec } = arena();
      const [manager] = twoNodes(spec);
      const all = await connections.toAll();
      const listed = await value(all.get(manager.name)?.engine.swarmNodes(within) ?? Promise.reject(new Error("none")));
      for (const node of spec.nodes) {
        const info = await value(all.get(node.name)?.engine.info(within) ?? Promise.reject(new Error("none")));
        expect(info).toMatchObject({ mode: "swarm", store: undefined, advertise: undefined });
        expect(info.swarm).toMatchObject({
          state: "active",
          nodeId: listed.find((one) => one.hostname === node.name)?.id,
          nodeAddress: node.ssh.host,
          manager: node === manager,
          error: undefined,
        });
        if (node === manager) expect(info.swarm.clusterId).toMatch(/^[0-9a-z]{25}$/);
        else expect(info.swarm.clusterId).toBeUndefined();
      }
    });

    test("has overlays whose VNI the engine tells, attachable, beside the ingress network", async () => {
      const { spec } = arena();
      const [manager] = twoNodes(spec);
      const { engine } = await connections.to(manager);
      const networks = await value(engine.networks(within));
      const overlay = networks.find((one) => one.name === spec.networks[0]?.name);
      expect(overlay).toMatchObject({ scope: "swarm", attachable: true, driver: "overlay" });
      expect(overlay?.id).toMatch(/^[0-9a-z]{25}$/);
      // A swarm counts from 4096 on (moby libnetwork/drivers/overlay/ovmanager).
      const vni = expect.toSatisfy((one: number) => one >= 4096);
      expect(overlay?.vnis).toEqual([vni]);
      expect(overlay?.subnets).toMatchObject([{ gateway: "10.10.10.1" }]);
      const ingress = networks.find((one) => one.name === "ingress");
      expect(ingress).toMatchObject({ scope: "swarm", attachable: false, vnis: [vni] });
      expect(ingress?.vnis).not.toEqual(overlay?.vnis);
    });

    test("says that a node whose engine stopped is down, and ready again after its start", async () => {
      const { spec, world, hands } = arena();
      const [manager, worker] = twoNodes(spec);
      const { engine } = await connections.to(manager);
      const stateOfWorker = async () =>
        (await value(engine.swarmNodes(within))).find((one) => one.hostname === worker.name)?.state;
      await hands.stopEngine(worker.name);
      try {
        await until(world.clock, "the worker is down", async () => (await stateOfWorker()) === "down", 60_000);
      } finally {
        await hands.startEngine(worker.name);
      }
      await until(world.clock, "the worker is ready", async () => (await stateOfWorker()) === "ready", 60_000);
    });
  });
}
