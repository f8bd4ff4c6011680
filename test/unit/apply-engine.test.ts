import { describe, expect, test } from "vitest";
import type { ConfigureEngine } from "../../src/domain/plan/change.ts";
import { clean } from "../../src/domain/text.ts";
import { begin, planOf, type Ran, stepOf } from "../apply-run.ts";
import { FakeCluster, type FakeHost, hashOf } from "../fake-hosts.ts";
import { container, nodeNamed } from "../snapshots.ts";

const path = "/etc/docker/daemon.json";
const before = '{\n    "log-driver": "json-file"\n}\n';
const store = "consul://192.168.44.103:8500";
const after = JSON.stringify({ "log-driver": "json-file", "cluster-store": store, "cluster-advertise": "ens33:2376" });
const advertise = "ens33:2376";
const node103 = nodeNamed("node103");
const node104 = nodeNamed("node104");

/** The engine of node104 gets the store that runs on node103, whose engine has it already. */
const change: ConfigureEngine = {
  kind: "configure-engine",
  edits: [{ path, replaces: { sha256: hashOf(before), content: before }, content: after, mode: 0o644 }],
  take: "reload",
  joins: { node: node104, store, advertise, address: "192.168.44.104" },
  peers: [{ node: node103, store, advertise, address: "192.168.44.103" }],
};

interface Case {
  cluster: FakeCluster;
  host: FakeHost;
}

function joinedFirst(): Case {
  const cluster = new FakeCluster();
  const first = cluster.host("node103");
  first.adds(container("consul", node103));
  first.info = { ...first.info, store: clean(store), advertise: clean("192.168.44.103:2376") };
  return { cluster, host: cluster.host("node104") };
}

const id = "node104/engine";
const run = ({ cluster }: Case, changes: Partial<ConfigureEngine> = {}): Ran =>
  begin(cluster, planOf(stepOf({ ...change, ...changes }, { node: node104, id })));

async function result(of: Case, changes: Partial<ConfigureEngine> = {}) {
  const ran = run(of, changes);
  await ran.end();
  return ran.result(id);
}

describe("a reload of an engine for its first store", () => {
  test("is done once the engine knows it, is registered, gossips, and is still the same process", async () => {
    const one = joinedFirst();
    expect(await result(one)).toMatchObject({ state: "done" });
    expect(one.host.files.get(path)).toBe(after);
    expect(one.cluster.changes).toEqual(["node104 write", "node104 reload"]);
  });

  test("is not made when the file was changed since the plan: nothing is written over it", async () => {
    const one = joinedFirst();
    one.host.files.set(path, "{}");
    expect(await result(one)).toMatchObject({
      state: "undone",
      error: expect.stringContaining("/etc/docker/daemon.json on node104 was changed by somebody else"),
      remedy: expect.stringContaining("Plan again"),
    });
    expect(one.host.files.get(path)).toBe("{}");
    expect(one.cluster.changes).not.toContain("node104 reload");
  });

  test("puts the first file back when the second cannot be written", async () => {
    const one = joinedFirst();
    const second = { path: "/etc/other.conf", replaces: "absent", content: "x", mode: 0o644 } as const;
    one.host.files.set(second.path, "somebody's");
    expect(await result(one, { edits: [...change.edits, second] })).toMatchObject({ state: "undone" });
    expect(one.host.files.get(path)).toBe(before);
    expect(one.host.files.get(second.path)).toBe("somebody's");
  });

  test("that dockerd refuses brings the file back, in dockerd's own words, without waiting for what will not come", async () => {
    const one = joinedFirst();
    one.host.refusesStore = "discovery service not supported";
    const began = one.cluster.clock.now();
    expect(await result(one)).toMatchObject({
      state: "undone",
      error: expect.stringMatching(/did not take the store.*dockerd says: .*discovery service not supported/),
      remedy: expect.stringMatching(/^For node104: Read "journalctl/),
    });
    expect(one.cluster.clock.now() - began).toBeLessThan(10_000);
    expect(one.host.files.get(path)).toBe(before);
    expect(one.host.isUp).toBe(true);
  });

  test("that ends in another process is a crash: the file comes back", async () => {
    const one = joinedFirst();
    const loads = one.host.loads.bind(one.host);
    one.host.loads = (how) => {
      const outcome = loads(how);
      if (one.host.files.get(path) === after) one.host.pid += 1;
      return outcome;
    };
    expect(await result(one)).toMatchObject({ error: expect.stringContaining("dockerd restarted although") });
    expect(one.host.files.get(path)).toBe(before);
  });

  test("that kills dockerd starts it again with the old file: it is never left down", async () => {
    const one = joinedFirst();
    const loads = one.host.loads.bind(one.host);
    one.host.loads = (how) => {
      const outcome = loads(how);
      if (how === "reload" && one.host.files.get(path) === after) one.host.isUp = false;
      return outcome;
    };
    expect(await result(one)).toMatchObject({
      state: "undone",
      error: expect.stringMatching(/runs as before again: Docker is not running/),
      remedy: expect.stringMatching(/Mend on node104 what dockerd says .* then apply again/),
    });
    expect(one.host.isUp).toBe(true);
    expect(one.host.files.get(path)).toBe(before);
    expect(one.cluster.changes.at(-1)).toBe("node104 restart");
  });

  test("whose gossip a peer does not reach says who, and that the running dockerd keeps the store for now", async () => {
    const one = joinedFirst();
    one.cluster.host("node103").blocked.add(node104);
    expect(await result(one)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("node103 does not reach 7946/tcp of node104"),
      remedy: expect.stringContaining("7946"),
      stands: expect.stringContaining(`keeps ${store} until its next restart`),
    });
    expect(one.host.files.get(path)).toBe(before);
  });

  test("whose store is gone by then is told to bring the store back, not to look for a slow node", async () => {
    const one = joinedFirst();
    one.cluster.host("node103").containers.clear();
    expect(await result(one)).toMatchObject({
      state: "failed",
      error: expect.stringContaining(`the store ${store} does not answer: connection refused on port 8500`),
      remedy: expect.stringContaining("Bring the store back first"),
    });
    expect(one.host.files.get(path)).toBe(before);
  });

  test("says what stands when somebody has changed the file before it could be put back", async () => {
    const one = joinedFirst();
    one.host.refusesStore = "discovery service not supported";
    const ran = run(one);
    await one.cluster.clock.advance(300);
    expect(one.host.files.get(path)).toBe(after);
    one.host.files.set(path, '{"mine": true}');
    await ran.end();
    expect(ran.result(id)).toMatchObject({ state: "failed", stands: expect.stringContaining(path) });
    expect(one.host.files.get(path)).toBe('{"mine": true}');
  });
});

describe("a connection that breaks", () => {
  test.each(["before", "after"] as const)(
    "%s the file was written holds the step up until the node is back",
    async (when) => {
      const one = joinedFirst();
      one.host.breaks("write", when, 8000);
      expect(await result(one)).toMatchObject({ state: "done" });
      expect(one.host.files.get(path)).toBe(after);
    },
  );

  test("after the file was written leaves it known as ours: a failure later puts it back", async () => {
    const one = joinedFirst();
    one.host.breaks("write", "after", 8000);
    one.host.refusesStore = "discovery service not supported";
    expect(await result(one)).toMatchObject({ state: "undone" });
    expect(one.host.files.get(path)).toBe(before);
  });

  test("after the reload was sent is waited out, and the proof decides", async () => {
    const one = joinedFirst();
    one.host.breaks("reload", "after", 8000);
    expect(await result(one)).toMatchObject({ state: "done" });
  });

  test("after a restart was sent does not restart it twice", async () => {
    const one = joinedFirst();
    one.host.breaks("restart", "after", 8000);
    expect(await result(one, { take: "restart" })).toMatchObject({ state: "done" });
    expect(one.cluster.changes.filter((each) => each.endsWith("restart"))).toHaveLength(1);
  });

  test("for good ends in what nobody knows: the file may be as written", async () => {
    const one = joinedFirst();
    one.host.breaks("write", "after", 3_000_000);
    expect(await result(one)).toMatchObject({ state: "failed", stands: expect.stringContaining(path) });
  });
});

describe("another run that has taken the node's lock while this machine slept", () => {
  const them = { run: "7-theirs", operator: clean("other@laptop"), machine: "laptop", pid: 7, doing: clean("apply") };
  const takenDuring = async (method: string, changes: Partial<ConfigureEngine>, one = joinedFirst()) => {
    one.host.takes(method, 5000);
    const ran = run(one, changes);
    await one.cluster.clock.advance(1000);
    one.cluster.clock.sleep(60_000);
    one.host.lock = { ...them, renewedAt: one.cluster.clock.now() };
    await ran.end();
    return { one, result: ran.result(id) };
  };

  test("keeps this one from a restart", async () => {
    const { one, result } = await takenDuring("write", { take: "restart" });
    expect(result).toMatchObject({
      state: "failed",
      error: "other@laptop has taken the lock of node104 (apply)",
      stands: expect.stringContaining("dockerd was not told"),
    });
    expect(one.cluster.changes).toEqual(["node104 write"]);
  });

  test("keeps this one from putting the files back", async () => {
    const broken = joinedFirst();
    broken.host.refusesStore = "cluster-store is not known";
    const { one, result } = await takenDuring("restart", { take: "restart" }, broken);
    expect(result).toMatchObject({
      state: "failed",
      error: expect.stringMatching(/cluster-store is not known.*; other@laptop has taken the lock/),
    });
    expect(one.host.files.get(path)).toBe(after);
  });
});

describe("a restart", () => {
  test("brings back every container that ran: the engine those with a policy, the step the others", async () => {
    const one = joinedFirst();
    const kept = container("kept", node104, { labels: [{ name: clean("restart"), value: clean("always") }] });
    one.host.adds(kept);
    one.host.adds(container("plain", node104));
    one.host.adds(container("stopped", node104, { state: "exited" }));
    expect(await result(one, { take: "restart" })).toMatchObject({ state: "done" });
    expect(one.host.runs("kept") && one.host.runs("plain")).toBe(true);
    expect(one.host.runs("stopped")).toBe(false);
    expect(one.cluster.changes.filter((each) => each.endsWith("startContainer"))).toHaveLength(1);
  });

  test("starts a container whose program is soon done once, and has it back when that ends well", async () => {
    const one = joinedFirst();
    one.host.adds(container("batch", node104, { image: clean("batch:1") }));
    one.host.brief.add("batch:1");
    expect(await result(one, { take: "restart" })).toMatchObject({ state: "done" });
    expect(one.cluster.changes.filter((each) => each.endsWith("startContainer"))).toHaveLength(1);
    expect(one.host.files.get(path)).toBe(after);
  });

  test("pauses again what was paused", async () => {
    const one = joinedFirst();
    one.host.adds(container("frozen", node104, { state: "paused" }));
    const always = [{ name: clean("restart"), value: clean("always") }];
    one.host.adds(container("kept", node104, { state: "paused", labels: always }));
    expect(await result(one, { take: "restart" })).toMatchObject({ state: "done" });
    expect(["frozen", "kept"].map((name) => one.host.named(name)?.state)).toEqual(["paused", "paused"]);
  });

  test("tries a start again that the engine refused", async () => {
    const one = joinedFirst();
    one.host.adds(container("plain", node104));
    one.host.fails("startContainer", { kind: "engine-refused", status: 500, detail: clean("network not found") });
    expect(await result(one, { take: "restart" })).toMatchObject({ state: "done" });
    expect(one.host.runs("plain")).toBe(true);
  });

  test("that dockerd does not survive is taken back: the old file, dockerd up, its containers running", async () => {
    const one = joinedFirst();
    one.host.refusesStore = "cluster-store is not known";
    one.host.adds(container("plain", node104));
    expect(await result(one, { take: "restart" })).toMatchObject({
      state: "undone",
      error: expect.stringContaining("cluster-store is not known"),
    });
    expect(one.host.files.get(path)).toBe(before);
    expect(one.host.isUp && one.host.runs("plain")).toBe(true);
  });

  test("with a container that does not come back names it, and is taken back", async () => {
    const one = joinedFirst();
    const box = container("box", node104, { image: clean("tired:1") });
    one.host.adds(box);
    one.host.crashing.set("tired:1", "no disk");
    expect(await result(one, { take: "restart" })).toMatchObject({
      state: "failed",
      error: expect.stringContaining("these containers do not: box"),
      stands: expect.stringContaining("box"),
    });
    expect(one.host.files.get(path)).toBe(before);
    // Once for the new configuration, once for the old one.
    expect(one.cluster.changes.filter((each) => each.endsWith("startContainer"))).toHaveLength(2);
  });
});
