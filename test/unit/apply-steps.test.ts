import { describe, expect, test } from "vitest";
import type { Change, ContainerDefinition, NetworkDefinition } from "../../src/domain/plan/change.ts";
import { clean } from "../../src/domain/text.ts";
import { begin, planOf, stepOf } from "../apply-run.ts";
import { FakeCluster } from "../fake-hosts.ts";
import { computingImage } from "../planned.ts";
import { container, engineInfo, overlay as network, nodeNamed } from "../snapshots.ts";

const node103 = nodeNamed("node103");
const node104 = nodeNamed("node104");
const refusal = { kind: "engine-refused", status: 500, detail: clean("no space left on device") } as const;

/** Carries one change out on node103; how its step ended. */
async function result(cluster: FakeCluster, change: Change) {
  const ran = begin(cluster, planOf(stepOf(change)));
  await ran.end();
  return ran.result("node103/step");
}

const definition: ContainerDefinition = {
  ...{ name: "node2", hostname: "node2", image: "big_computing", network: undefined, address: undefined },
  ...{ privileged: true, remove: false, terminal: true, command: [], environment: {}, mounts: [] },
  ...{ restart: undefined, stopSignal: undefined, labels: {} },
};
const create: Change = { kind: "create-container", definition };

describe("a container that is made", () => {
  test("runs, and is left alone by a second try", async () => {
    const cluster = new FakeCluster();
    expect(await result(cluster, create)).toMatchObject({ state: "done" });
    expect(cluster.host("node103").runs("node2")).toBe(true);
    expect(await result(cluster, create)).toMatchObject({ state: "unchanged" });
  });

  test("and was made by a run that died before it started it is started, not made twice", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").adds(container("node2", node103, { state: "created" }));
    expect(await result(cluster, create)).toMatchObject({ state: "done" });
    expect(cluster.changes).toEqual(["node103 startContainer"]);
  });

  test("meanwhile by somebody else, of another image or elsewhere, is neither started nor taken for it", async () => {
    for (const state of ["running", "exited"] as const) {
      const cluster = new FakeCluster();
      cluster.host("node103").adds(container("node2", node103, { image: clean("nginx:1"), state }));
      expect(await result(cluster, create)).toMatchObject({
        state: "undone",
        error: "somebody else made a container node2 on node103 meanwhile: its image is nginx:1, not big_computing",
      });
      expect(cluster.changes).toEqual([]);
    }
    const cluster = new FakeCluster();
    cluster.host("node103").adds(container("node2", node103));
    const onOverlay: Change = { ...create, definition: { ...definition, network: "ov_net1" } };
    expect(await result(cluster, onOverlay)).toMatchObject({ error: expect.stringContaining("it is not on ov_net1") });
  });

  test("from an image whose name means another by now is known by the id", async () => {
    const cluster = new FakeCluster();
    const { id } = computingImage;
    cluster.host("node103").adds(container("node2", node103, { image: clean(id) }));
    expect(await result(cluster, create)).toMatchObject({ state: "unchanged" });
  });

  test("but ends at once is removed again, and its last words are the reason", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").crashing.set("big_computing", "exec /usr/sbin/init: no such file");
    expect(await result(cluster, create)).toMatchObject({
      state: "undone",
      error: expect.stringMatching(
        /node2 did not stay up: Exited \(1\).*it said: exec \/usr\/sbin\/init: no such file/,
      ),
    });
    expect(cluster.host("node103").named("node2")).toBeUndefined();
    expect(cluster.host("node103").volumesGone).toEqual(["node2"]);
  });

  test("is looked for again when the connection broke after it was asked for", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").breaks("createContainer", "after", 5000);
    expect(await result(cluster, create)).toMatchObject({ state: "done" });
    expect(cluster.changes.filter((one) => one.endsWith("createContainer"))).toHaveLength(1);
  });

  test("was not made when the connection broke before: the step says so, and nothing is left", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").breaks("createContainer", "before", 5000);
    expect(await result(cluster, create)).toMatchObject({ state: "undone" });
    expect(cluster.host("node103").containers.size).toBe(0);
  });

  test("is refused in the engine's words, with the node's name in the way out", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").fails("createContainer", refusal);
    expect(await result(cluster, create)).toMatchObject({
      state: "undone",
      error: "the engine refused (500): no space left on device",
      remedy: expect.stringContaining("node103"),
    });
  });
});

describe("a container that is there", () => {
  const box = container("box", node103, { state: "exited" });
  const start: Change = { kind: "start-container", id: box.id, name: box.name };

  test("is started; one that is gone by then fails the step", async () => {
    const cluster = new FakeCluster();
    expect(await result(cluster, start)).toMatchObject({ error: "box is not on node103 any more" });
    cluster.host("node103").adds(box);
    expect(await result(cluster, start)).toMatchObject({ state: "done" });
    expect(await result(cluster, start)).toMatchObject({ state: "unchanged" });
  });

  test("is connected once", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").adds(box);
    const connect: Change = {
      kind: "connect-container",
      id: box.id,
      name: box.name,
      network: "ov",
      address: undefined,
    };
    expect(await result(cluster, connect)).toMatchObject({ state: "done" });
    expect(await result(cluster, connect)).toMatchObject({ state: "unchanged" });
  });

  test("is stopped before it is removed, also when the connection breaks in between", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").adds({ ...box, state: "running" });
    cluster.host("node103").breaks("removeContainer", "after", 5000);
    const remove: Change = { kind: "remove-container", id: box.id, name: box.name };
    expect(await result(cluster, remove)).toMatchObject({ state: "done" });
    expect(cluster.changes[0]).toBe("node103 stopContainer");
    expect(cluster.host("node103").volumesGone).toEqual([]);
    expect(await result(cluster, remove)).toMatchObject({ state: "unchanged" });
  });
});

describe("an overlay", () => {
  const overlay: NetworkDefinition = {
    ...{ name: "ov_net1", driver: "overlay", subnet: "10.10.10.0/24", gateway: undefined, range: undefined },
    ...{ parent: undefined, mtu: undefined, attachable: false },
  };
  const make: Change = { kind: "create-network", definition: overlay, seenBy: [node103, node104] };
  const joined = () => {
    const cluster = new FakeCluster();
    for (const host of cluster.hosts.values()) host.info = engineInfo();
    return cluster;
  };

  test("is done when every node lists it by one id", async () => {
    const cluster = joined();
    expect(await result(cluster, make)).toMatchObject({ state: "done" });
    expect(await result(cluster, make)).toMatchObject({ state: "unchanged" });
  });

  test("of that name with another subnet or driver, made meanwhile, is left alone and not taken for it", async () => {
    const cluster = joined();
    const subnets = [{ subnet: clean("10.99.0.0/24"), gateway: undefined, range: undefined }];
    cluster.networks.push(network(node103, { subnets }));
    expect(await result(cluster, make)).toMatchObject({
      state: "undone",
      error: expect.stringContaining("its subnet is 10.99.0.0/24, not 10.10.10.0/24"),
    });
    cluster.networks.splice(0, 1, network(node103, { driver: clean("bridge") }));
    expect(await result(cluster, make)).toMatchObject({ error: expect.stringContaining("its driver is bridge") });
    expect(cluster.changes).toEqual([]);
  });

  test("that a node does not see is taken away again, and that node is named", async () => {
    const cluster = joined();
    cluster.host("node104").blind.add("ov_net1");
    expect(await result(cluster, make)).toMatchObject({
      state: "undone",
      error: expect.stringContaining("node104 did not see it"),
    });
    expect(cluster.networks).toEqual([]);
  });

  test("is looked for again when the connection broke after it was asked for", async () => {
    const cluster = joined();
    cluster.host("node103").breaks("createNetwork", "after", 5000);
    expect(await result(cluster, make)).toMatchObject({ state: "done" });
    expect(cluster.networks).toHaveLength(1);
  });
});

describe("waiting for a store", () => {
  const wait: Change = { kind: "await-store", store: "consul", servers: ["192.168.44.103:8500"] };

  test("ends with its leader", async () => {
    const cluster = new FakeCluster();
    const ran = begin(cluster, planOf(stepOf(wait)));
    await cluster.clock.advance(3000);
    expect(ran.result("node103/step")).toMatchObject({ state: "running", says: "waiting for consul to answer" });
    cluster.host("node103").adds(container("consul", node103));
    expect(await ran.end()).toEqual({ kind: "done" });
  });

  test("is given up after a minute without a leader", async () => {
    const cluster = new FakeCluster();
    cluster.hasLeader = false;
    cluster.host("node103").adds(container("consul", node103));
    const began = cluster.clock.now();
    expect(await result(cluster, wait)).toMatchObject({ error: expect.stringContaining("consul has no leader") });
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(59_000);
  });

  test("is given up at once when its container has ended, with its last words", async () => {
    const cluster = new FakeCluster();
    const image = clean("consul:1.8.7");
    cluster.host("node103").adds(container("consul", node103, { image, state: "exited", status: clean("Exited (1)") }));
    cluster.host("node103").crashing.set(image, "Error starting agent: bind: address already in use");
    const began = cluster.clock.now();
    expect(await result(cluster, wait)).toMatchObject({
      error: expect.stringMatching(/ended \(Exited \(1\)\); it said: .*address already in use/),
      remedy: expect.stringContaining("docker logs consul"),
    });
    expect(cluster.clock.now() - began).toBeLessThan(5000);
  });

  test("is given up when two servers lead: they are two stores", async () => {
    const cluster = new FakeCluster();
    cluster.isApart = true;
    for (const name of ["node103", "node104"]) cluster.host(name).adds(container("consul", nodeNamed(name)));
    expect(await result(cluster, { ...wait, servers: ["a:2181", "b:2181"] })).toMatchObject({
      error: expect.stringContaining("its servers are several stores"),
    });
  });

  test("wants every server of a quorum", async () => {
    const cluster = new FakeCluster(3);
    for (const name of ["node103", "node104"]) cluster.host(name).adds(container("consul", nodeNamed(name)));
    const three: Change = { ...wait, servers: ["a:8500", "b:8500", "c:8500"] };
    const ran = begin(cluster, planOf(stepOf(three)));
    await cluster.clock.advance(3000);
    expect(ran.result("node103/step")).toMatchObject({ says: "waiting for 1 more of 3 servers" });
    cluster.host("node105").adds(container("consul", nodeNamed("node105")));
    expect(await ran.end()).toEqual({ kind: "done" });
  });
});

describe("an image", () => {
  const copy: Change = {
    ...{ kind: "load-image", image: "big_computing" },
    from: { kind: "node", node: node104, bytes: 20 },
  };

  test("that its engine writes to a temporary folder for ten minutes is waited for, and then comes", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").images.splice(0);
    cluster.host("node104").takes("preparing", 10 * 60_000);
    const ran = begin(cluster, planOf(stepOf(copy)));
    await cluster.clock.advance(5 * 60_000);
    expect(ran.result("node103/step")).toMatchObject({
      state: "running",
      says: "waiting until node104 has written big_computing to its temporary folder",
    });
    expect(await ran.end()).toEqual({ kind: "done" });
  });

  test("of which an engine sends nothing in half an hour is broken off, and says which engine and where to look", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").images.splice(0);
    cluster.host("node104").takes("preparing", 10_000_000);
    const began = cluster.clock.now();
    expect(await result(cluster, copy)).toMatchObject({
      state: "undone",
      error: "node104 sent nothing of big_computing in 30 minutes; it was broken off",
      remedy: expect.stringContaining("/var/lib/docker/tmp"),
    });
    expect(cluster.clock.now() - began).toBeLessThan(31 * 60_000);
  });

  test("that stops coming is broken off after two minutes, and both ends are let go", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").images.splice(0);
    cluster.host("node103").takes("unpacking", 10_000_000);
    const began = cluster.clock.now();
    expect(await result(cluster, copy)).toMatchObject({
      state: "undone",
      error: expect.stringContaining("nothing of big_computing came to node103 for 120 s"),
    });
    expect(cluster.clock.now() - began).toBeLessThan(130_000);
  });

  test("that no registry has says so, and how else it could come", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").fails("pullImage", { ...refusal, detail: clean("pull access denied for nope") });
    expect(await result(cluster, { kind: "load-image", image: "nope", from: { kind: "registry" } })).toMatchObject({
      state: "undone",
      error: expect.stringMatching(/nope cannot be pulled.*pull access denied/),
      remedy: expect.stringContaining("docker load"),
    });
  });
});

describe("certificates", () => {
  const place: Change = { kind: "place-certificates", folder: "/etc/docker/ovl-tui", names: ["node103"] };

  test("are placed once", async () => {
    const cluster = new FakeCluster();
    expect(await result(cluster, place)).toMatchObject({ state: "done" });
    expect(cluster.host("node103").files.get("/etc/docker/ovl-tui/server-key.pem")).toBe("KEY");
    expect(await result(cluster, place)).toMatchObject({ state: "unchanged" });
  });

  test("that serve no more are made anew, and a key that others could read is theirs no longer", async () => {
    const cluster = new FakeCluster();
    const host = cluster.host("node103");
    const at = (name: string) => `/etc/docker/ovl-tui/${name}`;
    const stands = (certificate: string) => {
      for (const [name, content] of Object.entries({ ca: "CA", "server-key": "OLD", "server-cert": certificate })) {
        host.files.set(at(`${name}.pem`), content);
        host.modes.set(at(`${name}.pem`), 0o644);
      }
    };
    stands("expired");
    expect(await result(cluster, place)).toMatchObject({ state: "done" });
    expect(host.files.get(at("server-key.pem"))).toBe("KEY");
    expect(host.modes.get(at("server-key.pem"))).toBe(0o600);
    stands("CERT");
    expect(await result(cluster, place)).toMatchObject({ state: "unchanged" });
    expect(host.files.get(at("server-key.pem"))).toBe("OLD");
    expect(host.modes.get(at("server-key.pem"))).toBe(0o600);
  });

  test("that cannot all be written are taken away again", async () => {
    const cluster = new FakeCluster();
    const host = cluster.host("node103");
    const ran = begin(cluster, planOf(stepOf(place)));
    host.fails("write", { kind: "cancelled" });
    host.fails("write", { kind: "cancelled" });
    await ran.end();
    expect(ran.result("node103/step")).toMatchObject({ state: "undone" });
    expect([...host.files.keys()]).toEqual(["/etc/docker/daemon.json"]);
  });
});
