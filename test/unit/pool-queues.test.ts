import { beforeEach, describe, expect, test } from "vitest";
import type { DaemonAd, PoolAds } from "../../src/domain/condor/ads.ts";
import { type Job, type Queue, wholeQueue } from "../../src/domain/condor/queue.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import { lastSeen } from "../../src/domain/part.ts";
import { clean, text } from "../../src/domain/text.ts";
import { bad, good, type Outcome } from "../../src/domain/trouble.ts";
import type { Condor } from "../../src/ports/condor.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { PoolWatch } from "../../src/services/pool/pool-watch.ts";
import { Holder } from "../../src/services/state.ts";
import { FakeCluster, notUsed } from "../fake-hosts.ts";
import { node103, node104 } from "../snapshots.ts";
import { clusterAfter, containersOn, node1, node2 } from "../ui/clusters.ts";

const silent = bad({ kind: "timed-out", what: text`condor_q`, afterMs: 15_000 });
const schedd = (name: string): DaemonAd => ({
  ...{ kind: "schedd", name: clean(name), machine: clean(name), address: undefined, heardMs: 0, version: undefined },
});
const job = (id: string, state: Job["state"]): Job => ({
  ...{ id: clean(id), owner: text`ana`, state, command: text`sleep`, slot: undefined, holdReason: undefined },
  ...{ submittedMs: 0, stateMs: 0 },
});

/** A pool with a schedd in node2 on node103 and in node1 on node104, and what each program tells now. */
let ads: Outcome<PoolAds>;
let queues: Record<"node2" | "node1", Outcome<Queue> | Promise<Outcome<Queue>>>;
let seen: Holder<ReturnType<typeof clusterAfter>>;
let cluster: FakeCluster;
let pool: PoolWatch;

beforeEach(() => {
  cluster = new FakeCluster();
  ads = good({ slots: [], daemons: [schedd("node2"), schedd("node1")] });
  queues = { node2: good(wholeQueue([job("1.0", "running")])), node1: good(wholeQueue([job("1.0", "idle")])) };
  seen = new Holder(clusterAfter());
  const condorOf = (name: "node2" | "node1"): Condor => ({
    status: async () => ads,
    queue: async () => queues[name],
    printed: notUsed("printed"),
    submit: notUsed("submit"),
    sight: notUsed("sight"),
    remove: notUsed("remove"),
  });
  const accessOf = (node: NodeName, name: "node2" | "node1"): [NodeName, NodeAccess] => {
    const { access } = cluster.host(node);
    return [node, { ...access, control: { ...access.control, condor: condorOf(name) } }];
  };
  const access = new Map([accessOf(node103, "node2"), accessOf(node104, "node1")]);
  pool = new PoolWatch({
    watch: { state: seen, access },
    clock: cluster.clock,
    subject: { name: text`node2`, node: undefined },
  });
});

const look = () => pool.look(new AbortController().signal);
const changes = () => pool.state.get().changes.map((one) => `${one.subject} ${one.words}`);
const told = () =>
  pool.state.get().queues.map(({ home, queue }) => {
    const jobs = (lastSeen(queue)?.jobs ?? []).map((one) => `${one.id} ${one.state}`);
    return [home.name, queue.state, ...jobs].join(" ");
  });

describe("the queues of a pool with several schedds", () => {
  test("keep jobs of one number apart: nothing changes while nothing does", async () => {
    await look();
    await look();
    expect(changes()).toEqual([]);
    queues.node1 = good(wholeQueue([job("1.0", "running")]));
    await look();
    expect(changes()).toEqual(["job 1.0 in node1 runs"]);
  });

  test("keep the jobs of one that does not answer, with why, and none of them leaves or comes again", async () => {
    await look();
    queues.node1 = silent;
    await look();
    expect(told()).toEqual(["node1 stale 1.0 idle", "node2 fresh 1.0 running"]);
    expect(pool.state.get().queues[0]?.queue).toMatchObject({ trouble: { kind: "timed-out" } });
    queues.node1 = good(wholeQueue([job("1.0", "idle")]));
    await look();
    expect(told()).toEqual(["node1 fresh 1.0 idle", "node2 fresh 1.0 running"]);
    expect(changes()).toEqual([]);
  });

  test("are told as they come: one that is slow delays neither the others nor the next look", async () => {
    const late = Promise.withResolvers<Outcome<Queue>>();
    queues.node1 = late.promise;
    const stop = pool.start();
    await cluster.clock.advance(11_000);
    expect(told()).toEqual(["node1 waiting", "node2 fresh 1.0 running"]);
    expect(pool.state.get().moments).toHaveLength(3);
    late.resolve(good(wholeQueue([job("1.0", "idle")])));
    await cluster.clock.advance(0);
    expect(told()[0]).toBe("node1 fresh 1.0 idle");
    stop();
  });

  test("stay while a collector that began anew does not know their schedd yet", async () => {
    await look();
    ads = good({ slots: [], daemons: [schedd("node2")] });
    await look();
    expect(told()).toEqual(["node1 fresh 1.0 idle", "node2 fresh 1.0 running"]);
  });

  test("go with a schedd that neither the collector knows nor condor_q finds, and come again with it", async () => {
    await look();
    ads = good({ slots: [], daemons: [schedd("node2")] });
    queues.node1 = silent;
    await look();
    expect(told()).toEqual(["node2 fresh 1.0 running"]);
    expect(changes()).toEqual(["schedd node1 left the pool: its jobs (1) are not seen any more"]);
    ads = good({ slots: [], daemons: [schedd("node2"), schedd("node1")] });
    queues.node1 = good(wholeQueue([job("1.0", "idle")]));
    await look();
    expect(changes().slice(1)).toEqual(["schedd node1 joined the pool"]);
  });

  test("go with their container, whose queue is gone", async () => {
    await look();
    seen.set(clusterAfter(containersOn(node103, [node2]), containersOn(node104, [])));
    await look();
    expect(told()).toEqual(["node2 fresh 1.0 running"]);
  });

  test("grow old, all of them, where nobody answers for the pool and their containers are gone", async () => {
    await look();
    seen.set(clusterAfter(containersOn(node103, []), containersOn(node104, [node1])));
    await look();
    expect(told()).toEqual(["node1 fresh 1.0 idle", "node2 stale 1.0 running"]);
  });
});
