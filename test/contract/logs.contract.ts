import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asContainerId } from "../../src/domain/ids.ts";
import type { LogLine } from "../../src/domain/logs/line.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Logs } from "../../src/ports/logs.ts";
import { type Arena, Connections, twoNodes, until, value, within } from "./arena.ts";

/** What the logs of a node promise. */
export function logsContract(arena: () => Arena): void {
  describe("the logs of a node", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    function follow(logs: Logs, id: Parameters<Logs["follow"]>[0]) {
      const lines: LogLine[] = [];
      const ends: (Trouble | undefined)[] = [];
      const stream = logs.follow(
        id,
        { tail: 10 },
        { lines: (all) => lines.push(...all), ended: (one) => ends.push(one) },
      );
      return { lines, ends, stream };
    }

    test("end, without a trouble, when the container is stopped", async () => {
      const { spec, world, hands } = arena();
      const [, node] = twoNodes(spec);
      const { logs } = await connections.to(node);
      const id = await hands.runContainer(node.name, "log-writer");
      const { ends } = follow(logs, id);
      await hands.stopContainer(node.name, "log-writer");
      await until(world.clock, "the log has ended", () => ends.length > 0);
      expect(ends).toEqual([undefined]);
      await hands.removeContainer(node.name, "log-writer");
    });

    test("of a container that nobody knows are refused with 404", async () => {
      const { spec, world } = arena();
      const [node] = twoNodes(spec);
      const { logs } = await connections.to(node);
      const nobody = asContainerId("0".repeat(64)) ?? expect.fail("an id");
      const { ends } = follow(logs, nobody);
      await until(world.clock, "the log has ended", () => ends.length > 0);
      expect(ends).toMatchObject([{ kind: "engine-refused", status: 404 }]);
    });

    test("of the engine go on behind a cursor, and give no line twice", async () => {
      const { spec } = arena();
      const [node] = twoNodes(spec);
      const { logs } = await connections.to(node);
      const first = await value(logs.journal({ tail: 5 }, within));
      expect(first.lines.length).toBeLessThanOrEqual(5);
      if (first.cursor === undefined) return;
      const again = await value(logs.journal({ cursor: first.cursor }, within));
      const told = new Set(first.lines.map((line) => `${line.at} ${line.words}`));
      expect(again.lines.filter((line) => told.has(`${line.at} ${line.words}`))).toEqual([]);
    });
  });
}
