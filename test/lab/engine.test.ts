import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ConnectedEngine, createEngine } from "../../src/adapters/engine/engine.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { EngineEvent, Usage } from "../../src/domain/engine.ts";
import { asContainerId, asNodeName, type ContainerId } from "../../src/domain/ids.ts";
import type { Outcome, Trouble } from "../../src/domain/trouble.ts";
import { type Forwarded, forwarded } from "./forwarded.ts";
import { Lab, labObstacle } from "./lab.ts";

const within = { ms: 20_000 };
const patience = { timeout: 60_000 };
/** An engine whose store starts with it waits for it, for up to a minute. */
const restart = { timeout: 120_000 };

const value = <T>(outcome: Outcome<T>): T =>
  outcome.ok ? outcome.value : expect.fail(JSON.stringify(outcome.trouble));

/** The engine of a lab's node, and a way to let it go. */
async function engineOf(lab: Lab, node: string): Promise<{ engine: ConnectedEngine; way: Forwarded }> {
  const way = await forwarded(lab, node);
  return { engine: createEngine(way.transport, asNodeName(node) ?? expect.fail(node), systemClock), way };
}

/** Follows the events from `since` on; what came is kept. */
function follow(engine: ConnectedEngine, since?: string) {
  const events: EngineEvent[] = [];
  const ends: Trouble[] = [];
  let opened = false;
  const subscription = engine.events(since, {
    opened: () => {
      opened = true;
    },
    event: (event) => events.push(event),
    ended: (trouble) => ends.push(trouble),
  });
  return {
    events,
    ends,
    subscription,
    open: () => expect.poll(() => opened, patience).toBe(true),
    saw: (action: string, id: string) =>
      expect
        .poll(
          () => events.some((event) => event.action === action && (event.id === id || event.container === id)),
          patience,
        )
        .toBe(true),
  };
}

describe.skipIf(labObstacle() !== undefined)("a real engine, 20.10 with a cluster store", () => {
  let lab: Lab;
  let way: Forwarded;
  let engine: ConnectedEngine;
  const on = (script: string, ...args: string[]) => lab.node("node103").must(script, ...args);
  /** Starts a container of the lab's image that only sleeps, or runs `script`; its id. */
  const start = async (options: readonly string[] = [], script = "exec sleep 1000"): Promise<ContainerId> => {
    const id = await lab.node("node103").docker("run", "-d", ...options, "big_computing", "/bin/sh", "-c", script);
    return asContainerId(id.trim()) ?? expect.fail(id);
  };

  beforeAll(async () => {
    lab = await Lab.up({ name: "engine", flavour: "classic", nodes: 1 });
    ({ engine, way } = await engineOf(lab, "node103"));
  });
  afterEach(() => on('for one in $(docker ps -aq --filter label=test); do docker rm -f "$one"; done'));
  afterAll(async () => {
    engine?.close();
    await way?.close();
    await lab?.down();
  });

  test("tells its version, the API spoken with it, and the store it uses", async () => {
    expect(value(await engine.info(within))).toMatchObject({
      version: expect.stringMatching(/^20\.10\./),
      apiVersion: "1.41",
      mode: "cluster-store",
      store: "consul://192.168.44.103:8500",
      advertise: "192.168.44.103:2376",
      hostname: "node103",
      swarm: { state: "inactive" },
    });
  });

  test("lists the containers that `docker ps` lists, with the same names and states", async () => {
    const ended = await start(["--label", "test", "--name", "ended"], "exit 7");
    const shown = async () =>
      (await on("docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'")).trim().split("\n").sort();
    await expect.poll(shown, patience).toContain(`${ended} ended exited`);
    const listed = value(await engine.containers(within)).map(({ id, name, state }) => `${id} ${name} ${state}`);
    expect(listed.sort()).toEqual(await shown());
  });

  test("tells of one container by its id, with its address on the overlay, its exit code, or that it is gone", async () => {
    const id = (await on("docker inspect -f '{{.Id}}' node2")).trim();
    const node2 = value(await engine.container(asContainerId(id) ?? expect.fail(id), within));
    const address = (await on("docker inspect -f '{{.NetworkSettings.Networks.ov_net1.IPAddress}}' node2")).trim();
    expect(node2).toMatchObject({ name: "node2", state: "running", attachments: [{ network: "ov_net1", address }] });
    const ended = await start(["--label", "test"], "exit 7");
    const seen = async () => value(await engine.container(ended, within));
    await expect.poll(seen, patience).toMatchObject({ state: "exited", exitCode: 7 });
    await on('docker rm "$1"', ended);
    await expect.poll(seen, patience).toBeUndefined();
  });

  test("lists its networks, the overlay with its subnet", async () => {
    const networks = value(await engine.networks(within));
    expect(networks.find((network) => network.name === "ov_net1")).toMatchObject({
      driver: "overlay",
      scope: "global",
      subnets: [{ subnet: "10.10.10.0/24" }],
    });
  });

  test("says in its own words that it is no swarm manager", async () => {
    expect(await engine.swarmNodes(within)).toMatchObject({
      ok: false,
      trouble: { kind: "engine-refused", status: 503, detail: expect.stringContaining("not a swarm manager") },
    });
  });

  test("labels full of escape sequences arrive as harmless text", async () => {
    const label = "\u001b[2J\u001b]0;owned\u0007\u202e漢字";
    const id = await start(["--label", "test", "--label", `evil=${label}`]);
    const container = value(await engine.container(id, within));
    const evil = container?.labels.find((one) => one.name === "evil");
    expect(evil?.value).toContain("漢字");
    expect(evil?.value).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test("a container started and removed behind the program's back is told of at once, and so is what joins a network", async () => {
    const events = follow(engine);
    await events.open();
    const id = await start(["--label", "test", "--network", "ov_net1"]);
    await events.saw("start", id);
    await events.saw("connect", id);
    await on('docker rm -f "$1"', id);
    await events.saw("die", id);
    await events.saw("destroy", id);
    expect(events.ends).toEqual([]);
    events.subscription.close();
  });

  test("what a health check or an exec does inside a container makes no events", async () => {
    const id = await start(["--label", "test"]);
    const events = follow(engine);
    await events.open();
    await on('docker exec "$1" true; docker stop -t 0 "$1"', id);
    await events.saw("die", id);
    expect(events.events.map((event) => event.action).filter((action) => action.startsWith("exec"))).toEqual([]);
    events.subscription.close();
  });

  test("a stream that resumes begins with the last event seen, and misses none after it", async () => {
    const before = follow(engine);
    await before.open();
    const first = await start(["--label", "test"]);
    await before.saw("start", first);
    before.subscription.close();
    const last = before.events.at(-1) ?? expect.fail("an event");
    const second = await start(["--label", "test"]);
    const after = follow(engine, last.timeNano);
    await after.saw("start", second);
    expect(after.events[0]).toEqual(last);
    expect(after.events.filter((event) => event.id === second).map((event) => event.action)).toEqual([
      "create",
      "start",
    ]);
    after.subscription.close();
  });

  test("a container's use of memory is what `docker stats` shows, and of CPU from the second sample on", async () => {
    const id = await start(["--label", "test", "--memory", "64m"], "while :; do sleep 0.2; done");
    const seen: Usage[] = [];
    const subscription = engine.usage(id, { usage: (usage) => seen.push(usage), ended: () => {} });
    await expect.poll(() => seen.length, patience).toBeGreaterThan(2);
    subscription.close();
    const shown = await on(`docker stats --no-stream --format '{{.MemUsage}}' "$1"`, id);
    const mebibytes = Number(/^([\d.]+)MiB/.exec(shown)?.[1] ?? Number(/^([\d.]+)KiB/.exec(shown)?.[1]) / 1024);
    const last = seen.at(-1);
    expect(Math.abs((last?.memoryBytes ?? 0) / 1024 ** 2 - mebibytes)).toBeLessThan(2);
    expect(last?.memoryLimitBytes).toBe(64 * 1024 ** 2);
    expect(seen[0]?.cpuPercent).toBeUndefined();
    expect(last?.cpuPercent).toBeGreaterThan(0);
  });

  test("when a container goes away, its use ends", async () => {
    const id = await start(["--label", "test"]);
    const ends: Trouble[] = [];
    let samples = 0;
    engine.usage(id, {
      usage: () => {
        samples += 1;
      },
      ended: (trouble) => ends.push(trouble),
    });
    await expect.poll(() => samples, patience).toBeGreaterThan(0);
    await on('docker rm -f "$1"', id);
    await expect.poll(() => ends.length, patience).toBe(1);
    expect(ends[0]).toMatchObject({ kind: "connection-lost" });
  });

  test("an engine that is frozen times out, and answers again once it runs", async () => {
    await on("kill -STOP $(systemctl show -p MainPID --value docker)");
    try {
      expect(await engine.ping({ ms: 1500 })).toMatchObject({ ok: false, trouble: { kind: "timed-out" } });
    } finally {
      await on("kill -CONT $(systemctl show -p MainPID --value docker)");
    }
    expect(await engine.ping(within)).toMatchObject({ ok: true });
  });

  test("an engine that restarts ends its streams once, and the next questions are answered as before", async () => {
    const events = follow(engine);
    await events.open();
    const before = value(await engine.networks(within)).map((network) => network.id);
    await on("systemctl restart docker");
    await expect.poll(() => events.ends.length, patience).toBe(1);
    expect(events.ends[0]?.kind).toBe("connection-lost");
    await expect.poll(async () => (await engine.ping(within)).ok, restart).toBe(true);
    const overlays = value(await engine.networks(within)).filter((network) => network.driver === "overlay");
    expect(before).toEqual(expect.arrayContaining(overlays.map((network) => network.id)));
    expect(events.ends).toHaveLength(1);
  });

  test("an engine that was stopped is lost until it is started", async () => {
    await on("systemctl stop docker.socket docker");
    try {
      expect(await engine.containers({ ms: 5000 })).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
    } finally {
      await on("systemctl start docker.socket docker");
    }
    await expect.poll(async () => (await engine.containers(within)).ok, restart).toBe(true);
  });

  test("a connection that is cut ends calls and streams, and both work over the next", async () => {
    const events = follow(engine);
    await events.open();
    way.transport.cut();
    await expect.poll(() => events.ends.length, patience).toBe(1);
    expect(value(await engine.containers(within)).map(({ name }) => name)).toContain("node2");
  });

  test("an engine that is let go leaves no socket open, streams included", async () => {
    const { engine: other, way: otherWay } = await engineOf(lab, "node103");
    const events = follow(other);
    await events.open();
    value(await other.containers(within));
    expect(otherWay.transport.open).toBeGreaterThan(1);
    other.close();
    await expect.poll(() => otherWay.transport.open).toBe(0);
    await otherWay.close();
  });
});

describe.skipIf(labObstacle() !== undefined)("real engines in swarm mode, 26.1", () => {
  let lab: Lab;
  let ways: Forwarded[] = [];
  let manager: ConnectedEngine;
  let worker: ConnectedEngine;

  beforeAll(async () => {
    lab = await Lab.up({ name: "engine-swarm", flavour: "swarm", nodes: 2 });
    const [first, second] = await Promise.all([engineOf(lab, "node103"), engineOf(lab, "node104")]);
    ways = [first.way, second.way];
    manager = first.engine;
    worker = second.engine;
  });
  afterAll(async () => {
    for (const engine of [manager, worker]) engine?.close();
    for (const way of ways) await way.close();
    await lab?.down();
  });

  test("a manager and a worker know what they are", async () => {
    expect(value(await manager.info(within))).toMatchObject({
      version: expect.stringMatching(/^26\.1\./),
      apiVersion: "1.45",
      mode: "swarm",
      store: undefined,
      swarm: { state: "active", manager: true, nodeAddress: "192.168.44.103" },
    });
    expect(value(await worker.info(within)).swarm).toMatchObject({ state: "active", manager: false });
  });

  test("the manager lists both, and the worker refuses to", async () => {
    const nodes = value(await manager.swarmNodes(within));
    expect(
      nodes
        .map(({ hostname, role, state, manager: managing }) => ({ hostname, role, state, leads: managing?.leader }))
        .sort((a, b) => a.hostname.localeCompare(b.hostname)),
    ).toEqual([
      { hostname: "node103", role: "manager", state: "ready", leads: true },
      { hostname: "node104", role: "worker", state: "ready", leads: undefined },
    ]);
    expect(await worker.swarmNodes(within)).toMatchObject({ ok: false, trouble: { kind: "engine-refused" } });
  });

  test("the overlay is one network on both, with its VXLAN identifier", async () => {
    const [here, there] = await Promise.all(
      [manager, worker].map(async (engine) =>
        value(await engine.networks(within)).find((network) => network.name === "ov_net1"),
      ),
    );
    expect(here).toMatchObject({
      scope: "swarm",
      driver: "overlay",
      attachable: true,
      subnets: [{ subnet: "10.10.10.0/24" }],
    });
    expect(here?.vnis).toHaveLength(1);
    expect(there?.id).toBe(here?.id);
  });

  test("draining a node is an event, and shows", async () => {
    const events = follow(manager);
    await events.open();
    const id = value(await manager.swarmNodes(within)).find((node) => node.role === "worker")?.id ?? "";
    await lab.node("node103").docker("node", "update", "--availability", "drain", "node104");
    await events.saw("update", id);
    expect(value(await manager.swarmNodes(within)).find((node) => node.id === id)?.availability).toBe("drain");
    events.subscription.close();
  });
});
