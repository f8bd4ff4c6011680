/** Clusters as the screen may come to see them, made from what a watch would report. */
import type { Container } from "../../src/domain/engine.ts";
import type { HostFacts } from "../../src/domain/host.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import { type Observation, reduce } from "../../src/domain/reduce.ts";
import { type Snapshot, unseen } from "../../src/domain/snapshot.ts";
import { clean, text } from "../../src/domain/text.ts";
import { good, type Trouble } from "../../src/domain/trouble.ts";
import { consul, container, engineInfo, networkId, node103, node104, nodeNamed, overlay, start } from "../snapshots.ts";

export const at = start;

/** The place of a container in ov_net1. */
export const inOverlay = (address: string) => [
  { network: clean("ov_net1"), networkId: networkId("a1"), address: clean(address), mac: clean("02:42:0a:0a:0a:02") },
];

export const node2 = container("node2", node103, { attachments: inOverlay("10.10.10.2") });
export const node1 = container("node1", node104, { attachments: inOverlay("10.10.10.3") });

export const facts = (hostname: string, changes: Partial<HostFacts> = {}): HostFacts => ({
  hostname: clean(hostname),
  kernel: clean("6.18.0"),
  os: clean("Debian GNU/Linux 12"),
  machineId: clean(`${hostname}-machine`),
  interfaces: [
    {
      name: clean("ens33"),
      up: true,
      mtu: 1500,
      mac: clean("02:42:c0:a8:2c:67"),
      addresses: [clean("192.168.44.103/24")],
    },
    { name: clean("ens34"), up: false, mtu: 9000, mac: undefined, addresses: [] },
  ],
  routes: [{ destination: clean("default"), device: clean("ens33") }],
  clockDifferenceMs: 3,
  clockUncertaintyMs: 5,
  dockerUnit: clean("active"),
  dockerd: { pid: 812, startedAt: start - 3_600_000 },
  missingTools: [],
  ...changes,
});

/** Both nodes up, one overlay, a container on each. */
export const healthy: readonly Observation[] = [
  ...[node103, node104].flatMap((node): Observation[] => [
    { of: "link", node, link: { state: "live", since: at, roundTripMs: 3 }, at },
    {
      of: "engine",
      node,
      outcome: good(
        engineInfo({
          hostname: clean(node),
          engineId: clean(node),
          advertise: clean(`192.168.44.${node.slice(4)}:2376`),
        }),
      ),
      at,
    },
    { of: "networks", node, outcome: good([overlay(node)]), at },
    { of: "facts", node, outcome: good(facts(node)), at },
  ]),
  { of: "containers", node: node103, outcome: good([node2]), at },
  { of: "containers", node: node104, outcome: good([node1]), at },
  { of: "membership", outcome: good(consul()), at },
];

const identity = (name: NodeName) => ({
  name,
  address: clean(`192.168.44.${name.slice(4)}`),
  advertise: clean("ens33"),
});

export const unseenCluster = (names: readonly NodeName[] = [node103, node104], hasStore = true): Snapshot =>
  unseen(clean("bigcomputing"), names.map(identity), hasStore, start);

/** The healthy cluster after more was seen. */
export const clusterAfter = (...more: readonly Observation[]): Snapshot =>
  [...healthy, ...more].reduce(reduce, unseenCluster());

/** Containers c001, c002, … on node103, each in the overlay. */
export const manyContainers = (count: number): Container[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `c${String(index + 1).padStart(3, "0")}`;
    return container(name, node103, { attachments: inOverlay(`10.10.10.${(index % 250) + 2}`) });
  });

export const containersOn = (node: NodeName, containers: readonly Container[]): Observation => ({
  of: "containers",
  node,
  outcome: good(containers),
  at,
});

/** The node's link breaks at `when`, with a next try ten seconds later. */
export const lost = (node: NodeName, when = at, trouble: Trouble = unreachable): Observation => ({
  of: "link",
  node,
  link: { state: "lost", since: when, trouble, retryAt: when + 10_000 },
  at: when,
});

export const unreachable: Trouble = { kind: "unreachable", host: text`192.168.44.104`, detail: text`no route to host` };

/** What people have put into names, labels and logs to break a screen. */
export const hostile: readonly string[] = [
  "\u001B[2J\u001B[H\u001B[31mFAKE OK\u001B[0m",
  "\u001B]0;PWNED\u0007\u001B]52;c;cm0gLXJm\u0007",
  "\u001B]8;;http://evil.example\u0007click\u001B]8;;\u0007",
  "\u009B31mC1\u0090q\u009C",
  "line\r\nsplit\u0008\u0008\u007F\u0000",
  "\u202Etxt.exe\u202C \u2066isolate\u2069",
  "漢字コンテナ名前漢字コンテナ名前",
  "한국어 이름 각",
  "👩‍👩‍👧‍👦 family 🇩🇪🇫🇷 ❤️ 1️⃣ 👍🏽 ✅",
  "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301 zalgo",
  "\u0301\u0302starts with marks",
  "مرحبا שלום",
  "คอนเทนเนอร์ नमस्ते क्षि",
  "x".repeat(10_000),
  "漢".repeat(10_000),
  "\u3164\u115F\u200B\uFEFFfillers",
  "\uD800 lone \uDFFF",
  "\u2028para\u2029",
  "tab\tand  spaces ",
  "",
];

export { nodeNamed };
