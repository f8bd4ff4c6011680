import { describe, expect, test } from "vitest";
import { diagnosis } from "../../src/domain/ping/diagnosis.ts";
import { type Echo, parsePing } from "../../src/domain/ping/echo.ts";
import { type Matrix, type Pair, pairWords, verdictOf, type Wire } from "../../src/domain/ping/matrix.ts";
import { hasNamesBetweenNodes, type Place, placesOn } from "../../src/domain/ping/place.ts";
import { allWays, sampledWays, wayKey } from "../../src/domain/ping/sample.ts";
import { reduce } from "../../src/domain/reduce.ts";
import { clean, text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { container, networkId, node103, node104, overlay, start, twoNodes } from "../snapshots.ts";

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
      "the container's own machine knows no way to the address",
      "From 10.10.10.3 icmp_seq=1 Destination Host Unreachable\n\n3 packets transmitted, 0 received, +3 errors, 100% packet loss\n",
      { state: "unreachable", detail: "Destination Host Unreachable (says 10.10.10.3)" },
    ],
    ["no route", "ping: connect: Network is unreachable\n", { state: "no route", detail: "Network is unreachable" }],
    [
      "a link of the sender's own is too narrow",
      "PING 10.10.10.3 (10.10.10.3) 1422(1450) bytes of data.\nping: local error: message too long, mtu=1350\n\n2 packets transmitted, 0 received, +2 errors, 100% packet loss\n",
      { state: "too big", mtu: 1350 },
    ],
    [
      "a router on the way says that its link is too narrow",
      "From 10.10.10.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n\n2 packets transmitted, 0 received, +2 errors, 100% packet loss\n",
      { state: "too big", mtu: 1400 },
    ],
    [
      "a machine that has no room for one more neighbour",
      "PING 10.10.10.9 (10.10.10.9) 56(84) bytes of data.\nping: sendmsg: No buffer space available\n\n3 packets transmitted, 0 received, 100% packet loss\n",
      {
        state: "unreachable",
        detail: "no buffer space: the node's table of neighbours is full, raise net.ipv4.neigh.default.gc_thresh3",
      },
    ],
    [
      "no ping on the node",
      "nsenter: failed to execute ping: No such file or directory\n",
      { state: "not tried", why: "ping is on neither the node nor in the image" },
    ],
    [
      "no ping in the image",
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "ping": executable file not found in $PATH: unknown\n',
      { state: "not tried", why: "ping is on neither the node nor in the image" },
    ],
    ["nothing", "", { state: "not tried", why: "ping printed nothing" }],
  ])("%s", (_what, printed, expected) => {
    expect(parsePing(printed)).toEqual(expected);
  });

  test("cannot move the cursor", () => {
    const result = parsePing("\u001b[2Jping: \u001b[31mbad\n");
    expect(result.state === "not tried" && result.why).toBe("ping: bad");
  });

  test("is no claim of ours when the packet itself says it: the last word is the counts'", () => {
    const printed =
      "From 10.10.10.3 3 packets transmitted, 3 received\n3 packets transmitted, 0 received, 100% packet loss";
    expect(parsePing(printed).state).toBe("no answer");
  });
});

const place = (name: string, node: Place["node"], address: string, life: Place["life"] = "running"): Place => ({
  container: container(name, node, {}).id,
  name: clean(name),
  node,
  network: clean("ov_net1"),
  address: clean(address),
  life,
});
const node2 = place("node2", node103, "10.10.10.2");
const node1 = place("node1", node104, "10.10.10.3");
const ok: Echo = { state: "ok", lossPercent: 0, minMs: 0.1, averageMs: 0.2, maxMs: 0.3 };
const lost: Echo = { state: "no answer" };

const pair = (from: Place, to: Place, told: Partial<Pair> = {}): Pair => ({
  ...{ from, to, small: ok, full: { bytes: 1450, echo: ok }, name: { state: "right" }, port: undefined, printed: [] },
  ...told,
});
const both = (told: Partial<Pair>): Pair[] => [pair(node2, node1, told), pair(node1, node2, told)];
const silent = both({ small: lost, full: { bytes: 1450, echo: lost } });
const wire = (from: Place, to: Place, told: Partial<Wire> = {}): Wire => ({
  ...{ from: from.node, to: to.node, address: text`192.168.44.104`, small: ok, full: { bytes: 1500, echo: ok } },
  printed: [],
  ...told,
});
const fineWires = [wire(node2, node1), wire(node1, node2)];
const matrix = (pairs: readonly Pair[], rest: Partial<Matrix> = {}): Matrix => ({
  ...{ pairs, underlay: fineWires, oneWays: [] },
  ...rest,
});

describe("who is pinged", () => {
  const on = (name: string, address: string) => [
    { network: clean(name), networkId: networkId("a1"), address: clean(address), mac: undefined },
  ];

  test("containers that hold an address on the network, paused ones too", () => {
    const seen = reduce(twoNodes(), {
      of: "containers",
      node: node103,
      outcome: good([
        container("node2", node103, { attachments: on("ov_net1", "10.10.10.2") }),
        container("frozen", node103, { state: "paused", attachments: on("ov_net1", "10.10.10.4") }),
        container("stopped", node103, { state: "exited", attachments: on("ov_net1", "10.10.10.9") }),
        container("elsewhere", node103, { attachments: on("bridge", "172.17.0.2") }),
      ]),
      at: start,
    });
    expect(placesOn("ov_net1", seen).map((one) => `${one.name} ${one.address} ${one.life}`)).toEqual([
      "frozen 10.10.10.4 paused",
      "node2 10.10.10.2 running",
    ]);
  });

  test("by name only where a store or a swarm knows names between nodes", () => {
    const seen = (scope: string) =>
      reduce(twoNodes(), {
        of: "networks",
        node: node103,
        outcome: good([overlay(node103, { name: clean("flat"), driver: clean("macvlan"), scope: clean(scope) })]),
        at: start,
      });
    expect(hasNamesBetweenNodes("flat", seen("local"))).toBe(false);
    expect(hasNamesBetweenNodes("flat", seen("swarm"))).toBe(true);
  });

  test("in a sample: the same ways each time, both directions, every pair of nodes, far fewer than all", () => {
    const nodes = ["node103", "node104", "node105"].map((name) => name as Place["node"]);
    const places = Array.from({ length: 90 }, (_, at) =>
      place(`c${at}`, nodes[at % 3] ?? node103, `10.10.10.${at + 2}`),
    );
    const ways = sampledWays(places);
    const keys = new Set(ways.map(wayKey));
    expect(new Set(sampledWays(places).map(wayKey))).toEqual(keys);
    for (const { from, to } of ways) expect(keys).toContain(wayKey({ from: to, to: from }));
    for (const one of places) expect(ways.filter(({ from }) => from === one).length).toBeGreaterThanOrEqual(4);
    const lanes = new Set(ways.map(({ from, to }) => `${from.node} ${to.node}`));
    expect(lanes.size).toBe(9);
    expect(ways.length).toBeLessThan(allWays(places).length / 8);
    // One container more changes little of who pings whom.
    const more = new Set(sampledWays([...places, place("new", node103, "10.10.10.200")]).map(wayKey));
    expect([...keys].filter((key) => more.has(key)).length).toBeGreaterThan(keys.size * 0.9);
  });
});

describe("what a direction comes to", () => {
  test.each([
    ["the round trip where all is well", {}, "ok", "0.20 ms"],
    ["loss", { small: { ...ok, lossPercent: 33 } }, "ok", "33 % lost"],
    [
      "small packets pass, full-size ones do not",
      { full: { bytes: 1450, echo: lost } },
      "full-size lost",
      "full-size ones do not: 1450 bytes, no answer",
    ],
    [
      "a name that does not resolve while the address answers",
      { name: { state: "not found" } },
      "name",
      "the name does not lead there: not found",
    ],
    [
      "a name that leads elsewhere",
      { name: { state: "elsewhere", addresses: [text`10.10.10.77`] } },
      "name",
      "it is 10.10.10.77 there",
    ],
    ["a port that nothing listens on", { port: { state: "closed" } }, "port", "nothing listens"],
    ["silence, whatever the name says", { small: lost, name: { state: "not found" } }, "no answer", "no answer"],
    ["why it was not tried", { small: { state: "not tried", why: text`no ping` } }, "not tried", "no ping"],
  ] satisfies [string, Partial<Pair>, string, string][])("%s", (_what, told, state, words) => {
    expect(verdictOf(pair(node1, node2, told)).state).toBe(state);
    expect(pairWords(pair(node1, node2, told))).toMatch(/^node1 → node2 10\.10\.10\.2: /);
    expect(pairWords(pair(node1, node2, told))).toContain(words);
  });

  test("that a container is paused, although its kernel answers", () => {
    const frozen = { ...node1, life: "paused" } as const;
    for (const one of [pair(node2, frozen), pair(frozen, node2)]) {
      expect(verdictOf(one)).toMatchObject({ state: "paused", which: { name: "node1" } });
    }
  });

  test("not that a name is wrong where names were not asked for", () => {
    expect(verdictOf(pair(node1, node2, { name: { state: "not tried", why: text`no bash` } })).state).toBe("ok");
  });
});

describe("what the faults of a matrix have in common", () => {
  test("nothing, when there are none", () => {
    expect(diagnosis(matrix(both({})))).toEqual([]);
  });

  test("a way that nothing passes although the wire is fine: the way is named, the other is not", () => {
    const oneWays = [
      { from: node103, to: node104, arrives: false },
      { from: node104, to: node103, arrives: true },
    ];
    const told = diagnosis(matrix(silent, { oneWays }));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/wire is fine: what is sent node103 → node104 never arrives.*4789\/udp/);
  });

  test("the wire, when the nodes do not reach each other either", () => {
    const underlay = [wire(node2, node1, { small: lost })];
    expect(diagnosis(matrix(silent, { underlay }))[0]).toMatch(
      /it is the wire: node103 does not reach node104 itself at 192\.168\.44\.104/,
    );
  });

  test("an MTU: what the overlay's packets need, and which node takes less", () => {
    const cut = both({ full: { bytes: 1450, echo: lost } });
    const underlay = [
      wire(node2, node1, { full: { bytes: 1500, echo: lost } }),
      wire(node1, node2, { full: { bytes: 1400, echo: ok } }),
    ];
    expect(diagnosis(matrix(cut, { underlay }))).toEqual([
      expect.stringMatching(/they need 1500 bytes on the wire, which takes less \(node104 has an MTU of 1400 there\)/),
    ]);
  });

  test("loss rather than an MTU, where some full-size packets pass", () => {
    const pairs = [pair(node2, node1, { full: { bytes: 1450, echo: lost } }), pair(node1, node2)];
    expect(diagnosis(matrix(pairs))).toEqual([
      expect.stringMatching(/lost on 1 of 2 ways node103 ↔ node104, not on all: loss rather than an MTU/),
    ]);
  });

  test("a name server that does not answer, once for its container", () => {
    const third = place("node3", node103, "10.10.10.4");
    const name = { state: "no answer", server: text`127.0.0.11` } as const;
    const pairs = [pair(node1, node2, { name }), pair(node1, third, { name }), pair(node2, node1), pair(node2, third)];
    expect(diagnosis(matrix(pairs))).toEqual([
      "node1 on node104 resolves no name: no answer from name server 127.0.0.11",
    ]);
  });

  test("a paused container, once, and no silence of its node", () => {
    const frozen = { ...node1, life: "paused" } as const;
    const told = diagnosis(matrix([pair(node2, frozen), pair(frozen, node2)]));
    expect(told).toEqual([expect.stringContaining("node1 on node104 is paused")]);
  });

  test("why a node could not be asked, once", () => {
    const small = { state: "not tried", why: text`connection lost` } as const;
    const third = place("node3", node103, "10.10.10.4");
    const pairs = [pair(node1, node2, { small }), pair(node1, third, { small })];
    expect(diagnosis(matrix(pairs))).toEqual(["from node104: not tried, connection lost"]);
  });
});
