import { describe, expect, test } from "vitest";
import { diagnosis, type Pair, pairWords, parsePing, placesOn } from "../../src/domain/ping/ping.ts";
import { reduce } from "../../src/domain/reduce.ts";
import { clean, text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { container, networkId, node103, node104, start, twoNodes } from "../snapshots.ts";

describe("what ping prints", () => {
  test.each([
    [
      "iputils, all well",
      "PING 10.10.10.2 (10.10.10.2) 56(84) bytes of data.\n\n--- 10.10.10.2 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 403ms\nrtt min/avg/max/mdev = 0.117/0.170/0.223/0.053 ms\n",
      { state: "ok", lossPercent: 0, minMs: 0.117, averageMs: 0.17, maxMs: 0.223 },
    ],
    [
      "busybox, one lost",
      "3 packets transmitted, 2 packets received, 33% packet loss\nround-trip min/avg/max = 0.079/0.101/0.135 ms\n",
      { state: "ok", lossPercent: 33, minMs: 0.079, averageMs: 0.101, maxMs: 0.135 },
    ],
    ["nothing came back", "3 packets transmitted, 0 received, 100% packet loss, time 2041ms\n", { state: "no answer" }],
    [
      "the container's own machine knows no way",
      "From 10.10.10.3 icmp_seq=1 Destination Host Unreachable\n\n3 packets transmitted, 0 received, +3 errors, 100% packet loss\n",
      { state: "unreachable", detail: "icmp_seq=1 Destination Host Unreachable" },
    ],
    ["no ping at all", "nsenter: failed to execute ping: No such file or directory\n", { state: "not tried" }],
    ["nothing", "", { state: "not tried", why: "ping printed nothing" }],
  ])("%s", (_what, printed, expected) => {
    expect(parsePing(printed)).toMatchObject(expected);
  });

  test("cannot move the cursor", () => {
    const result = parsePing("\u001b[2Jping: \u001b[31mbad\n");
    expect(result.state === "not tried" && result.why).toBe("ping: bad");
  });
});

const place = (name: string, node: typeof node103, address: string) => ({
  container: container(name, node, {}).id,
  name: clean(name),
  node,
  address: clean(address),
});
const node2 = place("node2", node103, "10.10.10.2");
const node1 = place("node1", node104, "10.10.10.3");
const ok = { state: "ok", lossPercent: 0, minMs: 0.1, averageMs: 0.2, maxMs: 0.3 } as const;

test("only running containers that hold an address on the network are pinged", () => {
  const on = (network: string, address: string) => [
    { network: clean(network), networkId: networkId("a1"), address: clean(address), mac: undefined },
  ];
  const seen = reduce(twoNodes(), {
    of: "containers",
    node: node103,
    outcome: good([
      container("node2", node103, { attachments: on("ov_net1", "10.10.10.2") }),
      container("stopped", node103, { state: "exited", attachments: on("ov_net1", "10.10.10.9") }),
      container("elsewhere", node103, { attachments: on("bridge", "172.17.0.2") }),
    ]),
    at: start,
  });
  expect(placesOn("ov_net1", seen).map((one) => `${one.name} ${one.address}`)).toEqual(["node2 10.10.10.2"]);
});

test("a direction in which nothing passes is named, and one that is well is not", () => {
  const pairs: Pair[] = [
    { from: node2, to: node1, result: { state: "no answer" } },
    { from: node1, to: node2, result: ok },
  ];
  expect(diagnosis(pairs)).toHaveLength(1);
  expect(diagnosis(pairs)[0]).toMatch(/node103 → node104: .*4789\/udp/);
  expect(diagnosis(pairs)[0]).not.toContain("node104 → node103");
  expect(diagnosis(pairs.map((pair) => ({ ...pair, result: ok })))).toEqual([]);
});

test("a direction reads as a line", () => {
  expect(pairWords({ from: node1, to: node2, result: ok })).toBe("node1 → node2 10.10.10.2: 0.20 ms");
  expect(pairWords({ from: node1, to: node2, result: { ...ok, lossPercent: 33 } })).toContain("33 % lost");
  expect(pairWords({ from: node1, to: node2, result: { state: "not tried", why: text`no ping` } })).toContain(
    "no ping",
  );
});
