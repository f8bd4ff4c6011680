import { describe, expect, test } from "vitest";
import type { Change } from "../../src/domain/plan/change.ts";
import { clean } from "../../src/domain/text.ts";
import { begin, planOf, stepOf } from "../apply-run.ts";
import { FakeCluster } from "../fake-hosts.ts";
import { entersSwarm } from "../fake-swarm.ts";
import { nodeNamed } from "../snapshots.ts";

const node104 = nodeNamed("node104");
const refusal = { kind: "engine-refused", status: 500, detail: clean("no space left on device") } as const;

/** Carries one change out on node103; how its step ended. */
async function result(cluster: FakeCluster, change: Change) {
  const ran = begin(cluster, planOf(stepOf(change)));
  await ran.end();
  return ran.result("node103/step");
}

const joinAs = (role: "manager" | "worker"): Change => ({
  ...{ kind: "join-swarm", role, via: node104 },
  ...{ manager: "192.168.44.104:2377", advertise: "ens33" },
});

describe("a swarm", () => {
  test("is begun once", async () => {
    const cluster = new FakeCluster();
    const init: Change = { kind: "init-swarm", advertise: "ens33" };
    expect(await result(cluster, init)).toMatchObject({ state: "done" });
    expect(await result(cluster, init)).toMatchObject({ state: "unchanged" });
    expect(cluster.changes).toEqual(["node103 initSwarm"]);
  });

  test("that is locked on a node is never left for the new one", async () => {
    const cluster = new FakeCluster();
    const host = cluster.host("node103");
    host.info = { ...host.info, swarm: { ...host.info.swarm, state: "locked" } };
    expect(await result(cluster, joinAs("worker"))).toMatchObject({
      state: "undone",
      error: expect.stringContaining("node103 is in a swarm already, and that is locked"),
    });
    expect(cluster.changes).toEqual([]);
  });

  test("that a node cannot join is left again, so that its engine does not try for ever", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").fails("joinSwarm", refusal);
    expect(await result(cluster, joinAs("worker"))).toMatchObject({ state: "undone" });
    expect(cluster.changes).toEqual(["node103 leaveSwarm"]);
  });
});

/** A swarm that node104 manages. */
function managed(): FakeCluster {
  const cluster = new FakeCluster();
  entersSwarm(cluster.host("node104"), "manager");
  return cluster;
}

describe("a join that does not end as it should", () => {
  test("is waited for until the manager lists the node as ready", async () => {
    expect(await result(managed(), joinAs("manager"))).toMatchObject({ state: "done" });
  });

  test("ends with a worker that leaves", async () => {
    const cluster = managed();
    cluster.host("node103").joinsAs = "down";
    expect(await result(cluster, joinAs("worker"))).toMatchObject({ state: "undone" });
    expect(cluster.changes).toEqual(["node103 joinSwarm", "node103 leaveSwarm"]);
  });

  test("ends with a manager that is demoted before it leaves, so that its vote goes with it", async () => {
    const cluster = managed();
    cluster.host("node103").joinsAs = "down";
    expect(await result(cluster, joinAs("manager"))).toMatchObject({ state: "undone" });
    expect(cluster.changes).toEqual(["node103 joinSwarm", "node104 updateSwarmNode", "node103 leaveSwarm"]);
    expect(cluster.swarm.filter((one) => one.manager !== undefined)).toHaveLength(1);
  });

  test("leaves a manager where it is when no other can be asked to demote it, and says so", async () => {
    const cluster = managed();
    cluster.host("node103").joinsAs = "down";
    const without = "The swarm does not have a leader.";
    cluster.host("node104").fails("updateSwarmNode", { kind: "engine-refused", status: 503, detail: clean(without) });
    expect(await result(cluster, joinAs("manager"))).toMatchObject({
      state: "failed",
      stands: expect.stringMatching(/node103 may be a manager.*The swarm does not have a leader/),
      remedy: expect.stringContaining('"docker node demote node103" on node104'),
    });
    expect(cluster.changes).toEqual(["node103 joinSwarm"]);
  });
});

describe("a node that leaves a swarm", () => {
  const leave = (role: "manager" | "worker"): Change => ({
    ...{ kind: "leave-swarm", via: node104, id: "id-of-node103", role },
  });
  const member = (role: "manager" | "worker"): FakeCluster => {
    const cluster = managed();
    entersSwarm(cluster.host("node103"), role);
    return cluster;
  };
  const listed = ({ swarm }: FakeCluster) => swarm.find((one) => one.id === "id-of-node103");

  test("is drained, demoted where it manages, and forgotten", async () => {
    for (const role of ["worker", "manager"] as const) {
      const cluster = member(role);
      expect(await result(cluster, leave(role))).toMatchObject({ state: "done" });
      expect(cluster.swarm).toMatchObject([{ id: "id-of-node104" }]);
    }
  });

  test("is available again, and a manager, when it cannot leave", async () => {
    for (const role of ["worker", "manager"] as const) {
      const cluster = member(role);
      cluster.host("node103").fails("leaveSwarm", refusal);
      expect(await result(cluster, leave(role))).toMatchObject({ state: "undone" });
      expect(listed(cluster)).toMatchObject({ role, availability: "active", state: "ready" });
    }
  });

  test("stays drained when it was before", async () => {
    const cluster = member("worker");
    const [first, own] = cluster.swarm;
    if (first === undefined || own === undefined) throw new Error("no members");
    cluster.swarm.splice(0, 2, first, { ...own, availability: "drain" });
    cluster.host("node103").fails("leaveSwarm", refusal);
    await result(cluster, leave("worker"));
    expect(listed(cluster)).toMatchObject({ availability: "drain" });
  });

  test("is drained once more when the manager went away meanwhile, and never told to be as before unseen", async () => {
    const cluster = member("worker");
    cluster.host("node104").breaks("updateSwarmNode", "after", 5000);
    expect(await result(cluster, leave("worker"))).toMatchObject({ state: "done" });
    const lost = member("worker");
    lost.host("node104").breaks("updateSwarmNode", "after", 10_000_000);
    expect(await result(lost, leave("worker"))).toMatchObject({
      state: "failed",
      stands: "node103 may be drained, and is still in the swarm",
    });
  });

  test("has left when it says so after its connection broke", async () => {
    const cluster = member("worker");
    cluster.host("node103").breaks("leaveSwarm", "after", 5000);
    expect(await result(cluster, leave("worker"))).toMatchObject({ state: "done" });
    const still = member("worker");
    still.host("node103").breaks("leaveSwarm", "before", 5000);
    expect(await result(still, leave("worker"))).toMatchObject({ state: "undone" });
    expect(listed(still)).toMatchObject({ availability: "active" });
  });

  test("and has left before is demoted on the managers' list and taken off it", async () => {
    const cluster = member("manager");
    const host = cluster.host("node103");
    host.info = { ...host.info, swarm: { ...host.info.swarm, state: "inactive", manager: false } };
    const [first, own] = cluster.swarm;
    if (first === undefined || own === undefined) throw new Error("no members");
    cluster.swarm.splice(0, 2, first, { ...own, state: "down" });
    expect(await result(cluster, leave("manager"))).toMatchObject({ state: "done" });
    expect(cluster.swarm).toHaveLength(1);
  });
});
