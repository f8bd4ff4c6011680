import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Usage } from "../../src/domain/engine.ts";
import { asContainerId } from "../../src/domain/ids.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import { type Arena, Connections, onOverlay, twoNodes, until, value, within } from "./arena.ts";

/** What the engine of a node promises when it is asked, in either flavour. */
export function engineContract(arena: () => Arena): void {
  describe("an engine", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("tells its version, its API, its host's name and how many containers run", async () => {
      const [node] = twoNodes(arena().spec);
      const { engine } = await connections.to(node);
      const info = await value(engine.info(within));
      expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
      expect(info.apiVersion).toMatch(/^1\.\d+$/);
      expect(info.hostname).toBe(node.name);
      expect(info.cpus).toBeGreaterThan(0);
      expect(info.memoryBytes).toBeGreaterThan(2 ** 20);
      const containers = await value(engine.containers(within));
      expect(info.containersRunning).toBe(containers.filter((one) => one.state === "running").length);
    });

    test("answers a ping with the time it took", async () => {
      const { engine } = await connections.to(twoNodes(arena().spec)[0]);
      expect(await value(engine.ping(within))).toBeGreaterThanOrEqual(0);
    });

    test("lists what runs, with the node, the full id, and the address and MAC on the overlay", async () => {
      const { spec, world } = arena();
      const network = spec.networks[0];
      for (const [name, access] of await connections.toAll()) {
        const container = await onOverlay(access, spec);
        expect(container.node).toBe(name);
        expect(container.id).toMatch(/^[0-9a-f]{64}$/);
        expect(container.status).toMatch(/^Up /);
        expect(container.startedAt).toBeLessThanOrEqual(world.clock.now());
        expect(container.exitCode).toBeUndefined();
        const place = container.attachments.find((one) => one.network === network?.name);
        expect(place?.address).toMatch(/^10\.10\.10\.\d+$/);
        const bytes = (place?.address ?? "").split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
        expect(place?.mac).toBe(`02:42:${bytes.join(":")}`);
        const networks = await value(access.engine.networks(within));
        expect(networks.find((one) => one.id === place?.networkId)?.name).toBe(network?.name);
      }
    });

    test("gives no two containers of the cluster the same overlay address", async () => {
      const { spec } = arena();
      const network = spec.networks[0]?.name;
      const addresses: unknown[] = [];
      for (const { engine } of (await connections.toAll()).values()) {
        for (const container of await value(engine.containers(within))) {
          for (const place of container.attachments) if (place.network === network) addresses.push(place.address);
        }
      }
      expect(addresses.length).toBeGreaterThanOrEqual(spec.nodes.length);
      expect(new Set(addresses).size).toBe(addresses.length);
    });

    test("gives one container as its list does, and nothing for one that is gone", async () => {
      const { spec } = arena();
      const access = await connections.to(twoNodes(spec)[0]);
      const listed = await onOverlay(access, spec);
      const one = await value(access.engine.container(listed.id, within));
      expect(one).toMatchObject({ id: listed.id, name: listed.name, attachments: listed.attachments });
      const nobody = asContainerId("0123456789abcdef".repeat(4));
      if (nobody === undefined) throw new Error("64 hex digits are an id");
      expect(await access.engine.container(nobody, within)).toEqual({ ok: true, value: undefined });
    });

    test("lists the overlay on every node that uses it with one id and its subnet", async () => {
      const { spec } = arena();
      const wanted = spec.networks[0];
      const ids = new Set<string>();
      for (const { engine, link } of (await connections.toAll()).values()) {
        const network = (await value(engine.networks(within))).find((one) => one.name === wanted?.name);
        expect(network).toMatchObject({ node: link.node, driver: "overlay", internal: false, encrypted: false });
        expect(network?.subnets).toMatchObject([{ subnet: wanted?.subnet }]);
        ids.add(network?.id ?? "none");
      }
      expect(ids.size).toBe(1);
    });

    test("has its own bridge beside the overlay, and the one that overlays leave the host by", async () => {
      const { engine } = await connections.to(twoNodes(arena().spec)[0]);
      const networks = await value(engine.networks(within));
      const kinds = networks.map((one) => `${one.name} ${one.driver} ${one.scope}`);
      expect(kinds).toEqual(
        expect.arrayContaining([
          "bridge bridge local",
          "docker_gwbridge bridge local",
          "host host local",
          "none null local",
        ]),
      );
      expect(networks.find((one) => one.name === "bridge")?.subnets).toMatchObject([{ subnet: "172.17.0.0/16" }]);
      expect(networks.find((one) => one.name === "host")?.subnets).toEqual([]);
    });

    test("measures memory at once, and CPU from the second sample on", async () => {
      const { spec, world } = arena();
      const access = await connections.to(twoNodes(spec)[0]);
      const container = await onOverlay(access, spec);
      const samples: Usage[] = [];
      const stream = access.engine.usage(container.id, {
        usage: (usage) => samples.push(usage),
        ended: (trouble) => {
          throw new Error(JSON.stringify(trouble));
        },
      });
      await until(world.clock, "three samples", () => samples.length >= 3);
      stream.close();
      expect(samples[0]).toMatchObject({ cpuPercent: undefined });
      for (const sample of samples) expect(sample.memoryBytes).toBeGreaterThan(0);
      for (const sample of samples.slice(1)) expect(sample.cpuPercent).toBeGreaterThanOrEqual(0);
    });

    test("measures that a stopped container uses nothing, and ends the stream of one that is removed", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { engine } = await connections.to(node);
      const id = await hands.runContainer(node.name, "measured");
      const samples: Usage[] = [];
      const ends: Trouble[] = [];
      engine.usage(id, { usage: (usage) => samples.push(usage), ended: (trouble) => ends.push(trouble) });
      await until(world.clock, "it uses memory", () => (samples.at(-1)?.memoryBytes ?? 0) > 0);
      await hands.stopContainer(node.name, "measured");
      await until(world.clock, "it uses none", () => samples.at(-1)?.memoryBytes === 0);
      const stopped = await until(world.clock, "it is listed as exited", async () => {
        const one = await value(engine.container(id, within));
        return one?.state === "exited" && one;
      });
      expect(stopped).toMatchObject({
        startedAt: undefined,
        exitCode: 137,
        status: expect.stringMatching(/^Exited \(137\) .+ ago$/),
      });
      expect(ends).toEqual([]);
      await hands.removeContainer(node.name, "measured");
      await until(world.clock, "the stream ends", () => ends.length > 0);
      expect(ends).toMatchObject([{ kind: "connection-lost" }]);
    });

    test("keeps a stopped container's network in its list, without an address", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { engine } = await connections.to(node);
      const id = await hands.runContainer(node.name, "resting");
      await hands.stopContainer(node.name, "resting");
      // `docker stop` returns a moment before the list of engine 26.1 shows it.
      const places = await until(world.clock, "it has given its address back", async () => {
        const places = (await value(engine.container(id, within)))?.attachments;
        return places?.every((one) => one.address === undefined) ? places : undefined;
      });
      expect(places).toMatchObject([{ network: spec.networks[0]?.name, mac: undefined }]);
      await hands.removeContainer(node.name, "resting");
    });

    test("refuses to measure a container that is not there", async () => {
      const { spec, world } = arena();
      const access = await connections.to(twoNodes(spec)[0]);
      const nobody = asContainerId("0123456789abcdef".repeat(4));
      if (nobody === undefined) throw new Error("64 hex digits are an id");
      const ends: Trouble[] = [];
      access.engine.usage(nobody, { usage: () => {}, ended: (trouble) => ends.push(trouble) });
      await until(world.clock, "the stream ends", () => ends.length > 0);
      expect(ends).toMatchObject([{ kind: "engine-refused", status: 404 }]);
    });

    test("that is asked with a deadline that has passed says timed-out, and with a signal that was given says cancelled", async () => {
      const { engine, host } = await connections.to(twoNodes(arena().spec)[0]);
      expect(await engine.containers({ ms: 0 })).toMatchObject({
        ok: false,
        trouble: { kind: "timed-out", afterMs: 0 },
      });
      expect(await host.facts({ ms: 0 })).toMatchObject({ ok: false, trouble: { kind: "timed-out", afterMs: 0 } });
      const before = AbortSignal.abort();
      expect(await engine.networks({ ms: 10_000, signal: before })).toEqual({
        ok: false,
        trouble: { kind: "cancelled" },
      });
      const controller = new AbortController();
      const call = engine.info({ ms: 10_000, signal: controller.signal });
      const read = host.facts({ ms: 10_000, signal: controller.signal });
      controller.abort();
      expect(await call).toEqual({ ok: false, trouble: { kind: "cancelled" } });
      expect(await read).toEqual({ ok: false, trouble: { kind: "cancelled" } });
    });

    test("that is stopped ends its streams once, says so when it is asked, and answers again after its start", async () => {
      const { spec, world, hands } = arena();
      const [first, second] = twoNodes(spec);
      const other = await connections.to(first);
      const access = await connections.to(second);
      const ends: Trouble[] = [];
      let opened = false;
      access.engine.events(undefined, {
        opened: () => {
          opened = true;
        },
        event: () => {},
        ended: (trouble) => ends.push(trouble),
      });
      await until(world.clock, "the event stream is open", () => opened);
      expect(await value(access.host.engineService(within))).toMatchObject({ state: "running" });
      await hands.stopEngine(second.name);
      try {
        await until(world.clock, "the event stream has ended", () => ends.length > 0);
        expect(await access.engine.ping(within)).toMatchObject({ ok: false, trouble: { kind: "docker-stopped" } });
        expect(await access.engine.info(within)).toMatchObject({ ok: false, trouble: { kind: "docker-stopped" } });
        expect(await access.engine.containers(within)).toMatchObject({
          ok: false,
          trouble: { kind: "docker-stopped" },
        });
        expect(await value(access.host.engineService(within))).toMatchObject({ state: "stopped" });
        const facts = await value(access.host.facts(within));
        expect(facts).toMatchObject({ dockerUnit: "inactive", dockerd: undefined });
        expect((await value(access.host.daemonSources(within))).process).toBeUndefined();
        const late: Trouble[] = [];
        access.engine.events(undefined, { opened: () => {}, event: () => {}, ended: (trouble) => late.push(trouble) });
        await until(world.clock, "a stream of a stopped engine ends", () => late.length > 0);
        expect(late).toMatchObject([{ kind: "docker-stopped" }]);
        expect(access.link.state.state).toBe("live");
        await value(other.engine.ping(within));
      } finally {
        await hands.startEngine(second.name);
      }
      await until(world.clock, "the engine answers", async () => (await access.engine.ping(within)).ok, 60_000);
      await value(access.engine.containers(within));
      expect(ends).toHaveLength(1);
    });
  });
}
