import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asContainerId, asNetworkId } from "../../src/domain/ids.ts";
import { type Arena, Connections, onOverlay, twoNodes, value, within } from "./arena.ts";

/** What an engine tells before something new is made there, in either flavour. */
export function inspectionContract(arena: () => Arena): void {
  describe("an engine that is asked before something is made", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    const nobody = asContainerId("f".repeat(64));
    if (nobody === undefined) throw new Error("64 hex digits are an id");

    test("tells the host names of its containers, and nothing of those that are gone", async () => {
      const { spec } = arena();
      for (const access of (await connections.toAll()).values()) {
        const { id, name } = await onOverlay(access, spec);
        const named = await value(access.control.inspection.hostnames([id, nobody], within));
        expect(named).toEqual([{ container: id, hostname: name }]);
      }
    });

    test("stands on a machine that tells how busy it is", async () => {
      const { control } = await connections.to(twoNodes(arena().spec)[0]);
      const { oneMinute, availableBytes } = await value(control.load(within));
      expect(oneMinute).toBeGreaterThanOrEqual(0);
      expect(availableBytes).toBeGreaterThan(2 ** 20);
    });

    test("tells what a container was made of", async () => {
      const { spec } = arena();
      const access = await connections.to(twoNodes(spec)[0]);
      const { inspection } = access.control;
      const { id, name } = await onOverlay(access, spec);
      expect(await value(inspection.definition(id, within))).toMatchObject({
        ...{ name, hostname: name, image: "big_computing", network: spec.networks[0]?.name, privileged: true },
        ...{ environment: {}, mounts: [], address: undefined, terminal: true },
      });
      expect(await value(inspection.definition(nobody, within))).toBeUndefined();
    });

    test("tells the addresses of a network that it knows to be taken", async () => {
      const { spec } = arena();
      for (const access of (await connections.toAll()).values()) {
        const { inspection } = access.control;
        const container = await onOverlay(access, spec);
        const place = container.attachments.find((one) => one.network === spec.networks[0]?.name);
        if (place?.networkId === undefined) throw new Error("the container is on no network");
        const held = await value(inspection.heldAddresses(place.networkId, within));
        expect(held).toContainEqual({ address: place.address, holder: container.name });
        for (const one of held) expect(one.address).toMatch(/^10\.10\.10\.\d+$/);
      }
    });

    test("knows of no address on a network that it does not list", async () => {
      const { inspection } = (await connections.to(twoNodes(arena().spec)[0])).control;
      const none = asNetworkId("e".repeat(64));
      if (none === undefined) throw new Error("64 hex digits are an id");
      expect(await value(inspection.heldAddresses(none, within))).toEqual([]);
    });

    test("refuses an image that no registry gives it, and has none of it afterwards", async () => {
      const control = (await connections.to(twoNodes(arena().spec)[0])).control;
      const ids = async () => (await value(control.engine.images(within))).map((one) => one.id).toSorted();
      const before = await ids();
      expect(await control.inspection.registryHas("nobody/has-this:1", { ms: 60_000 })).toMatchObject({
        ok: false,
        trouble: { kind: "engine-refused" },
      });
      expect(await ids()).toEqual(before);
    });
  });
}
