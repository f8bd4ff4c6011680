import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Arena, Connections, twoNodes, value, within } from "./arena.ts";

/** What the machine under an engine tells. */
export function hostContract(arena: () => Arena): void {
  describe("a host", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("tells its name, its system and its machine-id, which no other node has", async () => {
      const ids = new Set<string>();
      for (const { host, link } of (await connections.toAll()).values()) {
        const facts = await value(host.facts(within));
        expect(facts.hostname).toBe(link.node);
        expect(facts.kernel).toMatch(/^\d+\.\d+/);
        expect(facts.os).toContain("Debian");
        expect(facts.machineId).toMatch(/^[0-9a-f]{32}$/);
        ids.add(facts.machineId);
      }
      expect(ids.size).toBe(arena().spec.nodes.length);
    });

    test("tells the interface that the spec names, with its address, MAC and MTU, and that it is up", async () => {
      const [node] = twoNodes(arena().spec);
      const { host } = await connections.to(node);
      const facts = await value(host.facts(within));
      const found = facts.interfaces.find((one) => one.name === node.advertise);
      expect(found).toMatchObject({
        up: true,
        mtu: 1500,
        mac: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
      });
      expect(found?.addresses).toContain(`${node.ssh.host}/24`);
      const loopback = facts.interfaces.find((one) => one.name === "lo");
      expect(loopback?.addresses).toContain("127.0.0.1/8");
      expect(facts.interfaces.find((one) => one.name === "docker0")?.addresses).toContain("172.17.0.1/16");
      expect(facts.routes).toContainEqual({ destination: "192.168.44.0/24", device: node.advertise });
    });

    test("tells how far its clock is from ours, no surer than a round trip allows", async () => {
      const { host } = await connections.to(twoNodes(arena().spec)[0]);
      const facts = await value(host.facts(within));
      expect(Math.abs(facts.clockDifferenceMs)).toBeLessThan(5000);
      expect(facts.clockUncertaintyMs).toBeGreaterThan(0);
    });

    test("tells that its engine runs, since when, and that no tool is missing", async () => {
      const { world, spec } = arena();
      const { host } = await connections.to(twoNodes(spec)[0]);
      const facts = await value(host.facts(within));
      expect(facts.dockerUnit).toBe("active");
      expect(facts.dockerd?.pid).toBeGreaterThan(1);
      expect(facts.dockerd?.startedAt).toBeLessThanOrEqual(world.clock.now() + 5000);
      expect(facts.missingTools).toEqual([]);
      expect(await value(host.engineService(within))).toEqual({ state: "running", detail: "active (running)" });
    });

    test("gives everything that decides dockerd's configuration: unit, environment, daemon.json, arguments", async () => {
      const { host } = await connections.to(twoNodes(arena().spec)[0]);
      const sources = await value(host.daemonSources(within));
      expect(sources.unitFiles[0]?.path).toMatch(/\/docker\.service$/);
      expect(sources.unitFiles[0]?.content).toMatch(/^ExecStart=\/usr\/s?bin\/dockerd/m);
      expect(sources.daemonJson?.path).toBe("/etc/docker/daemon.json");
      expect(() => JSON.parse(sources.daemonJson?.content ?? "")).not.toThrow();
      expect(sources.process?.pid).toBe((await value(host.facts(within))).dockerd?.pid);
      expect(sources.process?.argv[0]).toMatch(/dockerd$/);
      expect(sources.process?.argv).toContain("fd://");
    });
  });
}
