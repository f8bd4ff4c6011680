import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LinkState } from "../../src/domain/link.ts";
import { isUp } from "../../src/domain/link.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Question } from "../../src/ports/prompter.ts";
import { type Arena, Connections, pass, twoNodes, until, value, within } from "./arena.ts";

/** What a link promises. */
export function linkContract(arena: () => Arena): void {
  describe("a link", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    test("connects by itself, tells every change of its state, and how long a round trip takes", async () => {
      const { spec, world } = arena();
      const [node] = twoNodes(spec);
      const { link } = connections.begin(node);
      const told: LinkState[] = [link.state];
      link.onState((state) => told.push(state));
      await until(world.clock, "live", () => isUp(link.state));
      expect(told.map((one) => one.state)).toEqual(["connecting", "live"]);
      expect(told[1]).toBe(link.state);
      expect(link.state).toMatchObject({ roundTripMs: expect.any(Number) });
      expect(link.node).toBe(node.name);
    });

    test("stays up when asked to try again while it is up", async () => {
      const { link } = await connections.to(twoNodes(arena().spec)[0]);
      const before = link.state;
      link.retryNow();
      expect(link.state).toBe(before);
    });

    test("once closed is closed for good, and nothing can be asked over it", async () => {
      const access = await connections.to(twoNodes(arena().spec)[0]);
      await access.link.close();
      expect(access.link.state.state).toBe("closed");
      access.link.retryNow();
      expect(access.link.state.state).toBe("closed");
      expect(await access.engine.ping(within)).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
      expect(await access.host.facts(within)).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
    });

    test("does not call a listener that has gone", async () => {
      const { link } = await connections.to(twoNodes(arena().spec)[0]);
      let calls = 0;
      const unlisten = link.onState(() => calls++);
      unlisten();
      await link.close();
      expect(calls).toBe(0);
    });

    test("that is cut lets calls time out, is then lost and says when it tries again, and comes back by itself", async () => {
      const { spec, world, hands } = arena();
      const [first, second] = twoNodes(spec);
      const kept = await connections.to(first);
      const cut = await connections.to(second);
      const ends: Trouble[] = [];
      let opened = false;
      cut.engine.events(undefined, {
        opened: () => {
          opened = true;
        },
        event: () => {},
        ended: (trouble) => ends.push(trouble),
      });
      await until(world.clock, "the event stream is open", () => opened);
      await hands.cutLink(second.name);
      try {
        expect(await cut.engine.ping({ ms: 700 })).toMatchObject({ ok: false, trouble: { kind: "timed-out" } });
        const hanging = cut.engine.containers({ ms: 300_000 });
        const lost = await until(
          world.clock,
          "the cut link is lost",
          () => (cut.link.state.state === "lost" ? cut.link.state : undefined),
          90_000,
        );
        expect(lost.retryAt).toBeGreaterThan(lost.since);
        expect(await hanging).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
        expect(await cut.engine.ping(within)).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
        expect(ends).toMatchObject([{ kind: "connection-lost" }]);
        await value(kept.engine.ping(within));
        // It does not stop trying: a failed attempt is followed by another.
        const again = await until(
          world.clock,
          "another attempt",
          () => (cut.link.state.state === "connecting" ? cut.link.state : undefined),
          90_000,
        );
        expect(again.after).toEqual(lost.trouble);
        await until(world.clock, "it failed", () => cut.link.state.state === "lost", 90_000);
      } finally {
        await hands.mendLink(second.name);
      }
      await until(world.clock, "the link is up again", () => isUp(cut.link.state), 120_000);
      await value(cut.engine.ping(within));
      expect(ends).toHaveLength(1);
    });

    test("to a host whose key is unknown asks; when refused it waits for a person, and can be accepted then", async () => {
      const { spec, world, hands } = arena();
      const [, second] = twoNodes(spec);
      const asked: Question[] = [];
      let answer: "refuse" | "accept-once" = "refuse";
      const stranger = await hands.unknownHostKey(second);
      try {
        const { link } = connections.begin(stranger, {
          ask: async (question) => {
            asked.push(question);
            return { kind: answer };
          },
        });
        await until(world.clock, "refused", () => link.state.state === "refused");
        expect(asked).toMatchObject([{ kind: "host-key", node: second.name, host: second.ssh.host }]);
        const fingerprint = asked[0]?.kind === "host-key" ? asked[0].fingerprint : undefined;
        expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
        expect(link.state).toMatchObject({ trouble: { kind: "host-key-unknown", fingerprint } });
        await pass(world.clock, 3000);
        expect(link.state.state).toBe("refused");
        answer = "accept-once";
        link.retryNow();
        await until(world.clock, "live", () => isUp(link.state));
        expect(asked).toHaveLength(2);
      } finally {
        await hands.restoreAccess(second);
      }
    });

    test("to a host whose key has changed is refused, and nobody is asked", async () => {
      const { spec, world, hands } = arena();
      const [, second] = twoNodes(spec);
      const other = await hands.changedHostKey(second);
      let asked = 0;
      try {
        const { link } = connections.begin(other, {
          ask: async () => {
            asked++;
            return { kind: "accept-once" };
          },
        });
        await until(world.clock, "refused", () => link.state.state === "refused");
        expect(link.state).toMatchObject({ trouble: { kind: "host-key-changed", host: second.ssh.host } });
        expect(asked).toBe(0);
      } finally {
        await hands.restoreAccess(second);
      }
    });

    test("that may not log in is refused, is not tried again by itself, and says who tried", async () => {
      const { spec, world, hands } = arena();
      const [, second] = twoNodes(spec);
      const stranger = await hands.wrongKey(second);
      try {
        const { link, engine } = connections.begin(stranger);
        const states: string[] = [];
        link.onState((state) => states.push(state.state));
        await until(world.clock, "refused", () => link.state.state === "refused");
        expect(link.state).toMatchObject({ trouble: { kind: "authentication-failed", user: "root" } });
        await pass(world.clock, 5000);
        expect(states).toEqual(["refused"]);
        expect(await engine.ping(within)).toMatchObject({ ok: false });
      } finally {
        await hands.restoreAccess(second);
      }
    });
  });
}
