import { afterEach, beforeEach, expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import { PoolSecret } from "../../src/domain/condor/secret.ts";
import type { ContainerId } from "../../src/domain/ids.ts";
import { text } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { sha256 } from "../../src/services/apply/write-files.ts";
import { refuseAll } from "../../src/services/prompts.ts";
import { ManualClock } from "../manual-clock.ts";

const within = { ms: 60_000 };

let clock: ManualClock;
let nodes: NodeAccess[];

/** The demo of two nodes, its pool as an apply left it: node2 on the first manages it, node1 on the second runs jobs. */
beforeEach(async () => {
  clock = new ManualClock();
  const demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 3, clock });
  nodes = demo.spec.nodes.map((node) => demo.node(node, demo.spec, refuseAll));
  await clock.advance(3000);
});

afterEach(() => Promise.all(nodes.map((one) => one.link.close())));

/** The answer, after as much time as it may take. */
async function value<T>(call: Promise<Outcome<T>>): Promise<T> {
  await clock.advance(5000);
  const outcome = await call;
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
  return outcome.value;
}

/** A container of the pool, and HTCondor in it. */
async function member(name: "node2" | "node1") {
  const access = nodes[name === "node2" ? 0 : 1];
  if (access === undefined) throw new Error("no such node");
  const { engine, control } = access;
  const found = (await value(engine.containers(within))).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  const id: ContainerId = found.id;
  return { id, setup: control.poolSetup, condor: control.condor, engine: control.engine };
}

/** Names of the machines that the manager lists slots of. */
async function machines(): Promise<string[]> {
  const { id, condor } = await member("node2");
  const { slots } = await value(condor.status(id, within));
  return [...new Set(slots.map((one) => String(one.machine)))];
}

test("a member whose secret is another one is turned away once HTCondor has read it, and says why", async () => {
  expect(await machines()).toEqual(["node2", "node1"]);
  const { id, setup } = await member("node1");
  await value(setup.placeSecret(id, new PoolSecret("b3RoZXI="), within));
  expect(await machines()).toEqual(["node2", "node1"]);
  await value(setup.take(id, "restart", within));
  expect(await machines()).toEqual(["node2"]);
  expect(await value(setup.ping(id, within))).toMatchObject({ allowed: false });
});

test("a pool without its manager's collector answers nobody, and its members are there again when it is", async () => {
  const manager = await member("node2");
  const state = await value(manager.setup.look(manager.id, text`node2`, within));
  if (!state.installed || state.content === undefined) throw new Error("node2 is a member");
  const { place, content } = state;
  const write = async (before: string, after: string): Promise<void> => {
    const replaces = { sha256: sha256(before), content: before };
    await value(manager.setup.write(manager.id, { path: place.path, replaces, content: after, mode: 0o644 }, within));
    await value(manager.setup.take(manager.id, "reconfigure", within));
  };
  const without = content.replace("COLLECTOR ", "");
  await write(content, without);
  await expect(machines()).rejects.toThrow(/communication error/);
  await write(without, content);
  expect(await machines()).toEqual(["node2", "node1"]);
});

test("a member that is stopped leaves the pool", async () => {
  const { id, engine } = await member("node1");
  await value(engine.stopContainer(id, 0, within));
  expect(await machines()).toEqual(["node2"]);
});
