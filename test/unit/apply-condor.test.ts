import { describe, expect, test } from "vitest";
import type { MemberSettings } from "../../src/domain/condor/config.ts";
import { settingsIn } from "../../src/domain/condor/config.ts";
import { PoolSecret } from "../../src/domain/condor/secret.ts";
import type { ConfigureCondor } from "../../src/domain/plan/change.ts";
import type { StepId } from "../../src/domain/plan/step.ts";
import { clean, text } from "../../src/domain/text.ts";
import { begin, planOf, stepOf } from "../apply-run.ts";
import { FakeCluster } from "../fake-hosts.ts";
import { FakeMember, ghostAddress } from "../fake-members.ts";
import { container, node103, node104, overlay } from "../snapshots.ts";

const managing: MemberSettings = {
  ...{ manager: text`node2`, domain: text`ovl`, daemons: ["collector", "negotiator", "schedd"], security: "password" },
};
const places = {
  node2: { node: node103, container: text`node2` },
  node1: { node: node104, container: text`node1` },
};
const manager: ConfigureCondor = {
  ...{ kind: "condor-config", container: text`node2`, network: text`ov_net1`, settings: managing, anew: undefined },
  ...{ manager: places.node2, secretOf: [places.node1] },
};
const executor: ConfigureCondor = {
  ...{ ...manager, container: text`node1`, secretOf: [places.node2] },
  settings: { ...managing, daemons: ["startd"] },
};

const onOverlay = { network: text`ov_net1`, networkId: overlay(node103).id, mac: undefined };

/** Two containers on an overlay, with HTCondor as its package leaves it. */
function pool() {
  const cluster = new FakeCluster();
  const add = (name: "node2" | "node1", address: string) => {
    const { node } = places[name];
    cluster.host(node).adds(container(name, node, { attachments: [{ ...onOverlay, address: clean(address) }] }));
    const member = new FakeMember();
    cluster.members.set(name, member);
    return member;
  };
  const members = { node2: add("node2", "10.10.10.2"), node1: add("node1", "10.10.10.3") };
  cluster.networks.push(overlay(node103), overlay(node104));
  const carry = async (change: ConfigureCondor) => {
    const { node } = change.container === "node2" ? places.node2 : places.node1;
    const ran = begin(cluster, planOf({ ...stepOf(change, { node }), id: `${node}/step` as StepId }));
    await ran.end();
    return ran.result(`${node}/step`);
  };
  return { cluster, ...members, carry, both: async () => [await carry(manager), await carry(executor)] };
}

describe("a pool that is configured", () => {
  test("has one secret, made with the manager and brought to the others, and every member on the overlay", async () => {
    const { node2, node1, both } = pool();
    expect(await both()).toMatchObject([{ state: "done" }, { state: "done" }]);
    expect(node2.secret).toBeDefined();
    expect(node1.secret?.reveal()).toBe(node2.secret?.reveal());
    const settings = settingsIn(node1.running?.config ?? "");
    expect(settings.get("CONDOR_HOST")).toBe("node2");
    expect(settings.get("NETWORK_INTERFACE")).toBe("10.10.10.*");
    expect([node2.isPending, node1.isPending]).toEqual([false, false]);
  });

  test("is left alone by a second run: nothing is written, and nobody begins anew", async () => {
    const { cluster, node1, both } = pool();
    await both();
    cluster.changes.length = 0;
    expect(await both()).toMatchObject([{ state: "unchanged" }, { state: "unchanged" }]);
    expect(cluster.changes).toEqual([]);
    expect(node1.starts).toBe(1);
  });

  test("keeps the secret that a member has when the manager was made anew", async () => {
    const { node2, node1, both } = pool();
    node1.secret = new PoolSecret("b2xk");
    await both();
    expect(node2.secret?.reveal()).toBe("b2xk");
    expect(node1.secret.reveal()).toBe("b2xk");
  });

  test("has no secret where it is open", async () => {
    const { node2, node1, carry } = pool();
    await carry({ ...manager, settings: { ...managing, security: "open" }, secretOf: [] });
    await carry({ ...executor, settings: { ...executor.settings, security: "open" }, secretOf: [] });
    expect([node2.secret, node1.secret]).toEqual([undefined, undefined]);
    expect(settingsIn(node1.running?.config ?? "").get("ALLOW_DAEMON")).toBe("*");
  });

  test("takes other roles as it runs, and another secret by beginning anew", async () => {
    const { node2, node1, both, carry } = pool();
    await both();
    node1.secret = new PoolSecret("b3RoZXI=");
    expect(await carry(executor)).toMatchObject({ state: "done" });
    expect(node1.starts).toBe(2);
    const more: ConfigureCondor = { ...manager, settings: { ...managing, daemons: [...managing.daemons, "startd"] } };
    expect(await carry(more)).toMatchObject({ state: "done" });
    expect(node2.starts).toBe(1);
    expect(settingsIn(node2.running?.config ?? "").get("DAEMON_LIST")).toContain("STARTD");
  });
});

describe("a member that is configured", () => {
  test.for(["look", "write", "placeSecret", "take", "status", "settled"])(
    "comes out the same when its node goes away in the midst of %s and comes back",
    async (method) => {
      for (const when of ["before", "after"] as const) {
        const { cluster, node2, node1, carry } = pool();
        await carry(manager);
        const host = cluster.host(method === "status" ? "node103" : "node104");
        host.breaks(method, when, 5000);
        expect(await carry(executor), `${when} ${method}`).toMatchObject({ state: "done" });
        expect(node1.running?.secret?.reveal()).toBe(node2.secret?.reveal());
        expect(node1.isPending).toBe(false);
      }
    },
  );

  test("is told from a run that died between its file and its daemons, and finished", async () => {
    const { node1, carry } = pool();
    await carry(manager);
    await carry(executor);
    node1.isPending = true;
    expect(await carry(executor)).toMatchObject({ state: "done" });
    expect(node1).toMatchObject({ isPending: false, starts: 2 });
  });

  test("whose file somebody else writes to is left as it is", async () => {
    const { cluster, node1, carry } = pool();
    await carry(manager);
    cluster.host("node104").takes("write", 1000);
    const begun = carry(executor);
    cluster.clock.after(500, () => {
      node1.content = "# mine\n";
    });
    expect(await begun).toMatchObject({
      state: "failed",
      error: expect.stringContaining("somebody else writes"),
      stands: expect.stringContaining("has the pool's secret"),
    });
    expect(node1).toMatchObject({ content: "# mine\n", running: undefined });
  });

  test("does not start with what was written: its file is put back, and the operator reads what HTCondor said", async () => {
    const { cluster, node1, carry } = pool();
    await carry(manager);
    node1.content = "# before\n";
    cluster.host("node104").fails("take", {
      kind: "program-failed",
      program: text`the restart of HTCondor`,
      detail: text`Configuration Error Line 3`,
    });
    expect(await carry(executor)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("Configuration Error Line 3"),
      stands: expect.stringMatching(/50-ovl-tui\.conf is as it was/),
    });
    expect(node1.content).toBe("# before\n");
  });

  test("that the collector never hears of fails with what condor_ping says of it, and keeps its configuration", async () => {
    const { node1, carry } = pool();
    await carry(manager);
    node1.isDeaf = true;
    expect(await carry(executor)).toMatchObject({
      state: "failed",
      error: expect.stringMatching(/did not hear of startd in node1 within 60 s; condor_ping: AUTHENTICATE:1003/),
      stands: expect.stringContaining("has its configuration"),
    });
    expect(node1.content).toBeDefined();
  });

  test("gets no secret, and nothing else, while the manager has none", async () => {
    const { cluster, carry } = pool();
    expect(await carry(executor)).toMatchObject({
      state: "undone",
      error: expect.stringContaining("the pool's manager has no secret"),
    });
    expect(cluster.changes).toEqual([]);
  });

  test("without HTCondor is left alone, with the way to get it", async () => {
    const { cluster, node1, carry } = pool();
    await carry(manager);
    cluster.changes.length = 0;
    node1.installed = false;
    expect(await carry(executor)).toMatchObject({
      state: "undone",
      error: expect.stringMatching(/node1 has no HTCondor/),
      remedy: expect.stringContaining("the plan offers to install it"),
    });
    expect(cluster.changes).toEqual([]);
  });

  test("begins anew where it is asked to though nothing changed", async () => {
    const { node1, carry } = pool();
    await carry(manager);
    await carry(executor);
    expect(await carry({ ...executor, anew: "restart" })).toMatchObject({ state: "done" });
    expect(node1.starts).toBe(2);
  });

  test("reports to a collector that began after it, again where its first report is lost, and is not started anew", async () => {
    const { cluster, node1, both, carry } = pool();
    await both();
    cluster.changes.length = 0;
    node1.unheardFor = 2;
    expect(await carry({ ...executor, anew: "reconfigure" })).toMatchObject({ state: "done" });
    expect(cluster.changes).toHaveLength(3);
    expect(node1.starts).toBe(1);
  });

  test("whose container stopped meanwhile is named", async () => {
    const { cluster, carry } = pool();
    const [one] = cluster.host("node104").containers.values();
    if (one !== undefined) cluster.host("node104").adds({ ...one, state: "exited" });
    expect(await carry(executor)).toMatchObject({
      state: "undone",
      error: expect.stringContaining("node1 does not run on node104"),
    });
  });
});

test("packages that cannot be installed leave the words of what installs them", async () => {
  const { cluster } = pool();
  cluster.host("node103").fails("install", {
    ...{ kind: "program-failed", program: text`apt-get install`, detail: text`E: Unable to locate package htcondor` },
  });
  const ran = begin(
    cluster,
    planOf(stepOf({ kind: "condor-install", container: text`node2`, commands: [["apt-get"]] })),
  );
  await ran.end();
  expect(ran.result("node103/step")).toMatchObject({
    state: "failed",
    error: expect.stringContaining("Unable to locate"),
  });
});

test("a member is in the pool with what its daemons say now, not with what they said before it began anew", async () => {
  const { cluster, node2, node1, carry } = pool();
  await carry(manager);
  node1.isDeaf = true;
  node2.ghosts.add("node1");
  node2.ghostAt = { address: text`10.10.10.3`, heardMs: 240_000 };
  expect(await carry(executor)).toMatchObject({
    state: "failed",
    error: expect.stringContaining("did not hear of startd in node1"),
  });
  cluster.changes.length = 0;
  node1.isDeaf = false;
  expect(await carry(executor)).toMatchObject({ state: "done" });
});

test("HTCondor is installed once it is there, not when its commands ended well", async () => {
  const { cluster, node1 } = pool();
  node1.installed = false;
  const carry = async (commands: string[][]) => {
    const change = { kind: "condor-install", container: text`node1`, commands } as const;
    const ran = begin(cluster, planOf({ ...stepOf(change, { node: node104 }), id: "node104/step" as StepId }));
    await ran.end();
    return ran.result("node104/step");
  };
  expect(await carry([])).toMatchObject({
    state: "failed",
    error: expect.stringContaining("has no condor_master still"),
    remedy: expect.stringContaining("Debian GNU/Linux 13"),
  });
  expect(await carry([["apt-get", "install", "htcondor"]])).toMatchObject({ state: "done" });
});

test("a machine that is gone is forgotten, and it is seen that it is", async () => {
  const { cluster, node2, carry } = pool();
  await carry(manager);
  node2.ghosts.add("node9");
  const ran = begin(
    cluster,
    planOf(stepOf({ kind: "condor-forget", container: text`node2`, machine: text`node9`, address: ghostAddress })),
  );
  await ran.end();
  expect(ran.result("node103/step")).toMatchObject({ state: "done" });
  expect([...node2.ghosts]).toEqual([]);
});
