import { describe, expect, test } from "vitest";
import { type Observation, reduce } from "../../src/domain/reduce.ts";
import { clean } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";
import { containerRows, stateWords } from "../../src/domain/views/containers.ts";
import { memberRows, storeStatus } from "../../src/domain/views/membership.ts";
import { networkRows, sortedEndpoints } from "../../src/domain/views/networks.ts";
import {
  consul,
  container,
  engineInfo,
  ghost,
  networkId,
  node103,
  node104,
  overlay,
  start,
  twoNodes,
} from "../snapshots.ts";

const at = start;
const attached = (address: string) => [
  { network: clean("ov_net1"), networkId: networkId("a1"), address: clean(address), mac: clean("02:42:0a:0a:0a:02") },
];
const node2 = container("node2", node103, { attachments: attached("10.10.10.2") });
const node1 = container("node1", node104, { attachments: attached("10.10.10.3") });

const healthy: Observation[] = [
  { of: "engine", node: node103, outcome: good(engineInfo()), at },
  { of: "engine", node: node104, outcome: good(engineInfo({ advertise: clean("192.168.44.104:2376") })), at },
  { of: "containers", node: node103, outcome: good([node2]), at },
  { of: "containers", node: node104, outcome: good([node1]), at },
  { of: "networks", node: node103, outcome: good([overlay(node103)]), at },
  { of: "networks", node: node104, outcome: good([overlay(node104)]), at },
  { of: "membership", outcome: good(consul()), at },
];
const picture = (...more: Observation[]) => [...healthy, ...more].reduce(reduce, twoNodes());

describe("networks", () => {
  test("that several engines list are one row, with the nodes, the VNI from the store and every endpoint", () => {
    const [row, ...others] = networkRows(picture());
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      name: "ov_net1",
      vnis: [256],
      nodes: ["node103", "node104"],
      allNodes: 2,
      staleAt: undefined,
    });
    expect(row?.subnets).toEqual([{ subnet: "10.10.10.0/24", gateway: "10.10.10.1", used: 2, size: 253 }]);
    expect(
      row && sortedEndpoints(row).map(({ container, address, node }) => `${container} ${address} ${node}`),
    ).toEqual(["node1 10.10.10.3 node104", "node2 10.10.10.2 node103"]);
  });

  test("show an endpoint that only the store knows, with the node that owns it", () => {
    const [row] = networkRows(picture({ of: "membership", outcome: good(consul({ endpoints: [ghost] })), at }));
    expect(row?.endpoints.find((one) => one.container === "ghost")).toMatchObject({ node: "node104", source: "store" });
    expect(row?.subnets[0]?.used).toBe(3);
  });

  test("of a store that does not answer stay, marked old, although the engines leave them out then", () => {
    const silent = bad({ kind: "timed-out", what: clean("consul"), afterMs: 10_000 });
    const rows = networkRows(
      picture(
        { of: "membership", outcome: silent, at: at + 1000 },
        { of: "networks", node: node103, outcome: good([]), at: at + 2000 },
        { of: "networks", node: node104, outcome: good([]), at: at + 2000 },
      ),
    );
    expect(rows.map((row) => `${row.name} ${row.nodes.length} ${row.staleAt === at}`)).toEqual(["ov_net1 2 true"]);
  });

  test("that were removed are gone while the store answers", () => {
    const gone = picture(
      { of: "networks", node: node103, outcome: good([]), at: at + 2000 },
      { of: "networks", node: node104, outcome: good([]), at: at + 2000 },
    );
    expect(networkRows(gone)).toEqual([]);
  });

  test("of the same name that are local to each node are one row, host networks none", () => {
    const bridge = (node: typeof node103, digit: string) =>
      overlay(node, { id: networkId(digit), name: clean("bridge"), driver: clean("bridge"), scope: clean("local") });
    const host = overlay(node103, {
      id: networkId("b3"),
      name: clean("host"),
      driver: clean("host"),
      scope: clean("local"),
    });
    const rows = networkRows(
      picture(
        { of: "networks", node: node103, outcome: good([bridge(node103, "b1"), host, overlay(node103)]), at },
        { of: "networks", node: node104, outcome: good([bridge(node104, "b2")]), at },
      ),
    );
    expect(rows.map((row) => `${row.name} ${row.nodes.length}`)).toEqual(["ov_net1 1", "bridge 2"]);
  });
});

describe("membership", () => {
  test("shows the store's members and each engine's registration side by side", () => {
    expect(memberRows(picture()).map(({ name, kind, state }) => `${name} ${kind} ${state}`)).toEqual([
      "consul server leader",
      "node103 engine alive",
      "node104 engine alive",
    ]);
  });

  test("names the node that never registered, and an engine that is not in the file", () => {
    const registrations = [clean("192.168.44.103:2376"), clean("192.168.44.109:2376")];
    const rows = memberRows(picture({ of: "membership", outcome: good(consul({ registrations })), at }));
    expect(rows.map(({ name, state }) => `${name}: ${state}`)).toEqual([
      "consul: leader",
      "node103: alive",
      "node104: not registered",
      "192.168.44.109:2376: not in the file",
    ]);
  });

  test("of a store that hangs says for how long, and keeps the last rows marked old", () => {
    const hang = bad({ kind: "timed-out", what: clean("consul"), afterMs: 10_000 });
    const seen = picture({ of: "membership", outcome: hang, at: at + 1000 });
    expect(storeStatus(seen, undefined, at + 13_000)).toMatchObject({
      state: "not-answering",
      words: "consul not answering, 12s",
    });
    expect(memberRows(seen).every((row) => row.stale)).toBe(true);
    expect(memberRows(seen)).toHaveLength(3);
  });

  test("names the leader by the node it runs on", () => {
    expect(storeStatus(picture(), undefined, at)).toEqual({ state: "ok", kind: "consul", leader: "node103" });
  });
});

describe("containers", () => {
  test("are sorted as people read numbers: web-2 before web-10", () => {
    const some = ["web-10", "web-2", "web-1"].map((name) => container(name, node103, {}));
    const rows = containerRows(picture({ of: "containers", node: node103, outcome: good(some), at }));
    expect(rows.filter((row) => row.node === node103).map((row) => row.name)).toEqual(["web-1", "web-2", "web-10"]);
  });

  test("of all nodes stand together with their overlay address", () => {
    const rows = containerRows(picture());
    expect(rows.map((row) => `${row.name} ${row.node} ${row.overlayAddress} ${stateWords(row.container, at)}`)).toEqual(
      ["node2 node103 10.10.10.2 up 4m", "node1 node104 10.10.10.3 up 4m"],
    );
  });

  test("that do not run hold no address, although their engine still tells one", () => {
    const exited = container("node2", node103, { state: "exited", exitCode: 255, attachments: attached("10.10.10.2") });
    const seen = picture({ of: "containers", node: node103, outcome: good([exited]), at });
    expect(containerRows(seen).find((row) => row.name === "node2")?.overlayAddress).toBeUndefined();
    expect(networkRows(seen)[0]?.subnets[0]?.used).toBe(1);
  });

  test("on a bridge alone have no overlay address", () => {
    const bridge = {
      network: clean("bridge"),
      networkId: networkId("b1"),
      address: clean("172.17.0.2"),
      mac: undefined,
    };
    const alone = container("consul", node103, { attachments: [bridge] });
    const [row] = containerRows(picture({ of: "containers", node: node103, outcome: good([alone]), at }));
    expect(row?.overlayAddress).toBeUndefined();
  });

  test("prefer the overlay's address over a bridge's", () => {
    const bridge = {
      network: clean("bridge"),
      networkId: networkId("b1"),
      address: clean("172.17.0.2"),
      mac: undefined,
    };
    const both = container("node2", node103, { attachments: [bridge, ...attached("10.10.10.2")] });
    const [row] = containerRows(picture({ of: "containers", node: node103, outcome: good([both]), at }));
    expect(row?.overlayAddress).toBe("10.10.10.2");
  });
});
