import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../lock-holder.ts";
import { type Arena, Connections, pass, twoNodes, value, within } from "./arena.ts";

/** What the lock of a node promises. */
export function nodeLockContract(arena: () => Arena): void {
  describe("a node's lock", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("is held by one run at a time, told to the others, and free once it is released", async () => {
      const node = twoNodes(arena().spec)[0];
      const [first, second] = [(await connections.to(node)).control.lock, (await connections.to(node)).control.lock];
      const taken = await Promise.all([first.take(run("one"), within), second.take(run("two"), within)]);
      const states = await Promise.all(taken.map(value));
      expect(states.map(({ state }) => state).sort()).toEqual(["busy", "held"]);
      const [winner, loser] = states[0]?.state === "held" ? ["one", "two"] : ["two", "one"];
      expect(states.find(({ state }) => state === "busy")).toMatchObject({ by: run(winner) });
      await value(second.release(run(loser), within));
      expect(await value(second.take(run(loser), within))).toMatchObject({ state: "busy" });
      await value(first.release(run(winner), within));
      expect(await value(second.take(run(loser), within))).toEqual({ state: "held" });
      await value(second.release(run(loser), within));
    });

    test("tells since when it was not renewed, and is taken away from the named run only", async () => {
      const { world, spec } = arena();
      const { lock } = (await connections.to(twoNodes(spec)[0])).control;
      const idle = async () => {
        const seen = await value(lock.take(run("other"), within));
        return seen.state === "busy" ? seen.by.idleMs : Number.NaN;
      };
      expect(await value(lock.take(run("one"), within))).toEqual({ state: "held" });
      await pass(world.clock, 3000);
      const waited = await idle();
      expect(waited).toBeGreaterThanOrEqual(3000);
      expect(await value(lock.take(run("one"), within))).toEqual({ state: "held" });
      expect(await idle()).toBeLessThan(waited);
      await value(lock.break("two", within));
      expect(await idle()).toBeGreaterThanOrEqual(0);
      await value(lock.break("one", within));
      expect(await value(lock.take(run("other"), within))).toEqual({ state: "held" });
      await value(lock.release(run("other"), within));
    });

    test("is a node's own: that of another node is free", async () => {
      const [one, other] = await Promise.all(twoNodes(arena().spec).map((node) => connections.to(node)));
      if (one === undefined || other === undefined) throw new Error("the contract needs two nodes");
      const locks = [one.control.lock, other.control.lock];
      const runs = [run("one"), run("two")];
      const states = await Promise.all(locks.map((lock, index) => value(lock.take(runs[index] ?? run(""), within))));
      expect(states).toEqual([{ state: "held" }, { state: "held" }]);
      await Promise.all(locks.map((lock, index) => value(lock.release(runs[index] ?? run(""), within))));
    });
  });
}
