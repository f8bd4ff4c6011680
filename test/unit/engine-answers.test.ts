import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { negotiate } from "../../src/adapters/engine/api-version.ts";
import { parseContainers } from "../../src/adapters/engine/containers.ts";
import { eventsQuery, parseEvent } from "../../src/adapters/engine/events.ts";
import { parseInfo } from "../../src/adapters/engine/info.ts";
import { parseNetworks } from "../../src/adapters/engine/networks.ts";
import { coarseAge } from "../../src/adapters/engine/status-words.ts";
import { parseSwarmNodes } from "../../src/adapters/engine/swarm.ts";
import { parseUsage } from "../../src/adapters/engine/usage.ts";
import { asNodeName } from "../../src/domain/ids.ts";
import { text } from "../../src/domain/text.ts";
import type { Outcome } from "../../src/domain/trouble.ts";

const node = asNodeName("node103") ?? expect.fail("a name");
const from = text`node103: GET /test`;
const now = Date.UTC(2026, 10, 23, 14, 37, 3);
const minutes = 60_000;

const value = <T>(outcome: Outcome<T>): T =>
  outcome.ok ? outcome.value : expect.fail(JSON.stringify(outcome.trouble));

const containerId = "0ed87530a4ac39ec531915dc50eec32fbbe8f67229e000239c99083b861674c5";
const networkId = "26f96c8265a3c49e671a9b9992814be1f884352b92597755bb07489908eae507";

/** `GET /v1.41/containers/json` of engine 20.10.24 with a cluster store. */
const recordedContainer = {
  Id: containerId,
  Names: ["/node2"],
  Image: "tiny",
  ImageID: "sha256:2efea6b11a26deaa9c3557ac917817117666a37d122a65848f761d1232c0696b",
  Command: "sleep 100000",
  Created: 1795444620,
  Ports: [
    { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
    { PrivatePort: 9618, Type: "tcp" },
  ],
  Labels: { weird: "\u001b[31mred" },
  State: "running",
  Status: "Up 4 minutes",
  HostConfig: { NetworkMode: "ov_net1" },
  NetworkSettings: {
    Networks: {
      ov_net1: { NetworkID: networkId, IPAddress: "10.10.10.2", IPPrefixLen: 24, MacAddress: "02:42:0a:0a:0a:02" },
    },
  },
  Mounts: [],
};
const container = (change: object) => value(parseContainers([{ ...recordedContainer, ...change }], from, node, now))[0];

describe("containers", () => {
  test("a running container has its place on the overlay, its ports, and its start as coarse as the engine says it", () => {
    expect(container({})).toEqual({
      id: containerId,
      node: "node103",
      name: "node2",
      image: "tiny",
      command: "sleep 100000",
      state: "running",
      status: "Up 4 minutes",
      createdAt: 1795444620_000,
      startedAt: now - 4 * minutes,
      exitCode: undefined,
      attachments: [{ network: "ov_net1", networkId, address: "10.10.10.2", mac: "02:42:0a:0a:0a:02" }],
      ports: [
        { container: 80, protocol: "tcp", host: { address: "0.0.0.0", port: 8080 } },
        { container: 9618, protocol: "tcp", host: undefined },
      ],
      labels: [{ name: "weird", value: "red" }],
    });
  });

  test("an exited container keeps its exit code and has no address", () => {
    const settings = { Networks: { ov_net1: { NetworkID: networkId, IPAddress: "", MacAddress: "" } } };
    expect(container({ State: "exited", Status: "Exited (137) 2 hours ago", NetworkSettings: settings })).toMatchObject(
      {
        exitCode: 137,
        startedAt: undefined,
        attachments: [{ network: "ov_net1", networkId, address: undefined, mac: undefined }],
      },
    );
  });

  test("a container whose removal got stuck may have no name, no networks and no labels at all", () => {
    const stuck = [{ Id: containerId, Names: null, Labels: null, Ports: null, State: "dead", Status: "Dead" }];
    expect(value(parseContainers(stuck, from, node, now))[0]).toMatchObject({
      name: "0ed87530a4ac",
      state: "dead",
      attachments: [],
      labels: [],
    });
  });

  test("a container goes by its own name, not by the alias another container links it under", () => {
    expect(container({ Names: ["/web/db", "/node2"] })?.name).toBe("node2");
    expect(container({ Names: ["node2"] })?.name).toBe("node2");
  });

  test("a state that only newer engines know is read from the status", () => {
    expect(container({ State: "hibernating", Status: "Up 2 days" })?.state).toBe("running");
    expect(container({ State: "hibernating", Status: "Hibernating" })?.state).toBe("exited");
  });

  test("an id that is none spoils the answer: it could go into a path", () => {
    expect(parseContainers([{ ...recordedContainer, Id: "../../etc" }], from, node, now)).toMatchObject({
      ok: false,
      trouble: { kind: "bad-answer", detail: "not a container's id: ../../etc" },
    });
  });
});

describe("the words of a status", () => {
  test.each([
    ["Up Less than a second", 0],
    ["Up 1 second", 1000],
    ["Up 59 seconds", 59_000],
    ["Up About a minute", minutes],
    ["Up 4 minutes (healthy)", 4 * minutes],
    ["Up 4 minutes (Paused)", 4 * minutes],
    ["Up About an hour", 60 * minutes],
    ["Up 47 hours (health: starting)", 47 * 60 * minutes],
    ["Up 2 weeks (healthy)", 14 * 24 * 60 * minutes],
    ["Up 3 months", 90 * 24 * 60 * minutes],
    ["Up 2 years", 730 * 24 * 60 * minutes],
    ["Exited (0) 5 minutes ago", undefined],
    ["Restarting (1) 5 seconds ago", undefined],
    ["Created", undefined],
    ["Up 4 fortnights", undefined],
  ])("%s", (status, age) => {
    expect(coarseAge(status)).toBe(age);
  });
});

describe("the engine itself", () => {
  /** `GET /v1.41/info` of engine 20.10.24 with a cluster store, cut. */
  const recorded = {
    ID: "ISJG:CITA:BHTZ",
    Containers: 3,
    ContainersRunning: 1,
    Images: 1,
    KernelVersion: "6.18.44",
    OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
    NCPU: 2,
    MemTotal: 25274793984,
    Name: "node103",
    ServerVersion: "20.10.24+dfsg1",
    ClusterStore: "etcd://10.99.0.1:2379",
    ClusterAdvertise: "10.99.0.1:2376",
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Warnings: [
      "WARNING: node discovery and overlay networks with an external k/v store (cluster-advertise,\n         cluster-store) are deprecated",
    ],
  };
  const info = (change: object) => value(parseInfo({ ...recorded, ...change }, from, text`1.41`));

  test("an engine with a cluster store says which, and what it advertises there", () => {
    expect(info({})).toMatchObject({
      version: "20.10.24+dfsg1",
      apiVersion: "1.41",
      mode: "cluster-store",
      store: "etcd://10.99.0.1:2379",
      advertise: "10.99.0.1:2376",
      swarm: { state: "inactive", manager: false },
    });
    expect(info({}).warnings[0]).not.toContain("\n");
  });

  test("an engine that an ordinary user runs says so among its security options", () => {
    expect(info({})).toMatchObject({ rootless: false, product: "docker" });
    const SecurityOptions = ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"];
    expect(info({ SecurityOptions })).toMatchObject({ rootless: true, product: "docker" });
  });

  test("Podman is told from Docker, whose API it speaks", () => {
    const podman = { ServerVersion: "4.9.4", BuildahVersion: "1.33.7", Rootless: false, ClusterStore: undefined };
    expect(info(podman)).toMatchObject({ product: "podman", version: "4.9.4", mode: "standalone" });
  });

  test("an engine without a store is standalone, or of a swarm even when the swarm is locked or in error", () => {
    expect(info({ ClusterStore: undefined, ClusterAdvertise: undefined }).mode).toBe("standalone");
    const swarm = {
      LocalNodeState: "active",
      NodeID: "n1",
      NodeAddr: "10.0.0.1",
      ControlAvailable: true,
      Cluster: { ID: "c1" },
    };
    expect(info({ ClusterStore: "", Swarm: swarm })).toMatchObject({
      mode: "swarm",
      swarm: { state: "active", manager: true, clusterId: "c1", nodeAddress: "10.0.0.1" },
    });
    expect(info({ ClusterStore: "", Swarm: { LocalNodeState: "locked" } })).toMatchObject({ mode: "swarm" });
  });
});

describe("networks", () => {
  test("an overlay of the cluster store", () => {
    const recorded = {
      Name: "ov_net1",
      Id: networkId,
      Created: "2026-11-23T14:37:00.863405402Z",
      Scope: "global",
      Driver: "overlay",
      IPAM: { Driver: "default", Options: {}, Config: [{ Subnet: "10.10.10.0/24", Gateway: "10.10.10.1/24" }] },
      Internal: false,
      Attachable: false,
      Options: {},
    };
    expect(value(parseNetworks([recorded], from, node))).toEqual([
      {
        id: networkId,
        node: "node103",
        name: "ov_net1",
        driver: "overlay",
        scope: "global",
        subnets: [{ subnet: "10.10.10.0/24", gateway: "10.10.10.1", range: undefined }],
        vnis: [],
        mtu: undefined,
        parent: undefined,
        attachable: false,
        internal: false,
        encrypted: false,
        createdAt: Date.UTC(2026, 10, 23, 14, 37, 0, 863),
      },
    ]);
  });

  test("an encrypted overlay of a swarm with two subnets, and a macvlan", () => {
    const swarm = {
      Name: "sw1",
      Id: "x4q5w3tfd9z2m8c7k6j1h0g2f",
      Created: "0001-01-01T00:00:00Z",
      Scope: "swarm",
      Driver: "overlay",
      Attachable: true,
      IPAM: { Config: [{ Subnet: "10.0.1.0/24", Gateway: "10.0.1.1" }, { Subnet: "10.0.2.0/24" }] },
      Options: {
        "com.docker.network.driver.overlay.vxlanid_list": "4097,4098",
        "com.docker.network.driver.mtu": "1400",
        encrypted: "",
      },
    };
    const macvlan = {
      Name: "flat",
      Id: networkId,
      Driver: "macvlan",
      Scope: "local",
      IPAM: { Config: null },
      Options: { parent: "ens33" },
    };
    expect(value(parseNetworks([swarm, macvlan], from, node))).toMatchObject([
      { vnis: [4097, 4098], mtu: 1400, encrypted: true, attachable: true, createdAt: undefined },
      { parent: "ens33", subnets: [], encrypted: false },
    ]);
  });
});

test("a swarm's nodes, a manager that leads and a worker that is down and drained", () => {
  const nodes = [
    {
      ID: "m1",
      Description: { Hostname: "node103" },
      Spec: { Role: "manager", Availability: "active" },
      Status: { State: "ready", Addr: "192.168.44.103" },
      ManagerStatus: { Leader: true, Reachability: "reachable", Addr: "192.168.44.103:2377" },
    },
    {
      ID: "w1",
      Description: { Hostname: "node104" },
      Spec: { Role: "worker", Availability: "drain" },
      Status: { State: "down", Message: "heartbeat failure", Addr: "192.168.44.104" },
    },
  ];
  expect(value(parseSwarmNodes(nodes, from))).toEqual([
    {
      id: "m1",
      hostname: "node103",
      address: "192.168.44.103",
      role: "manager",
      availability: "active",
      state: "ready",
      manager: { leader: true, reachability: "reachable", address: "192.168.44.103:2377" },
    },
    {
      id: "w1",
      hostname: "node104",
      address: "192.168.44.104",
      role: "worker",
      availability: "drain",
      state: "down",
      manager: undefined,
    },
  ]);
});

describe("events", () => {
  test("a container joining a network names both", () => {
    const line = `{"Type":"network","Action":"connect","Actor":{"ID":"${networkId}","Attributes":{"container":"${containerId}","name":"ov_net1","type":"overlay"}},"scope":"local","time":1795444621,"timeNano":1795444621357019824}`;
    expect(value(parseEvent(line, from))).toEqual({
      type: "network",
      action: "connect",
      id: networkId,
      name: "ov_net1",
      attributes: [],
      driver: "overlay",
      container: containerId,
      timeNano: "1795444621357019824",
    });
  });

  test("a label called timeNano does not pass for the engine's time", () => {
    const line = `{"Type":"container","Action":"start","Actor":{"ID":"${containerId}","Attributes":{"timeNano":"1","x":"\\"timeNano\\":2"}},"time":3,"timeNano":1795444621357019824}`;
    expect(value(parseEvent(line, from)).timeNano).toBe("1795444621357019824");
  });

  test("an engine that gives no nanoseconds gives the second", () => {
    expect(value(parseEvent('{"Type":"daemon","Action":"reload","time":1795444621}', from)).timeNano).toBe(
      "1795444621000000000",
    );
  });

  test("every instant goes back to the engine digit by digit", () => {
    expect(eventsQuery("1795444365596481060")).toMatchObject({ since: "1795444365.596481060" });
    expect(eventsQuery("7")).toMatchObject({ since: "0.000000007" });
    expect(eventsQuery(undefined)).not.toHaveProperty("since");
  });
});

test.each([
  ["1.41", "1.41"],
  ["1.24", "1.24"],
  ["1.51", "1.51"],
  ["1.52", "1.51"],
  ["2.0", "1.51"],
  [undefined, "1.24"],
])("an engine that offers API %s is spoken to in %s", (offered, spoken) => {
  expect(negotiate(offered, from)).toEqual({ ok: true, value: spoken });
});

test("whatever an engine sends, parsing ends in an outcome and no control character passes", () => {
  const hostile = fc.oneof(
    fc.anything(),
    fc.array(
      fc.record(
        { Id: fc.constant(containerId), Names: fc.array(fc.string({ unit: "binary" })), Labels: fc.anything() },
        { requiredKeys: ["Id"] },
      ),
    ),
    fc.record({ Type: fc.string({ unit: "binary" }), Action: fc.string({ unit: "binary" }), Actor: fc.anything() }),
  );
  fc.assert(
    fc.property(hostile, (raw) => {
      const line = JSON.stringify(raw, (_key, part) => (typeof part === "bigint" ? String(part) : part)) ?? "";
      const outcomes = [
        parseContainers(raw, from, node, now),
        parseNetworks(raw, from, node),
        parseInfo(raw, from, text`1.41`),
        parseSwarmNodes(raw, from),
        parseEvent(line, from),
        parseUsage(line, from, now),
      ];
      for (const outcome of outcomes) {
        for (const one of texts(outcome)) expect(one).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }
    }),
  );
});

/** Every string inside. */
function* texts(inside: unknown): Generator<string> {
  if (typeof inside === "string") yield inside;
  else if (typeof inside === "object" && inside !== null) for (const part of Object.values(inside)) yield* texts(part);
}
