import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asContainerId, type ContainerId } from "../../src/domain/ids.ts";
import type { LogLine } from "../../src/domain/logs/line.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { LogStart, Logs } from "../../src/ports/logs.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { type Arena, Connections, twoNodes, until, value, within } from "./arena.ts";
import { idle } from "./container-changes.contract.ts";

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** What the logs of a node promise. */
export function logsContract(arena: () => Arena): void {
  describe("the logs of a node", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    function follow(logs: Logs, id: ContainerId, start: LogStart = { tail: 10 }) {
      const lines: LogLine[] = [];
      const ends: (Trouble | undefined)[] = [];
      const stream = logs.follow(id, start, { lines: (all) => lines.push(...all), ended: (one) => ends.push(one) });
      return { lines, ends, stream };
    }
    const wordsOf = (lines: readonly LogLine[]): string[] => lines.map((one) => one.words);

    /** A container that writes two lines and goes on. */
    const writer = idle("log-writer", { command: ["sh", "-c", "echo first; sleep 2; echo second; sleep 3600"] });

    /** Such a container, which is removed when the work with it is done. */
    async function withWriter(work: (access: NodeAccess, id: ContainerId) => Promise<void>): Promise<void> {
      const access = await connections.to(twoNodes(arena().spec)[1]);
      const { engine } = access.control;
      const id = await value(engine.createContainer(writer, within));
      try {
        await value(engine.startContainer(id, within));
        await work(access, id);
      } finally {
        await engine.removeContainer(id, { force: true, volumes: true }, within);
      }
    }

    test("tell a container's lines as they are written, each with its time, and end with the container", async () => {
      const { world } = arena();
      await withWriter(async ({ logs, control }, id) => {
        const { lines, ends } = follow(logs, id);
        await until(world.clock, "the second line", () => lines.length >= 2);
        expect(ends).toEqual([]);
        await value(control.engine.killContainer(id, "SIGKILL", within));
        await until(world.clock, "the log has ended", () => ends.length > 0);
        expect(ends).toEqual([undefined]);
        expect(lines).toMatchObject([
          { words: "first", from: "stdout", at: expect.stringMatching(stamp) },
          { words: "second", from: "stdout", at: expect.stringMatching(stamp) },
        ]);
        const [first = 0, second = 0] = lines.map((one) => Date.parse(one.at));
        expect(second - first).toBeGreaterThanOrEqual(1900);
      });
    });

    test("keep what was written when the container has ended, and when it is started again", async () => {
      const { world } = arena();
      await withWriter(async ({ logs, control }, id) => {
        const alive = follow(logs, id);
        await until(world.clock, "the second line", () => alive.lines.length >= 2);
        await value(control.engine.killContainer(id, "SIGKILL", within));
        await until(world.clock, "the log has ended", () => alive.ends.length > 0);
        const dead = follow(logs, id);
        await until(world.clock, "the log of the dead has ended", () => dead.ends.length > 0);
        expect(dead.ends).toEqual([undefined]);
        expect(dead.lines).toEqual(alive.lines);

        await value(control.engine.startContainer(id, within));
        const again = follow(logs, id);
        await until(world.clock, "both lives", () => again.lines.length >= 4);
        again.stream.close();
        expect(wordsOf(again.lines)).toEqual(["first", "second", "first", "second"]);
        expect(again.lines.slice(0, 2)).toEqual(alive.lines);
      });
    });

    test("begin with as many lines as were asked for, or with a moment, that one included", async () => {
      const { world } = arena();
      await withWriter(async ({ logs }, id) => {
        const all = follow(logs, id);
        await until(world.clock, "the second line", () => all.lines.length >= 2);
        const last = follow(logs, id, { tail: 1 });
        await until(world.clock, "the last line", () => last.lines.length > 0);
        expect(last.lines).toEqual(all.lines.slice(-1));
        const since = follow(logs, id, { since: all.lines[1]?.at ?? "" });
        await until(world.clock, "the lines of that moment", () => since.lines.length > 0);
        expect(since.lines).toEqual(all.lines.slice(-1));
        for (const { stream } of [all, last, since]) stream.close();
      });
    });

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

    test("of the engine go on behind a cursor: with what was said since, and no line twice", async () => {
      const { spec, world } = arena();
      const { logs, control } = await connections.to(twoNodes(spec)[0]);
      const first = await value(logs.journal({ tail: 5 }, within));
      expect(first.lines.length).toBeLessThanOrEqual(5);
      const lines = [...first.lines];
      let { cursor } = first;
      if (cursor === undefined) throw new Error("the contract needs an engine that has said something");
      await value(control.services.reloadEngine(within));
      await until(world.clock, "the engine's word of its reload", async () => {
        const page = await value(logs.journal({ cursor: cursor ?? "" }, within));
        lines.push(...page.lines);
        cursor = page.cursor;
        return lines.slice(first.lines.length).some((one) => /reload/i.test(one.words));
      });
      expect(lines.map((one) => one.at)).toEqual(lines.map((one) => one.at).sort());
      const rest = await value(logs.journal({ cursor: cursor ?? "" }, within));
      const begin = { since: lines[0]?.at ?? "" };
      const atOnce = await value(logs.journal(begin, within));
      const told = [...lines, ...rest.lines];
      // Journals look for whole seconds: what was said earlier in the same one may stand before.
      const from = atOnce.lines.findIndex((one) => one.at === lines[0]?.at && one.words === lines[0]?.words);
      expect(atOnce.lines.slice(from, from + told.length)).toEqual(told);
    });
  });
}
