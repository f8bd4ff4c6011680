import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/domain/finding.ts";
import { findings } from "../../src/domain/findings/index.ts";
import type { Membership, StoreMember } from "../../src/domain/membership.ts";
import type { Part } from "../../src/domain/part.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import { classic, classicJson, daemonJson, type NodeChanges, now } from "../healthy-clusters.ts";
import { consul, container, networkId, node104, overlay, start } from "../snapshots.ts";

const of = (id: string, seen: Snapshot): Finding[] => findings(seen, now).filter((one) => one.id === id);
const refused: Trouble = { kind: "connection-refused", host: clean("192.168.44.103"), port: 8500 };
const member = (name: string, state: StoreMember["state"], role: StoreMember["role"] = "server"): StoreMember => ({
  name: clean(name),
  role,
  state,
  address: clean(`${name}:8301`),
});

describe("store-not-answering", () => {
  const silent = (ms: number): Part<Membership> => ({
    state: "stale",
    at: now - ms - 1000,
    value: consul(),
    since: now - ms,
    trouble: refused,
  });

  test("names the endpoint, the trouble and since when; what it means for the overlay comes first", () => {
    expect(of("store-not-answering", classic({}, silent(90_000)))).toEqual([
      {
        id: "store-not-answering",
        severity: "error",
        title: "consul does not answer at 192.168.44.103:8500",
        node: undefined,
        evidence: ["connection refused on port 8500", "for 1m"],
        remedy: expect.stringMatching(/^Existing overlay traffic goes on/),
      },
    ]);
  });

  test("waits 10 s for one that answered before, not for one that never did", () => {
    expect(of("store-not-answering", classic({}, silent(9_000)))).toEqual([]);
    const never = classic({}, { state: "missing", since: now, trouble: refused });
    expect(of("store-not-answering", never)).toMatchObject([{ title: "The store does not answer" }]);
  });

  test("is silent while no node is there to reach it through", () => {
    const closed: NodeChanges = { node: { link: { state: "closed", since: now } } };
    const seen = classic({ node103: closed, node104: closed, node105: closed }, silent(90_000));
    expect(of("store-not-answering", seen)).toEqual([]);
  });
});

describe("store-no-leader", () => {
  test("counts the servers that are alive", () => {
    const members = [
      member("a", "alive"),
      member("b", "failed"),
      member("c", "failed"),
      member("d", "alive", "client"),
    ];
    expect(of("store-no-leader", classic({}, { leader: undefined, members }))).toMatchObject([
      {
        severity: "error",
        title: "consul has no leader",
        evidence: ["asked at 192.168.44.103:8500", "1 of 3 servers alive", "a alive, b failed, c failed"],
      },
    ]);
  });

  test("an answer of long ago is not held against it", () => {
    const stale = {
      state: "stale",
      at: start,
      since: now,
      trouble: refused,
      value: consul({ leader: undefined }),
    } as const;
    expect(of("store-no-leader", classic({}, stale))).toEqual([]);
  });
});

describe("store-member-failed", () => {
  test("names each failed member and how to take it off the list; who left on purpose is no finding", () => {
    const members = [member("a", "leader"), member("b", "failed"), member("c", "left"), member("d", "leaving")];
    expect(of("store-member-failed", classic({}, { members }))).toMatchObject([
      {
        severity: "warning",
        title: "consul server b has failed",
        remedy: expect.stringContaining("consul force-leave b"),
      },
    ]);
  });
});

describe("node-not-registered", () => {
  const onlyTwo = { registrations: [clean("192.168.44.103:2376"), clean("192.168.44.105:2376")] };

  test("tells what the engine advertises and who is registered instead", () => {
    expect(of("node-not-registered", classic({}, onlyTwo))).toMatchObject([
      {
        severity: "error",
        node: "node104",
        title: "node104 is not registered in consul",
        evidence: [
          "its engine advertises 192.168.44.104:2376 and uses consul://192.168.44.103:8500",
          "registered: 192.168.44.103:2376, 192.168.44.105:2376",
        ],
      },
    ]);
  });

  test("leaves an engine the minute that it tries after its start", () => {
    const started = (ms: number) =>
      classic({ node104: { facts: { dockerd: { pid: 9, startedAt: now - ms } } } }, onlyTwo);
    expect(of("node-not-registered", started(69_000))).toEqual([]);
    expect(of("node-not-registered", started(71_000))).toHaveLength(1);
  });

  test("an engine with a store and no address to advertise gets its own words", () => {
    expect(of("node-not-registered", classic({ node104: { engine: { advertise: clean("") } } }))).toMatchObject([
      { node: "node104", title: "node104 uses the store but advertises no address" },
    ]);
  });

  test("is silent about engines without a store, stores without a leader and nodes that are away", () => {
    const alone = { engine: { mode: "standalone", store: undefined, advertise: undefined } } as const;
    expect(of("node-not-registered", classic({ node104: alone }, onlyTwo))).toEqual([]);
    expect(of("node-not-registered", classic({}, { ...onlyTwo, leader: undefined }))).toEqual([]);
    const away = { node: { link: { state: "closed", since: now } } } as const;
    expect(of("node-not-registered", classic({ node104: away }, onlyTwo))).toEqual([]);
  });
});

describe("unknown-registration", () => {
  const four = { registrations: [103, 104, 105, 199].map((last) => clean(`192.168.44.${last}:2376`)) };

  test("names an engine that the file does not know", () => {
    expect(of("unknown-registration", classic({}, four))).toMatchObject([
      { severity: "info", title: "192.168.44.199:2376 is registered in consul and not in ovl.yaml" },
    ]);
  });

  test("waits until every machine has told its addresses", () => {
    const waiting: NodeChanges = { node: { facts: { state: "waiting", since: now } } };
    expect(of("unknown-registration", classic({ node105: waiting }, four))).toEqual([]);
  });
});

describe("store-differs", () => {
  test("tells which engines use which store when their files agree", () => {
    const seen = classic({ node104: { engine: { store: clean("consul://192.168.44.199:8500") } } });
    expect(of("store-differs", seen)).toMatchObject([
      {
        severity: "error",
        title: "Engines use 2 different stores",
        evidence: ["node103, node105: consul://192.168.44.103:8500", "node104: consul://192.168.44.199:8500"],
      },
    ]);
  });

  test("leaves it to flags-differ when the files differ already", () => {
    const other = "consul://192.168.44.199:8500";
    const json = { path: "/etc/docker/daemon.json", content: JSON.stringify({ "cluster-store": other }) };
    const seen = classic({ node104: { engine: { store: clean(other) }, sources: { daemonJson: json } } });
    expect(of("store-differs", seen)).toEqual([]);
    expect(of("flags-differ", seen).map((one) => one.title)).toContain(
      "node104 has another cluster-store than the other nodes",
    );
  });
});

describe("a Consul of several servers", () => {
  const url = (last: number) => `consul://192.168.44.${last}:8500`;
  const at = (last: number): NodeChanges => ({
    engine: { store: clean(url(last)) },
    sources: { daemonJson: daemonJson({ ...classicJson, "cluster-store": url(last) }) },
  });
  const own = { node103: at(103), node104: at(104), node105: at(105) };
  const listed = (...lasts: number[]): Partial<Membership> => ({
    members: lasts.map((last) => ({
      ...member(`node${last}`, last === 103 ? "leader" : "follower", last === 105 ? "client" : "server"),
      address: clean(`192.168.44.${last}:8301`),
    })),
  });
  const told = (seen: Snapshot) => [...of("store-differs", seen), ...of("flags-differ", seen)];

  test("may be asked by every engine at the member on its own node", () => {
    expect(told(classic(own, listed(103, 104, 105)))).toEqual([]);
  });

  test("is not what an engine asks whose address is no member of it", () => {
    expect(told(classic(own, listed(103, 104)))).toHaveLength(1);
    const strange = { ...own, node105: at(199) };
    expect(told(classic(strange, listed(103, 104, 105)))).toHaveLength(1);
  });

  test("is taken for one by the nodes' own addresses while it never told its members", () => {
    const missing: Part<Membership> = { state: "missing", since: now, trouble: refused };
    expect(told(classic(own, missing))).toEqual([]);
    expect(told(classic({ ...own, node105: at(104) }, missing))).toHaveLength(1);
  });

  test("is another one behind another port or prefix", () => {
    const other = "consul://192.168.44.105:8500/other";
    const prefixed: NodeChanges = { engine: { store: clean(other) }, sources: at(105).sources ?? {} };
    expect(of("store-differs", classic({ ...own, node105: prefixed }, listed(103, 104, 105)))).toHaveLength(1);
    const both = { ...prefixed, sources: { daemonJson: daemonJson({ ...classicJson, "cluster-store": other }) } };
    expect(of("flags-differ", classic({ ...own, node105: both }, listed(103, 104, 105)))).toHaveLength(1);
  });
});

describe("network-not-everywhere", () => {
  const without = (at: number): NodeChanges => ({ node: { networks: { state: "fresh", at, value: [] } } });

  test("names the engine that does not list an overlay of the store", () => {
    expect(of("network-not-everywhere", classic({ node104: without(now - 1000) }))).toMatchObject([
      {
        severity: "error",
        node: "node104",
        title: "node104 does not see the network ov_net1",
        evidence: ["listed by node103, node105", "node104 uses the store consul://192.168.44.103:8500"],
      },
    ]);
  });

  test("a list that is older than the network, or hardly newer, proves nothing", () => {
    expect(of("network-not-everywhere", classic({ node104: without(start + 5_000) }))).toEqual([]);
    const noTime = { networks: [{ createdAt: undefined }] };
    expect(of("network-not-everywhere", classic({ node103: noTime, node104: without(now), node105: noTime }))).toEqual(
      [],
    );
  });

  test("a network that the store no longer has was removed", () => {
    expect(of("network-not-everywhere", classic({ node104: without(now) }, { overlays: [] }))).toEqual([]);
  });
});

describe("duplicate-address", () => {
  const box = (name: string, address: string, state: "running" | "exited" = "running") =>
    container(name, node104, {
      state,
      attachments: [
        {
          network: clean("ov_net1"),
          networkId: networkId("a1"),
          address: clean(address),
          mac: clean("02:42:0a:0a:0a:02"),
        },
      ],
    });
  const on104 = (...boxes: ReturnType<typeof box>[]): NodeChanges => ({
    node: { containers: { state: "fresh", at: now, value: new Map(boxes.map((one) => [one.id, one])) } },
  });

  test("two running containers with one overlay address are told with their nodes", () => {
    expect(of("duplicate-address", classic({ node104: on104(box("thief", "10.10.10.2")) }))).toMatchObject([
      {
        severity: "error",
        title: "box103, thief have the same address 10.10.10.2 on ov_net1",
        evidence: ["box103 on node103, MAC not told", "thief on node104, MAC 02:42:0a:0a:0a:02"],
      },
    ]);
  });

  test("a stopped one holds no address, and bridges of two machines may give out the same", () => {
    expect(of("duplicate-address", classic({ node104: on104(box("old", "10.10.10.2", "exited")) }))).toEqual([]);
    const local = { networks: [{ scope: clean("local") }] };
    const seen = classic({ node103: local, node104: { ...local, ...on104(box("other", "10.10.10.2")) } });
    expect(of("duplicate-address", seen)).toEqual([]);
  });
});

describe("overlay-overlaps-route", () => {
  const route = (destination: string) => ({
    facts: {
      routes: [
        { destination: clean("default"), device: clean("ens33") },
        { destination: clean(destination), device: clean("tun0") },
      ],
    },
  });

  test("names the machine, its route and the network, also for the route of one host", () => {
    expect(of("overlay-overlaps-route", classic({ node105: route("10.10.0.0/16") }))).toMatchObject([
      {
        severity: "warning",
        node: "node105",
        title: "ov_net1 overlaps a route of node105: 10.10.10.0/24",
        evidence: ["node105: 10.10.0.0/16 through tun0"],
      },
    ]);
    expect(of("overlay-overlaps-route", classic({ node105: route("10.10.10.7") }))).toHaveLength(1);
  });

  test("a neighbouring subnet, the default route and a macvlan on its parent's subnet are no overlap", () => {
    expect(of("overlay-overlaps-route", classic({ node105: route("10.10.11.0/24") }))).toEqual([]);
    const macvlan = { networks: [overlay(node104, { driver: clean("macvlan") })] };
    const seen = classic({ node103: macvlan, node104: macvlan, node105: { ...macvlan, ...route("10.10.10.0/24") } });
    expect(of("overlay-overlaps-route", seen)).toEqual([]);
  });
});
