import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EngineEvent } from "../../src/domain/engine.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Engine } from "../../src/ports/engine.ts";
import { type Arena, Connections, pass, twoNodes, until, value, within } from "./arena.ts";

/** What an engine's events promise. */
export function eventsContract(arena: () => Arena): void {
  describe("the events of an engine", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    /** Listens from now, or from `since` on. */
    async function listen(engine: Engine, since?: string) {
      const heard: EngineEvent[] = [];
      const ends: Trouble[] = [];
      let opened = 0;
      const stream = engine.events(since, {
        opened: () => opened++,
        event: (event) => heard.push(event),
        ended: (trouble) => ends.push(trouble),
      });
      await until(arena().world.clock, "the stream is open", () => opened > 0);
      expect(opened).toBe(1);
      const find = (type: string, action: string, of: string) =>
        heard.find((one) => one.type === type && one.action === action && (one.id === of || one.container === of));
      return { heard, ends, stream, find };
    }

    test("tell of a container behind the program's back, from its creation to its end, by its full id and name", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { engine } = await connections.to(node);
      const { heard, find } = await listen(engine);
      const id = await hands.runContainer(node.name, "passer-by");
      await until(world.clock, "its start is told", () => find("container", "start", id));
      const row = await value(engine.container(id, within));
      expect(row).toMatchObject({ id, name: "passer-by", state: "running", node: node.name });
      await hands.removeContainer(node.name, "passer-by");
      await until(world.clock, "its end is told", () => find("container", "destroy", id));
      expect(await value(engine.container(id, within))).toBeUndefined();
      const told = (type: string) =>
        heard.flatMap((one) => (one.type === type && [one.id, one.container].includes(id) ? [one.action] : []));
      expect(told("container")).toEqual(["create", "start", "kill", "die", "destroy"]);
      expect(told("network")).toEqual(["connect", "disconnect"]);
      for (const event of heard) if (event.id === id) expect(event.name).toBe("passer-by");
      const joined = find("network", "connect", id);
      expect(joined).toMatchObject({ name: spec.networks[0]?.name, container: id });
    });

    test("carry the engine's time, which never runs backwards", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { engine } = await connections.to(node);
      const { heard, find } = await listen(engine);
      const id = await hands.runContainer(node.name, "timed");
      await hands.removeContainer(node.name, "timed");
      await until(world.clock, "its end is told", () => find("container", "destroy", id));
      const times = heard.map((one) => BigInt(one.timeNano));
      expect(times.length).toBeGreaterThan(3);
      for (const [at, time] of times.entries()) if (at > 0) expect(time >= (times[at - 1] ?? 0n)).toBe(true);
      // Nanoseconds since 1970, within an hour of ours.
      expect(Math.abs(Number(times[0]) / 1e6 - world.clock.now())).toBeLessThan(3_600_000);
    });

    test("that were missed come again with since, the one named included, and those before it do not", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { engine } = await connections.to(node);
      const first = await listen(engine);
      const seen = await hands.runContainer(node.name, "seen");
      const start = await until(world.clock, "its start is told", () => first.find("container", "start", seen));
      const before = first.find("container", "create", seen);
      expect(before).toBeDefined();
      first.stream.close();
      const missed = await hands.runContainer(node.name, "missed");
      const again = await listen(engine, start.timeNano);
      await until(world.clock, "what was missed is told", () => again.find("container", "start", missed));
      expect(again.heard).toContainEqual(start);
      expect(again.heard).not.toContainEqual(before);
      await hands.removeContainer(node.name, "seen");
      await hands.removeContainer(node.name, "missed");
      await until(world.clock, "the stream goes on", () => again.find("container", "destroy", missed));
    });

    test("are not told any more once the stream is closed", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { engine } = await connections.to(node);
      const closed = await listen(engine);
      const open = await listen(engine);
      closed.stream.close();
      const id = await hands.runContainer(node.name, "unheard");
      await hands.removeContainer(node.name, "unheard");
      await until(world.clock, "the open stream tells", () => open.find("container", "destroy", id));
      await pass(world.clock, 200);
      expect(closed.heard).toEqual([]);
      expect(closed.ends).toEqual([]);
    });
  });
}
