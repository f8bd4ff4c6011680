import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createStoreWatch } from "../../src/adapters/store/store-watch.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { Membership, StoreKind } from "../../src/domain/membership.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { ManualClock } from "../manual-clock.ts";
import { type FakeStore, fakeHttp, fakeTcp, json } from "./fake-store.ts";

const stores: FakeStore[] = [];
const watches: { close(): void }[] = [];

afterEach(async () => {
  for (const watch of watches.splice(0)) watch.close();
  for (const store of stores.splice(0)) {
    await expect.poll(() => store.open, { message: "a closed watch leaves no connection" }).toBe(0);
    await store.stop();
  }
});

async function kept(store: Promise<FakeStore>): Promise<FakeStore> {
  stores.push(await store);
  return store;
}

/** A store at these ports of this machine. */
const storeAt = (kind: StoreKind, ports: readonly number[], clock: Clock = systemClock) =>
  createStoreWatch({
    spec: {
      kind,
      port: 0,
      image: undefined,
      at: "endpoints",
      endpoints: ports.map((port) => ({ host: "127.0.0.1", port })),
    },
    transports: new Map(),
    clock,
    advertise: () => undefined,
  });

/** Watches a store at these ports; what was said is kept. */
function watch(kind: StoreKind, ports: readonly number[], clock: Clock = systemClock) {
  const said: Outcome<Membership>[] = [];
  const subscription = storeAt(kind, ports, clock).watch((outcome) => said.push(outcome));
  watches.push(subscription);
  return {
    said,
    subscription,
    /** The last thing said, once something was. */
    last: async () => {
      await expect.poll(() => said.length, { timeout: 30_000 }).toBeGreaterThan(0);
      return said.at(-1);
    },
  };
}

/** Consul as version 1.8.7 answers; `registered` makes up the keys, `onKeys` takes over the answer to questions that wait. */
function consul(
  options: { leader?: string; registered?: () => string[]; onWait?: (response: ServerResponse) => void } = {},
): Promise<FakeStore> {
  const { leader = "172.17.0.2:8300", registered = () => ["10.99.0.1:2376"], onWait = () => {} } = options;
  const keys = () =>
    registered().map((one) => ({ Key: `docker/nodes/${one}`, Value: Buffer.from(one).toString("base64") }));
  return fakeHttp((path, response, request) => {
    switch (path) {
      case "/v1/status/leader":
        return json(response, leader);
      case "/v1/status/peers":
        return json(response, leader === "" ? [] : [leader]);
      case "/v1/agent/members":
        return json(response, [
          { Name: "consul", Addr: "172.17.0.2", Port: 8301, Tags: { role: "consul", port: "8300" }, Status: 1 },
          { Name: "worker", Addr: "10.0.0.9", Port: 8301, Tags: { role: "node" }, Status: 4 },
        ]);
      case "/v1/agent/self":
        return json(response, { Config: { Version: "1.8.7", NodeName: "consul" } });
      default:
        if (request.url?.includes("index=7")) return onWait(response);
        return json(response, keys(), { "X-Consul-Index": "7" });
    }
  });
}

describe("Consul", () => {
  test("leader, members with their states and registrations make one picture", async () => {
    const store = await kept(consul());
    const { last } = watch("consul", [store.port]);
    expect(await last()).toMatchObject({
      ok: true,
      value: {
        kind: "consul",
        endpoint: `127.0.0.1:${store.port}`,
        version: "1.8.7",
        leader: `127.0.0.1:${store.port}`,
        members: [
          { name: "consul", role: "server", state: "leader", address: `127.0.0.1:${store.port}` },
          { name: "worker", role: "client", state: "failed", address: "10.0.0.9:8301" },
        ],
        registrations: ["10.99.0.1:2376"],
      },
    });
  });

  test("a change is told when the waiting question is answered, without a poll in between", async () => {
    let registered = ["10.99.0.1:2376"];
    let waiting: ServerResponse | undefined;
    const store = await kept(consul({ registered: () => registered, onWait: (response) => (waiting = response) }));
    const { said } = watch("consul", [store.port]);
    await expect.poll(() => waiting).toBeDefined();
    registered = ["10.99.0.1:2376", "10.99.0.2:2376"];
    const keys = registered.map((one) => ({ Key: `docker/nodes/${one}`, Value: Buffer.from(one).toString("base64") }));
    if (waiting !== undefined) json(waiting, keys, { "X-Consul-Index": "8" });
    await expect.poll(() => said.at(-1)).toMatchObject({ ok: true, value: { registrations: registered } });
  });

  test("one question has one answer, a picture or why there is none, and leaves no connection", async () => {
    const stores = await Promise.all([0, 1].map(() => kept(consul({ leader: "172.17.0.2:8300" }))));
    const leaderless = await kept(consul({ leader: "" }));
    const within = { ms: 5000 };
    expect(await storeAt("consul", [leaderless.port]).ask(within)).toMatchObject({
      ok: false,
      trouble: { kind: "store-refused", detail: "no cluster leader" },
    });
    expect(await storeAt("consul", [leaderless.port, ...stores.map(({ port }) => port)]).ask(within)).toMatchObject({
      ok: true,
      value: { registrations: ["10.99.0.1:2376"] },
    });
    await expect.poll(() => [leaderless, ...stores].map(({ open }) => open)).toEqual([0, 0, 0]);
  });

  test("without a leader the store refuses; that is no empty membership", async () => {
    const store = await kept(consul({ leader: "" }));
    const { last, said } = watch("consul", [store.port]);
    expect(await last()).toMatchObject({ ok: false, trouble: { kind: "store-refused", detail: "no cluster leader" } });
    expect(said.filter((one) => one.ok)).toEqual([]);
  });

  test("a refusal is told in Consul's own words", async () => {
    const store = await kept(
      fakeHttp((_path, response) => {
        response.writeHead(500, { "Content-Type": "text/plain" });
        response.end("No cluster leader");
      }),
    );
    expect(await watch("consul", [store.port]).last()).toEqual({
      ok: false,
      trouble: { kind: "store-refused", from: `Consul at 127.0.0.1:${store.port}`, detail: "No cluster leader" },
    });
  });

  test("a server whose leader is gone says so in words of its own, and they are explained", async () => {
    const store = await kept(
      fakeHttp((_path, response) => {
        response.writeHead(500, { "Content-Type": "text/plain" });
        response.end(
          "rpc error getting client: failed to get conn: dial tcp 10.0.0.1:8300: connect: connection refused",
        );
      }),
    );
    expect(await watch("consul", [store.port]).last()).toMatchObject({
      trouble: { kind: "store-refused", detail: expect.stringMatching(/^its leader cannot be reached: .*10\.0\.0\.1/) },
    });
  });

  test("a store that takes questions and answers none has timed out", async () => {
    const clock = new ManualClock();
    let asked = 0;
    const store = await kept(
      fakeHttp(() => {
        asked += 1;
      }),
    );
    const { said } = watch("consul", [store.port], clock);
    await expect.poll(() => asked).toBeGreaterThan(0);
    await clock.advance(5000);
    expect(said).toEqual([
      { ok: false, trouble: { kind: "timed-out", what: `Consul at 127.0.0.1:${store.port}`, afterMs: 5000 } },
    ]);
  });

  test("nonsense in the place of keys is a bad answer", async () => {
    const store = await kept(
      fakeHttp((path, response) => {
        if (path.startsWith("/v1/kv")) json(response, [{ Key: 1 }], { "X-Consul-Index": "7" });
      }),
    );
    expect(await watch("consul", [store.port]).last()).toMatchObject({ ok: false, trouble: { kind: "bad-answer" } });
  });

  test("when the server that answered is lost, the next one takes over and no trouble is told", async () => {
    const first = await kept(consul());
    const second = await kept(consul({ registered: () => ["10.99.0.2:2376"] }));
    const { said, last } = watch("consul", [first.port, second.port]);
    expect(await last()).toMatchObject({ ok: true, value: { endpoint: `127.0.0.1:${first.port}` } });
    await first.stop();
    stores.splice(stores.indexOf(first), 1);
    await expect.poll(() => said.at(-1)).toMatchObject({ ok: true, value: { endpoint: `127.0.0.1:${second.port}` } });
    expect(said.filter((one) => !one.ok)).toEqual([]);
  });

  test("a server that hangs does not keep the others from being asked", async () => {
    const hanging = await kept(fakeHttp(() => {}));
    const answering = await kept(consul());
    const { last } = watch("consul", [hanging.port, answering.port]);
    expect(await last()).toMatchObject({ ok: true, value: { endpoint: `127.0.0.1:${answering.port}` } });
    await expect.poll(() => hanging.open, { message: "the one that lost the race is let go" }).toBe(0);
  });

  test("a store that is down is tried again until it is there", async () => {
    const store = await consul();
    await store.stop();
    const clock = new ManualClock();
    const { said } = watch("consul", [store.port], clock);
    await expect.poll(() => said.length).toBe(1);
    expect(said[0]).toMatchObject({ ok: false, trouble: { kind: "connection-refused", port: store.port } });
    await clock.advance(60_000);
    await expect.poll(() => said.length).toBeGreaterThan(1);
  });

  test("one question to a store that is away ends with its answer: nothing is tried again for nobody", async () => {
    const store = await kept(consul());
    await store.stop();
    const clock = new ManualClock();
    const asked = storeAt("consul", [store.port], clock).ask({ ms: 5000 });
    expect(await asked).toMatchObject({ ok: false, trouble: { kind: "connection-refused" } });
    expect(clock.waiting).toBe(0);
  });

  test("a watch that was closed says nothing more", async () => {
    const store = await kept(consul());
    const { said, subscription, last } = watch("consul", [store.port]);
    await last();
    subscription.close();
    const before = said.length;
    await store.stop();
    stores.splice(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said).toHaveLength(before);
  });
});

describe("etcd", () => {
  test("a server without the v2 API is told apart, with what to do", async () => {
    // As etcd 3.4 answers without --enable-v2.
    const store = await kept(
      fakeHttp((path, response) => {
        if (path === "/version") return json(response, { etcdserver: "3.4.23", etcdcluster: "3.4.0" });
        response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" });
        response.end("404 page not found\n");
      }),
    );
    expect(await watch("etcd", [store.port]).last()).toMatchObject({
      ok: false,
      trouble: { kind: "store-refused", detail: expect.stringContaining("--enable-v2") },
    });
  });

  test("a store in which no engine ever wrote is empty, not broken", async () => {
    const id = "a30b015f4f7009f4";
    const store = await kept(
      fakeHttp((path, response, request) => {
        if (path === "/version") return json(response, { etcdserver: "3.4.23" });
        if (path === "/v2/members")
          return json(response, { members: [{ id, name: "default", clientURLs: ["http://10.0.0.1:2379"] }] });
        if (path === "/v2/stats/self")
          return json(response, { id, name: "default", state: "StateLeader", leaderInfo: { leader: id } });
        if (request.url?.includes("wait=true")) return;
        response.writeHead(404, { "Content-Type": "application/json", "X-Etcd-Index": "29" });
        response.end('{"errorCode":100,"message":"Key not found","cause":"/docker","index":29}');
      }),
    );
    expect(await watch("etcd", [store.port]).last()).toMatchObject({
      ok: true,
      value: {
        version: "3.4.23",
        leader: `127.0.0.1:${store.port}`,
        members: [{ name: "default", role: "server", state: "leader" }],
        registrations: [],
      },
    });
  });

  test("keys nested without end do not bring the program down", async () => {
    const deep = `{"node":${'{"key":"/docker","nodes":['.repeat(20_000)}${"]}".repeat(20_000)}}`;
    let wasRead = false;
    const store = await kept(
      fakeHttp((path, response, request) => {
        if (!path.startsWith("/v2/keys")) return;
        if (request.url?.includes("wait=true")) {
          wasRead = true;
          return;
        }
        response.writeHead(200, { "Content-Type": "application/json", "X-Etcd-Index": "29" });
        response.end(deep);
      }),
    );
    const clock = new ManualClock();
    const { said } = watch("etcd", [store.port], clock);
    await expect.poll(() => wasRead, { message: "it goes on to wait for a change" }).toBe(true);
    await clock.advance(5000);
    expect(said).toMatchObject([{ ok: false, trouble: { kind: "timed-out" } }]);
  });
});

describe("ZooKeeper", () => {
  const word = (answer: string) => (socket: Socket) => {
    socket.once("data", () => socket.end(answer));
  };

  test("a server without a quorum refuses, in words that say what is missing", async () => {
    const store = await kept(fakeTcp(word("This ZooKeeper instance is not currently serving requests\n")));
    expect(await watch("zookeeper", [store.port]).last()).toMatchObject({
      ok: false,
      trouble: { kind: "store-refused", detail: expect.stringContaining("quorum") },
    });
  });

  test("something else that listens on the port is a bad answer", async () => {
    const store = await kept(fakeTcp(word("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect(await watch("zookeeper", [store.port]).last()).toMatchObject({ ok: false, trouble: { kind: "bad-answer" } });
  });

  test("a server that closes every session is lost, not empty", async () => {
    const store = await kept(
      fakeTcp((socket) =>
        socket.once("data", (first) =>
          socket.end(first.toString() === "srvr" ? "Zookeeper version: 3.8.0\nMode: standalone\n" : ""),
        ),
      ),
    );
    expect(await watch("zookeeper", [store.port]).last()).toMatchObject({
      ok: false,
      trouble: { kind: "connection-lost" },
    });
  });
});

test("a spec whose store runs on a node that is not connected to says so", async () => {
  const said: Outcome<Membership>[] = [];
  const subscription = createStoreWatch({
    spec: { kind: "consul", port: 8500, image: undefined, at: "nodes", nodes: [] },
    transports: new Map(),
    clock: new ManualClock(),
    advertise: () => undefined,
  }).watch((outcome) => said.push(outcome));
  watches.push(subscription);
  expect(said).toMatchObject([{ ok: false, trouble: { kind: "misconfigured" } }]);
});
