import { expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import type { Container } from "../../src/domain/engine.ts";
import type { LinkState } from "../../src/domain/link.ts";
import type { Prompter, Question } from "../../src/ports/prompter.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { ManualClock } from "../manual-clock.ts";

const refuseAll: Prompter = { ask: async () => ({ kind: "refuse" }) };

function open(options: Partial<Parameters<typeof createDemo>[0]> = {}, prompter = refuseAll) {
  const clock = new ManualClock();
  const demo = createDemo({ nodes: 2, containersPerNode: 3, seed: 7, clock, ...options });
  const nodes = new Map(demo.spec.nodes.map((node) => [node.name, demo.node(node, demo.spec, prompter)]));
  const node = (name: string): NodeAccess => {
    const found = [...nodes].find(([one]) => one === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found[1];
  };
  /** The call's answer, after as much time as it may take. */
  const answer = async <T>(call: Promise<T>): Promise<T> => {
    await clock.advance(2000);
    return call;
  };
  return { clock, demo, nodes, node, answer };
}

/** The value of a good outcome. */
async function value<T>(outcome: Promise<{ ok: true; value: T } | { ok: false; trouble: unknown }>): Promise<T> {
  const settled = await outcome;
  if (!settled.ok) throw new Error(JSON.stringify(settled.trouble));
  return settled.value;
}

const minute = { ms: 60_000 };
const byName = (containers: readonly Container[], name: string): Container => {
  const found = containers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
};

test("the first nodes, addresses and containers are those of the classic procedure", async () => {
  const { demo, node, clock, answer } = open();
  await clock.advance(1000);
  expect(demo.spec.nodes.map((one) => [one.name, one.ssh.host])).toEqual([
    ["node103", "192.168.44.103"],
    ["node104", "192.168.44.104"],
  ]);
  const first = await value(answer(node("node103").engine.containers(minute)));
  expect(first.map((one) => one.name)).toEqual(["consul", "node2", "web-1", "web-2"]);
  const second = await value(answer(node("node104").engine.containers(minute)));
  expect(second.map((one) => one.name)).toEqual(["node1", "web-3", "web-4"]);
  expect(byName(first, "node2").attachments).toMatchObject([
    { network: "ov_net1", address: "10.10.10.2", mac: "02:42:0a:0a:0a:02" },
  ]);
});

test("the same seed tells the same story, another seed another", async () => {
  const story = async (seed: number) => {
    const { node, clock, answer } = open({ seed });
    await clock.advance(1000);
    return value(answer(node("node104").engine.containers(minute)));
  };
  const once = await story(7);
  expect(await story(7)).toEqual(once);
  expect((await story(8)).map((one) => one.id)).not.toEqual(once.map((one) => one.id));
});

test("an address that a container gives back is the next one given", async () => {
  const { demo, node, clock, answer } = open();
  await clock.advance(1000);
  const before = byName(await value(answer(node("node103").engine.containers(minute))), "web-1");
  demo.removeContainer("node103", "web-1");
  demo.startContainer("node104", "late");
  demo.startContainer("node104", "later");
  const after = await value(answer(node("node104").engine.containers(minute)));
  expect(byName(after, "late").attachments[0]?.address).toBe(before.attachments[0]?.address);
  // Six containers hold .2 to .7.
  expect(byName(after, "later").attachments[0]?.address).toBe("10.10.10.8");
});

test("a label with an escape sequence arrives clean", async () => {
  const { demo, node, clock, answer } = open();
  await clock.advance(1000);
  demo.setLabel("node103", "node2", "\u001b[31mred\u001b[0m \u202e\u0007");
  const containers = await value(answer(node("node103").engine.containers(minute)));
  expect(byName(containers, "node2").labels).toEqual([{ name: "note", value: "red \ufffd\u2407" }]);
});

test("a restarted engine brings back what has a restart policy, and what ran with --rm is gone", async () => {
  const { demo, node, clock, answer } = open();
  await clock.advance(1000);
  demo.restartEngine("node104");
  const after = await value(answer(node("node104").engine.containers(minute)));
  expect(after.map((one) => [one.name, one.state])).toEqual([
    ["web-3", "running"],
    ["web-4", "running"],
  ]);
});

test("a container that was stopped by hand stays so when its engine restarts", async () => {
  const { demo, node, clock, answer } = open();
  await clock.advance(1000);
  demo.stopContainer("node104", "web-3");
  demo.restartEngine("node104");
  const after = await value(answer(node("node104").engine.containers(minute)));
  expect(after.map((one) => [one.name, one.state])).toEqual([
    ["web-3", "exited"],
    ["web-4", "running"],
  ]);
});

test("a lost link waits ever longer at most, and comes back by itself", async () => {
  const { demo, node, clock } = open();
  await clock.advance(1000);
  const seen: LinkState[] = [];
  node("node104").link.onState((state) => seen.push(state));
  demo.breakNode("node104", "power-off");
  await clock.advance(600_000);
  const waits = seen.flatMap((state) => (state.state === "lost" ? [state.retryAt - state.since] : []));
  expect(waits.length).toBeGreaterThan(8);
  for (const [failures, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(250);
    expect(wait).toBeLessThanOrEqual(Math.max(250, Math.min(60_000, 1000 * 2 ** failures)));
  }
  // Chance spreads the waits, but some are longer than any of the first ones may be.
  expect(Math.max(...waits)).toBeGreaterThan(10_000);
  demo.mendNode("node104");
  await clock.advance(70_000);
  expect(node("node104").link.state.state).toBe("live");
  expect(node("node103").link.state.state).toBe("live");
});

test("a machine without power is slow and then lost, as nobody closes its connection; one that shuts down closes it", async () => {
  const { demo, node, clock } = open();
  await clock.advance(1000);
  demo.breakNode("node103", "power-off");
  demo.breakNode("node104", "shut-down");
  await clock.advance(1000);
  expect(node("node103").link.state.state).toBe("live");
  expect(node("node104").link.state).toMatchObject({ after: { detail: "closed by the other side" } });
  await clock.advance(14_000);
  expect(node("node103").link.state.state).toBe("slow");
  await clock.advance(30_000);
  expect(node("node103").link.state.state).not.toMatch(/live|slow/);
});

test("a machine that is started anew resets a connection that was not given up yet", async () => {
  const { demo, node, clock } = open();
  await clock.advance(1000);
  const seen: LinkState[] = [];
  node("node104").link.onState((state) => seen.push(state));
  demo.breakNode("node104", "power-off");
  const hanging = node("node104").engine.containers(minute);
  await clock.advance(5000);
  demo.mendNode("node104");
  await clock.advance(2000);
  expect(await hanging).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
  expect(seen).toContainEqual(
    expect.objectContaining({ trouble: expect.objectContaining({ detail: "reset by the other side" }) }),
  );
  expect(node("node104").link.state.state).toBe("live");
});

test("a machine that shuts down gives the addresses of its containers back, and boots with those that are to come back", async () => {
  const { demo, node, nodes, clock, answer } = open();
  await clock.advance(1000);
  let endpoints: number | undefined;
  demo.store(demo.spec, nodes)?.watch((outcome) => {
    endpoints = outcome.ok ? outcome.value.endpoints.length : undefined;
  });
  demo.breakNode("node104", "shut-down");
  await clock.advance(2000);
  expect(endpoints).toBe(3);
  demo.mendNode("node104");
  await clock.advance(70_000);
  const back = await value(answer(node("node104").engine.containers(minute)));
  expect(back.map((one) => [one.name, one.state])).toEqual([
    ["web-3", "running"],
    ["web-4", "running"],
  ]);
});

test("a refused link stays refused until the operator asks again", async () => {
  const { demo, node, clock } = open();
  demo.breakNode("node104", "auth");
  await clock.advance(1000);
  expect(node("node104").link.state).toMatchObject({ state: "refused", trouble: { kind: "authentication-failed" } });
  demo.mendNode("node104");
  await clock.advance(600_000);
  expect(node("node104").link.state.state).toBe("refused");
  node("node104").link.retryNow();
  await clock.advance(1000);
  expect(node("node104").link.state.state).toBe("live");
});

test("an unknown host key asks the operator, who may accept it", async () => {
  const asked: Question[] = [];
  const clock = new ManualClock();
  const demo = createDemo({ nodes: 2, containersPerNode: 1, seed: 1, clock });
  demo.breakNode("node104", "host-key-unknown");
  const [, second] = demo.spec.nodes;
  if (second === undefined) throw new Error("two nodes");
  const { link } = demo.node(second, demo.spec, {
    ask: async (question) => {
      asked.push(question);
      return { kind: "accept-once" };
    },
  });
  await clock.advance(1000);
  expect(asked).toMatchObject([{ kind: "host-key", node: "node104", host: "192.168.44.104" }]);
  expect(link.state.state).toBe("live");
});

test("a machine without power keeps its endpoints in the store; its registration expires after a minute", async () => {
  const { demo, nodes, clock } = open();
  await clock.advance(1000);
  const seen: { registrations: readonly string[]; endpoints: number }[] = [];
  const watch = demo.store(demo.spec, nodes);
  watch?.watch((outcome) => {
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
    seen.push({ registrations: outcome.value.registrations, endpoints: outcome.value.endpoints.length });
  });
  await clock.advance(1000);
  demo.breakNode("node104", "power-off");
  await clock.advance(30_000);
  expect(seen.at(-1)).toEqual({ registrations: ["192.168.44.103:2376", "192.168.44.104:2376"], endpoints: 6 });
  await clock.advance(40_000);
  expect(seen.at(-1)).toEqual({ registrations: ["192.168.44.103:2376"], endpoints: 6 });
});

test("a thousand nodes have their containers on addresses of their own", async () => {
  const { demo, clock, nodes } = open({ nodes: 1000, containersPerNode: 20 });
  await clock.advance(1000);
  const calls = [...nodes.values()].map((one) => one.engine.containers(minute));
  await clock.advance(1000);
  const all = (await Promise.all(calls)).flatMap((outcome) => (outcome.ok ? outcome.value : []));
  expect(all).toHaveLength(20_001);
  const addresses = all.flatMap((one) => one.attachments.map((place) => `${place.network} ${place.address}`));
  expect(new Set(addresses).size).toBe(20_001);
  expect(new Set(demo.spec.nodes.map((one) => one.ssh.host)).size).toBe(1000);
});

test("a store without a leader answers and refuses; once it has one the picture is back", async () => {
  const { demo, nodes, clock } = open();
  await clock.advance(1000);
  const told: unknown[] = [];
  demo.store(demo.spec, nodes)?.watch((outcome) => told.push(outcome.ok ? "picture" : outcome.trouble.kind));
  await clock.advance(1000);
  demo.loseStoreLeader();
  await clock.advance(1000);
  demo.startStore();
  await clock.advance(1000);
  expect(told).toEqual(["picture", "store-refused", "picture"]);
});
