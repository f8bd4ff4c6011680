import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Reach, ReachAsked } from "../../src/domain/plan/survey.ts";
import { run } from "../lock-holder.ts";
import { type Arena, Connections, twoNodes, until, value, within } from "./arena.ts";

/** What planning is told of a node that stands in a cluster, of an external store or of a swarm. */
export function surveyContract(arena: () => Arena): void {
  describe("a survey", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("tells the configuration as the host and its files do, and that files can be made beside it", async () => {
      const access = await connections.to(twoNodes(arena().spec)[0]);
      const control = access.control;
      const seen = await value(control.survey([], within));
      expect(seen.sources).toEqual(await value(access.host.daemonSources(within)));
      const file = await value(control.files.read(seen.daemonJson.path, within));
      expect(file === "absent" ? undefined : file.sha256).toBe(seen.daemonJson.sha256);
      expect(seen.daemonJson.path).toBe("/etc/docker/daemon.json");
      expect(seen.writable).toEqual({ ok: true });
      expect(seen.freeBytes).toBeGreaterThan(0);
      if (arena().spec.store === undefined) expect(seen.storeDrivers).toEqual([]);
      else expect(seen.storeDrivers).toContain("consul");
      expect(seen.reach).toEqual([]);
    });

    test("tells the sockets of the store or the swarm's manager and of the gossip, as asking for them alone does", async () => {
      const { spec } = arena();
      const [node] = twoNodes(spec);
      const control = (await connections.to(node)).control;
      const meets = spec.store?.port ?? 2377;
      const { listening } = await value(control.survey([], within));
      const ports = (protocol: "tcp" | "udp") =>
        listening.filter((one) => one.protocol === protocol).map(({ port }) => port);
      expect(ports("tcp")).toEqual(expect.arrayContaining([7946, meets]));
      expect(ports("udp")).toEqual(expect.arrayContaining([7946]));
      expect(listening).toContainEqual({
        protocol: "tcp",
        // A swarm's gossip listens everywhere, a store's on the address that is advertised.
        address: spec.store === undefined ? "::" : node.ssh.host,
        port: 7946,
        process: "dockerd",
      });
      const alone = await value(control.listening(within));
      expect(alone).toEqual(expect.arrayContaining(listening.filter(({ port }) => port === 7946 || port === meets)));
    });

    test("tells the run that works on the node, as long as it has the lock", async () => {
      const { control } = await connections.to(twoNodes(arena().spec)[0]);
      const lockedBy = async () => (await value(control.survey([], within))).lockedBy;
      expect(await lockedBy()).toBeUndefined();
      expect(await value(control.lock.take(run("one"), within))).toEqual({ state: "held" });
      expect(await lockedBy()).toEqual({ ...run("one"), idleMs: expect.any(Number) });
      await value(control.lock.release(run("one"), within));
      expect(await lockedBy()).toBeUndefined();
    });

    test("tells whether ports of another node answer: those that listen, and those that say that nothing does", async () => {
      const { hands, spec, world } = arena();
      const [node, other] = twoNodes(spec);
      const control = (await connections.to(node)).control;
      const port = (protocol: "tcp" | "udp", number: number): ReachAsked => ({
        node: other.name,
        address: other.ssh.host,
        protocol,
        port: number,
      });
      const asked = [port("tcp", 7946), port("tcp", 81), port("udp", 82)];
      const allAnswer = (seen: readonly Reach[]) =>
        asked.every(({ port, protocol }) =>
          seen.some((it) => it.port === port && it.protocol === protocol && it.result === "answered"),
        );
      // A kernel tells of closed ports when it has time for it.
      await until(world.clock, "the survey has an answer of all three", async () =>
        allAnswer((await value(control.survey(asked, within))).reach),
      );
      await until(world.clock, "all three answer", async () => allAnswer(await control.reaches(asked, within)));
      await hands.cutLink(other.name);
      try {
        const lost = await value(control.survey(asked, within));
        for (const one of lost.reach) expect(["silent", "rejected"]).toContain(one.result);
      } finally {
        await hands.mendLink(other.name);
      }
    });
  });
}
