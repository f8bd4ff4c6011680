import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Arena, Connections, onOverlay, pass, twoNodes, until, value, within } from "./arena.ts";

/** What whoever starts and stops an engine promises. */
export function serviceManagerContract(arena: () => Arena): void {
  describe("an engine's service", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("reads its configuration anew in the same process, says so, and no container stops", async () => {
      const { world, spec } = arena();
      const access = await connections.to(twoNodes(spec)[1]);
      const { services } = access.control;
      const pid = (await value(access.host.facts(within))).dockerd?.pid;
      const { id } = await onOverlay(access, spec);
      await pass(world.clock, 1000);
      const began = world.clock.now();
      await value(services.reloadEngine(within));
      await until(world.clock, "the engine's word", async () =>
        (await value(services.engineLog(began, 50, within))).some((line) => /reload/i.test(line)),
      );
      expect((await value(access.host.facts(within))).dockerd?.pid).toBe(pid);
      expect((await onOverlay(access, spec)).id).toBe(id);
    });

    test("that is stopped cannot be reloaded; with a broken daemon.json it does not start and says why; mended it starts", async () => {
      const { hands, spec, world } = arena();
      const node = twoNodes(spec)[1];
      const access = await connections.to(node);
      const { services, files } = access.control;
      const { daemonJson } = await value(access.host.daemonSources(within));
      const path = daemonJson?.path ?? "/etc/docker/daemon.json";
      const before = await value(files.read(path, within));
      const long = { ms: 90_000 };
      await hands.stopEngine(node.name);
      try {
        expect(await services.reloadEngine(within)).toMatchObject({ ok: false, trouble: { kind: "docker-stopped" } });
        await value(files.write({ path, replaces: before, content: "{ broken", mode: 0o644 }, within));
        expect(await services.restartEngine(long)).toMatchObject({
          ok: false,
          trouble: { kind: "docker-stopped", detail: expect.stringContaining(path) },
        });
        const broken = await value(files.read(path, within));
        const content = before === "absent" ? "removed" : before.content;
        await value(files.write({ path, replaces: broken, content, mode: 0o644 }, within));
        await value(services.restartEngine(long));
        await until(world.clock, "the engine answers", async () => (await access.engine.ping(within)).ok);
      } finally {
        await hands.startEngine(node.name);
      }
    });
  });
}
