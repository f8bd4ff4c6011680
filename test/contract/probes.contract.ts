import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Container } from "../../src/domain/engine.ts";
import { asContainerId } from "../../src/domain/ids.ts";
import type { Probes, WayAsked } from "../../src/ports/probes.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, onOverlay, twoNodes, until, value, within } from "./arena.ts";

/** What measurements from one node promise. */
export function probesContract(arena: () => Arena): void {
  describe("pings from a node", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    const probesOf = ({ probes }: NodeAccess): Probes => {
      if (probes === undefined) throw new Error("nothing can be sent from there");
      return probes;
    };
    const addressOf = (container: Container): string => {
      const network = arena().spec.networks[0]?.name;
      return container.attachments.find((one) => one.network === network)?.address ?? "";
    };
    /** A container of each node on the overlay, and the way from the first to the second. */
    const opened = async () => {
      const { spec } = arena();
      const [node, other] = twoNodes(spec);
      const [here, there] = [await connections.to(node), await connections.to(other)];
      const [from, to] = [await onOverlay(here, spec), await onOverlay(there, spec)];
      const way: WayAsked = { container: from.id, address: addressOf(to), name: to.name };
      return { here: probesOf(here), there: probesOf(there), from, to, way, wire: other.ssh.host };
    };
    const nothing = { ways: [], nodes: [], port: undefined };

    test("come back small and full-size, by name and address, and from the other node itself", async () => {
      const { here, way, wire } = await opened();
      const told = await until(arena().world.clock, "an answer of the other node", async () => {
        const probed = await value(here.probe({ ways: [way], nodes: [wire], port: 1 }, within));
        const isWell = /3 packets transmitted, 3 received/.test(probed.ways[0]?.printed.join(" ") ?? "");
        // The first packet of a way that nobody used before may be lost while its neighbour is asked for.
        return isWell && probed.ways[0]?.full.echo.state === "ok" ? probed : undefined;
      });
      expect(told.ways).toMatchObject([
        { life: "running", full: { bytes: 1450, echo: { state: "ok" } }, name: { state: "right" } },
      ]);
      expect(told.ways[0]?.port).toEqual({ state: "closed" });
      expect(told.ways[0]?.printed.join(" ")).toMatch(/3 packets transmitted, 3 received/);
      expect(told.nodes).toMatchObject([{ small: { state: "ok" }, full: { bytes: 1500, echo: { state: "ok" } } }]);
    });

    test("tell of each way in the order of what was asked, and of an address that nobody has", async () => {
      const { here, way, from } = await opened();
      const unused = { container: from.id, address: way.address.replace(/\d+$/, "250"), name: undefined };
      const unknown = { container: asContainerId("f".repeat(64)) ?? from.id, address: way.address, name: undefined };
      const { ways } = await value(here.probe({ ...nothing, ways: [unused, way, unknown] }, within));
      expect(ways.map((one) => one.small.state)).toEqual(["unreachable", "ok", "not tried"]);
      expect(ways[0]?.name.state).toBe("not tried");
      expect(ways[2]?.life).toBe("stopped");
    });

    test("are counted where they arrive", async () => {
      const { here, there, way, to } = await opened();
      const count = async () => (await value(there.echoesReceived([to.id], within))).get(to.id) ?? Number.NaN;
      const before = await count();
      await value(here.probe({ ...nothing, ways: [way] }, within));
      expect(await count()).toBeGreaterThanOrEqual(before + 3);
    });

    test("get no answer over a link that is cut, neither on the overlay nor below it", async () => {
      const { here, way, wire } = await opened();
      const { hands, spec, world } = arena();
      const [, other] = twoNodes(spec);
      await hands.cutLink(other.name);
      try {
        const told = await value(here.probe({ ways: [way], nodes: [wire], port: undefined }, within));
        for (const one of [...told.ways, ...told.nodes]) {
          expect(["no answer", "unreachable"]).toContain(one.small.state);
        }
      } finally {
        await hands.mendLink(other.name);
      }
      await until(world.clock, "an answer again", async () => {
        const told = await value(here.probe({ ...nothing, ways: [way] }, within));
        return told.ways[0]?.small.state === "ok";
      });
    });
  });
}
