import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStoreWatch } from "../../src/adapters/store/store-watch.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { asNodeName, type NodeName } from "../../src/domain/ids.ts";
import type { Membership, StoreKind } from "../../src/domain/membership.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Subscription } from "../../src/ports/engine.ts";
import { enableStore as joinTo, vniInKernel } from "./cluster.ts";
import { type Forwarded, forwarded } from "./forwarded.ts";
import { Lab, labObstacle } from "./lab.ts";

const name = (raw: string): NodeName => asNodeName(raw) ?? expect.fail(raw);
const address = "192.168.44.103";

/** A watch on the store of node103, reached through `ways`; what was said is kept. */
class Watching {
  readonly said: Outcome<Membership>[] = [];
  readonly #subscription: Subscription;

  constructor(kind: StoreKind, port: number, ways: ReadonlyMap<NodeName, Forwarded>) {
    this.#subscription = createStoreWatch({
      spec: { kind, port, image: undefined, at: "nodes", nodes: [name("node103")] },
      transports: new Map([...ways].map(([node, way]) => [node, way.transport])),
      clock: systemClock,
      advertise: () => address,
    }).watch((outcome) => this.said.push(outcome));
  }

  /** Waits until the newest thing said is a picture as `wanted`. */
  async picture(wanted: object, seconds = 30): Promise<Membership> {
    await expect
      .poll(() => this.said.at(-1), { timeout: seconds * 1000, message: JSON.stringify(wanted) })
      .toMatchObject({ ok: true, value: wanted });
    const last = this.said.at(-1);
    return last?.ok === true ? last.value : expect.fail("a picture");
  }

  async trouble(wanted: object, seconds = 60): Promise<void> {
    await expect
      .poll(() => this.said.at(-1), { timeout: seconds * 1000, message: JSON.stringify(wanted) })
      .toMatchObject({ ok: false, trouble: wanted });
  }

  close(): void {
    this.#subscription.close();
  }
}

/** Opens a watch for a test and takes care of its end: nothing may stay open. */
async function watching<T>(
  kind: StoreKind,
  port: number,
  ways: ReadonlyMap<NodeName, Forwarded>,
  then: (watch: Watching) => Promise<T>,
): Promise<T> {
  const watch = new Watching(kind, port, ways);
  try {
    return await then(watch);
  } finally {
    watch.close();
    for (const way of ways.values()) {
      await expect.poll(() => way.transport.open, { message: "a closed watch leaves no socket" }).toBe(0);
    }
  }
}

describe.skipIf(labObstacle() !== undefined)("a real Consul 1.8.7, two engines in it", () => {
  let lab: Lab;
  let ways = new Map<NodeName, Forwarded>();
  const endpoint = `${address}:8500`;
  const registrations = ["192.168.44.103:2376", "192.168.44.104:2376"];
  const through = <T>(then: (watch: Watching) => Promise<T>) => watching("consul", 8500, ways, then);

  beforeAll(async () => {
    lab = await Lab.up({ name: "store", flavour: "classic", nodes: 2 });
    ways = new Map([[name("node103"), await forwarded(lab, "node103", [endpoint, "127.0.0.1:8500"])]]);
  });
  afterAll(async () => {
    for (const way of ways.values()) await way.close();
    await lab?.down();
  });

  test("the store itself, both engines, the overlay with its VNI, and every container with its host are in one picture", () =>
    through(async (watch) => {
      const picture = await watch.picture({ registrations });
      const [overlay] = picture.overlays;
      expect(picture).toMatchObject({
        kind: "consul",
        endpoint,
        version: "1.8.7",
        leader: endpoint,
        members: [{ name: "consul", role: "server", state: "leader", address: endpoint }],
      });
      const id = (await lab.node("node103").docker("network", "inspect", "-f", "{{.Id}}", "ov_net1")).trim();
      expect(overlay).toEqual({
        id,
        name: "ov_net1",
        mtu: undefined,
        subnets: [
          { subnet: "10.10.10.0/24", gateway: "10.10.10.1", vni: await vniInKernel(lab.node("node103"), "ov_net1") },
        ],
      });
      const places = picture.endpoints.map(({ name: container, locator, network }) => ({
        container,
        locator,
        network,
      }));
      expect(places).toHaveLength(2);
      expect(places).toEqual(
        expect.arrayContaining([
          { container: "node2", locator: "192.168.44.103", network: id },
          { container: "node1", locator: "192.168.44.104", network: id },
        ]),
      );
    }));

  test("a container that joins the overlay on another host, and leaves it, is pushed", () =>
    through(async (watch) => {
      await watch.picture({ registrations });
      const there = lab.node("node104");
      await there.docker("run", "-d", "--name", "late", "--network", "ov_net1", "big_computing", "sleep", "1000");
      const late = expect.objectContaining({ name: "late", locator: "192.168.44.104" });
      await watch.picture({ endpoints: expect.arrayContaining([late]) });
      await there.docker("rm", "-f", "late");
      await watch.picture({ endpoints: expect.not.arrayContaining([late]) });
      expect(watch.said.filter((outcome) => !outcome.ok)).toEqual([]);
    }));

  test("a Consul that hangs is said not to answer, and the picture comes back with it", () =>
    through(async (watch) => {
      await watch.picture({ registrations });
      await lab.node("node103").docker("pause", "consul");
      try {
        await watch.trouble({ kind: "timed-out", afterMs: 5000 });
      } finally {
        await lab.node("node103").docker("unpause", "consul");
      }
      await watch.picture({ leader: endpoint });
    }));

  test("a Consul that is stopped is lost, then without a leader or back; never an empty membership", () =>
    through(async (watch) => {
      await watch.picture({ registrations });
      await lab.node("node103").docker("stop", "-t", "1", "consul");
      try {
        await watch.trouble({ kind: expect.stringMatching(/^connection-/) });
      } finally {
        await lab.node("node103").docker("start", "consul");
      }
      await watch.picture({ leader: endpoint, registrations }, 90);
      const empty = watch.said.filter((outcome) => outcome.ok && outcome.value.registrations.length === 0);
      expect(empty).toEqual([]);
    }));

  test("an engine that is gone loses its registration, and the store stays as it was", () =>
    through(async (watch) => {
      await watch.picture({ registrations });
      await lab.node("node104").must("systemctl stop docker.socket docker");
      try {
        // Consul lets the key go after up to twice the session's 30 s.
        await watch.picture({ leader: endpoint, registrations: ["192.168.44.103:2376"] }, 150);
      } finally {
        await lab.node("node104").must("systemctl start docker.socket docker");
      }
      await watch.picture({ registrations }, 90);
    }));

  test("when the store's own node cannot be logged in to, another node's view of it does", async () => {
    const other = new Map([[name("node104"), await forwarded(lab, "node104", [endpoint])]]);
    try {
      await watching("consul", 8500, other, (watch) => watch.picture({ endpoint, registrations }));
    } finally {
      for (const way of other.values()) await way.close();
    }
  });

  test("a store value full of escape sequences arrives as harmless text", () =>
    through(async (watch) => {
      const { overlays } = await watch.picture({ registrations });
      const key = `docker/network/v1.0/endpoint/${overlays[0]?.id}/evil/`;
      const url = `http://${endpoint}/v1/kv/${key}`;
      const evil = JSON.stringify({ name: "\u001b[2J\u001b]0;owned\u0007漢字", locator: "\u202e10.0.0.1" });
      await lab.node("node103").must('curl -sf -X PUT --data-binary "$2" "$1"', url, evil);
      try {
        const named = expect.objectContaining({ id: "evil", name: expect.stringContaining("漢字") });
        const { endpoints } = await watch.picture({ endpoints: expect.arrayContaining([named]) });
        expect(endpoints.flatMap((one) => [one.name, one.locator]).join("")).not.toMatch(/[\u0000-\u001f\u202e]/);
      } finally {
        await lab.node("node103").must('curl -sf -X DELETE "$1"', url);
      }
    }));
});

describe.skipIf(labObstacle() !== undefined)("a real etcd 3.4 and a real ZooKeeper 3.8", () => {
  let lab: Lab;
  let ways = new Map<NodeName, Forwarded>();
  const on = (...words: string[]) => lab.node("node103").docker(...words);
  const etcd = (...options: string[]) =>
    on(
      ...["run", "-d", "--name", "etcd", "--network", "host", "etcd:3.4", "etcd", ...options],
      ...["--listen-client-urls", "http://0.0.0.0:2379", "--advertise-client-urls", `http://${address}:2379`],
    );

  beforeAll(async () => {
    lab = await Lab.up({ name: "store-others", flavour: "classic", nodes: 1, joined: false });
    await lab.load("etcd:3.4");
    await lab.load("zookeeper:3.8");
    const to = ["2379", "2181"].flatMap((port) => [`${address}:${port}`, `127.0.0.1:${port}`]);
    ways = new Map([[name("node103"), await forwarded(lab, "node103", to)]]);
  });
  afterAll(async () => {
    for (const way of ways.values()) await way.close();
    await lab?.down();
  });

  test("an etcd without the v2 API is refused with what to do about it", async () => {
    await etcd();
    try {
      await watching("etcd", 2379, ways, (watch) =>
        watch.trouble({ kind: "store-refused", detail: expect.stringContaining("--enable-v2") }),
      );
    } finally {
      await on("rm", "-f", "etcd");
    }
  });

  test("etcd: its members, the engine that uses it, and what that engine makes in it are pushed", async () => {
    await etcd("--enable-v2");
    await watching("etcd", 2379, ways, async (watch) => {
      await watch.picture({ version: expect.stringMatching(/^3\.4\./), registrations: [], overlays: [] });
      const [machine] = lab.machines;
      if (machine !== undefined) await joinTo(machine, `etcd://${address}:2379`);
      await watch.picture({ registrations: [`${address}:2376`] });
      await on("network", "create", "-d", "overlay", "--subnet", "10.20.0.0/24", "ov_etcd");
      await on("run", "-d", "--name", "inside", "--network", "ov_etcd", "big_computing", "sleep", "1000");
      const picture = await watch.picture({
        endpoints: [{ name: "inside", locator: address, address: expect.stringMatching(/^10\.20\.0\.\d+$/) }],
      });
      const vni = machine === undefined ? 0 : await vniInKernel(machine, "ov_etcd");
      // Named by the way that answered first: the address of its node, or through its node.
      const reached = expect.stringMatching(/^(?:192\.168\.44\.103|node103):2379$/);
      expect(picture).toMatchObject({
        kind: "etcd",
        leader: reached,
        members: [{ name: "default", role: "server", state: "leader", address: reached }],
        overlays: [{ name: "ov_etcd", subnets: [{ subnet: "10.20.0.0/24", vni }] }],
      });
      await on("rm", "-f", "inside");
      await watch.picture({ endpoints: [] });
    });
  });

  test("ZooKeeper: its role and version, and the keys as an engine lays them out", async () => {
    const id = "c".repeat(64);
    const keys = [
      ["/docker", ""],
      ["/docker/nodes", ""],
      [`/docker/nodes/${address}:2376`, `${address}:2376`],
      ...["/docker/network", "/docker/network/v1.0", "/docker/network/v1.0/network"].map((key) => [key, ""]),
      [`/docker/network/v1.0/network/${id}`, '{"name":"ov_zk","networkType":"overlay"}'],
      ...["/docker/network/v1.0/endpoint", `/docker/network/v1.0/endpoint/${id}`].map((key) => [key, ""]),
      [
        `/docker/network/v1.0/endpoint/${id}/e1`,
        `{"name":"node2","locator":"${address}","ep_iface":{"addr":"10.30.0.2/24"}}`,
      ],
    ];
    const tools = "/usr/share/zookeeper/bin";
    await on(
      "run",
      "-d",
      "--name",
      "zookeeper",
      "--network",
      "host",
      "zookeeper:3.8",
      `${tools}/zkServer.sh`,
      "start-foreground",
    );
    await watching("zookeeper", 2181, ways, async (watch) => {
      await watch.picture({ version: "3.8.0", registrations: [] }, 60);
      // No engine of the lab survives a ZooKeeper store (moby 20.10, libnetwork endpoint_cnt.go), so a person writes.
      const script = keys.map(([key, value]) => `create ${key} ${value === "" ? "x" : value}`).join("\n");
      await lab.node("node103").must(`printf '%s\\n' "$1" | docker exec -i zookeeper ${tools}/zkCli.sh`, script);
      const picture = await watch.picture({ registrations: [`${address}:2376`] });
      expect(picture).toMatchObject({
        kind: "zookeeper",
        leader: `${address}:2181`,
        members: [{ name: "node103", role: "server", state: "leader" }],
        overlays: [{ id, name: "ov_zk" }],
        endpoints: [{ id: "e1", network: id, name: "node2", address: "10.30.0.2", locator: address }],
      });
      await on("pause", "zookeeper");
      try {
        await watch.trouble({ kind: "timed-out" });
      } finally {
        await on("unpause", "zookeeper");
      }
      await watch.picture({ registrations: [`${address}:2376`] });
    });
  });
});
