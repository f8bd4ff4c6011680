import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Membership } from "../../src/domain/membership.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Subscription } from "../../src/ports/engine.ts";
import { type Arena, Connections, onOverlay, pass, twoNodes, until, value, within } from "./arena.ts";

/**
 * Engines with a store number overlays from here on, and leave a number out where a write to the store had to be repeated
 * (moby libnetwork/drivers/overlay/overlay.go, vxlanIDStart).
 */
const firstVni = 256;

/** What the external store and the engines that use it promise. */
export function storeContract(arena: () => Arena): void {
  describe("the store", () => {
    let connections: Connections;
    let watch: Subscription | undefined;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(async () => {
      watch?.close();
      watch = undefined;
      await connections.close();
    });

    /** Watches, and waits for a first picture. */
    async function watching() {
      const { world, spec } = arena();
      const nodes = await connections.toAll();
      const store = world.store(spec, nodes);
      if (store === undefined) throw new Error("the spec has a store");
      const told: Outcome<Membership>[] = [];
      watch = store.watch((outcome) => told.push(outcome));
      /** The newest picture, when it is as `wanted`. */
      const picture = (what: string, wanted: (seen: Membership) => boolean, withinMs = 30_000) =>
        until(
          world.clock,
          () => `${what}; last seen ${JSON.stringify(told.at(-1))}`,
          () => {
            const last = told.at(-1);
            return last?.ok === true && wanted(last.value) ? last.value : undefined;
          },
          withinMs,
        );
      return { told, picture, nodes, first: await picture("a picture", () => true) };
    }

    test("tells its leader, its members, and how long it took", async () => {
      const { first } = await watching();
      const [node] = twoNodes(arena().spec);
      expect(first).toMatchObject({ kind: "consul", endpoint: `${node.ssh.host}:8500` });
      expect(first.version).toMatch(/^1\.8\.7/);
      expect(first.leader).toBe(first.endpoint);
      expect(first.latencyMs).toBeGreaterThanOrEqual(0);
      expect(first.members).toEqual([{ name: "consul", role: "server", state: "leader", address: first.endpoint }]);
    });

    test("has every engine registered under the address that it advertises", async () => {
      const { picture, nodes } = await watching();
      const advertised: unknown[] = [];
      for (const { engine } of nodes.values()) {
        const info = await value(engine.info(within));
        expect(info).toMatchObject({ mode: "cluster-store", swarm: { state: "inactive", manager: false } });
        expect(info.store).toMatch(/^consul:\/\/192\.168\.44\.103:8500/);
        advertised.push(info.advertise);
      }
      const seen = await picture("all are registered", (one) => one.registrations.length === nodes.size, 90_000);
      expect([...seen.registrations].sort()).toEqual(advertised.sort());
    });

    test("has the overlay with the id the engines know it by, its subnet, gateway and VNI", async () => {
      const { first, nodes } = await watching();
      const wanted = arena().spec.networks[0];
      const [access] = nodes.values();
      const networks = await value(access?.engine.networks(within) ?? Promise.reject(new Error("no node")));
      const listed = networks.find((one) => one.name === wanted?.name);
      // The gateway that the engines chose themselves is told by the store alone.
      expect(listed?.subnets).toMatchObject([{ gateway: undefined }]);
      const id = listed?.id;
      const vni = expect.toSatisfy((number: unknown) => Number(number) >= firstVni);
      expect(first.overlays).toMatchObject([
        { id, name: wanted?.name, subnets: [{ subnet: wanted?.subnet, gateway: "10.10.10.1", vni }] },
      ]);
    });

    test("has an endpoint for every container on the overlay, with the address of its engine", async () => {
      const { first, nodes } = await watching();
      const { spec } = arena();
      const expected: unknown[] = [];
      for (const node of spec.nodes) {
        const access = nodes.get(node.name);
        if (access === undefined) throw new Error(`no ${node.name}`);
        for (const container of await value(access.engine.containers(within))) {
          for (const place of container.attachments) {
            if (place.network !== spec.networks[0]?.name || place.address === undefined) continue;
            const { networkId: network, address, mac } = place;
            expected.push({ network, name: container.name, address, mac, locator: node.ssh.host });
          }
        }
      }
      const seen = first.endpoints.map(({ network, name, address, mac, locator }) => ({
        network,
        name,
        address,
        mac,
        locator,
      }));
      expect(seen).toHaveLength(expected.length);
      expect(seen).toEqual(expect.arrayContaining(expected));
    });

    test("shows a container that joins the overlay, and then that it left", async () => {
      const { picture } = await watching();
      const { hands, spec } = arena();
      const [, node] = twoNodes(spec);
      await hands.runContainer(node.name, "guest");
      await picture("the endpoint of guest", (seen) => seen.endpoints.some((one) => one.name === "guest"));
      await hands.removeContainer(node.name, "guest");
      await picture("no endpoint of guest", (seen) => !seen.endpoints.some((one) => one.name === "guest"));
    });

    test("is no trouble while the way to it is only being opened", async () => {
      const { world, spec } = arena();
      const nodes = new Map(spec.nodes.map((node) => [node.name, connections.begin(node)]));
      const told: Outcome<Membership>[] = [];
      watch = world.store(spec, nodes)?.watch((outcome) => told.push(outcome));
      await until(world.clock, "a word", () => told.length > 0);
      expect(told[0]).toMatchObject({ ok: true });
    });

    test("is a trouble once the way to it is known to be shut", async () => {
      const { world, spec, hands } = arena();
      const [node] = twoNodes(spec);
      const stranger = await hands.wrongKey(node);
      try {
        const nodes = new Map([[node.name, connections.begin(stranger)]]);
        const told: Outcome<Membership>[] = [];
        watch = world.store(spec, nodes)?.watch((outcome) => told.push(outcome));
        await until(world.clock, "a word", () => told.length > 0);
        expect(told[0]).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
      } finally {
        await hands.restoreAccess(node);
      }
    });

    test("that is stopped gives a trouble and never an empty picture, and comes back by itself", async () => {
      const { first, told, picture, nodes } = await watching();
      const { hands, world, spec } = arena();
      const asked = world.store(spec, nodes);
      expect(await asked?.ask(within)).toMatchObject({ ok: true, value: { overlays: first.overlays } });
      await hands.stopStore();
      try {
        // What listened for it on the node goes a moment after it.
        await until(world.clock, "the connection is refused", async () => {
          const answer = await asked?.ask(within);
          return answer?.ok === false && answer.trouble.kind === "connection-refused";
        });
        await until(world.clock, "a trouble", () => told.at(-1)?.ok === false, 60_000);
        const from = told.length;
        await pass(world.clock, 12_000);
        expect(told.slice(from).filter((one) => one.ok)).toEqual([]);
        // An engine without its store lists what is its own; its containers stay where they are.
        for (const { engine } of nodes.values()) {
          expect((await value(engine.networks(within))).map((one) => one.driver)).not.toContain("overlay");
        }
        const [access] = nodes.values();
        if (access !== undefined) await onOverlay(access, spec);
      } finally {
        await hands.startStore();
      }
      const back = await picture("the store is back", (seen) => seen.leader !== undefined, 60_000);
      expect(back.overlays).toHaveLength(1);
      for (const one of told) if (one.ok) expect(one.value.overlays).not.toEqual([]);
    });

    test("is not told of any more once the watch is closed", async () => {
      const { told } = await watching();
      watch?.close();
      const before = told.length;
      await pass(arena().world.clock, 12_000);
      expect(told.length).toBe(before);
    });

    test("is none when the spec names none", async () => {
      const { world, spec } = arena();
      expect(world.store({ ...spec, store: undefined }, new Map())).toBeUndefined();
    });

    test("makes no swarm: an engine that uses it refuses to list a swarm's nodes", async () => {
      const { engine } = await connections.to(twoNodes(arena().spec)[0]);
      expect(await engine.swarmNodes(within)).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused", status: 503 },
      });
    });
  });
}
