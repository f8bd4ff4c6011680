import { describe, expect, test } from "vitest";
import { parseSpec } from "../../src/domain/spec/parse.ts";
import type { ContainerSpec } from "../../src/domain/spec/spec.ts";
import { type SpecValues, writeContainers, writeSpec } from "../../src/domain/spec/write.ts";
import { clean } from "../../src/domain/text.ts";
import { nodeNamed } from "../snapshots.ts";

const around = { file: "/etc/ovl.yaml", home: "/root", resolve: (...parts: string[]) => parts.at(-1) ?? "" };

const values: SpecValues = {
  cluster: "bigcomputing",
  nodes: [
    { name: "node103", known: "node103", ssh: "root@192.168.44.103", advertise: "ens33" },
    { name: "node104", known: "node104", ssh: "root@192.168.44.104", advertise: "ens33" },
  ],
  engine: { mode: "auto", listen: "none" },
  store: { kind: "consul", nodes: ["node103"], endpoints: undefined, image: undefined, port: undefined },
  networks: [{ name: "ov_net1", known: "ov_net1", driver: "overlay", subnet: "10.10.10.0/24", parent: undefined }],
  containers: [
    {
      ...{ name: "node2", known: "node2", node: "node103", image: "big_computing", network: "ov_net1" },
      ...{ hostname: undefined, privileged: true, remove: false, command: [] },
    },
  ],
  condor: undefined,
};

const byHand = `# our cluster, ask operations before you change it
version: 1
cluster: "bigcomputing"   # since 2019
nodes:
  # the old rack
  - name: node103
    ssh: root@192.168.44.103
    advertise: ens33  # 10 Gbit
  - { name: node104, ssh: root@192.168.44.104, advertise: ens33 }
ssh:
  identityFile: ~/.ssh/cluster # not the personal one
store:
  kind: consul
  node: node103
networks:
  - name: ov_net1
    driver: overlay
    subnet: 10.10.10.0/24 # free since March
containers:
  # the manager
  - { name: node2, node: node103, image: big_computing, network: ov_net1, privileged: true, environment: { ROLE: manager } }
`;

function parsed(content: string) {
  const result = parseSpec(content, around);
  if (!result.ok) throw new Error(result.problems.map((one) => `${one.line}: ${one.message}`).join("\n"));
  return result.spec;
}

test("a new file says what was asked for, and can be read back", () => {
  const spec = parsed(writeSpec(undefined, values));
  expect(spec.nodes.map((node) => [node.name, node.ssh.user, node.ssh.host, node.advertise])).toEqual([
    ["node103", "root", "192.168.44.103", "ens33"],
    ["node104", "root", "192.168.44.104", "ens33"],
  ]);
  expect(spec.store).toMatchObject({ kind: "consul", at: "nodes", nodes: ["node103"], port: 8500 });
  expect(spec.containers[0]).toMatchObject({ name: "node2", image: "big_computing", privileged: true, remove: false });
});

test("a file that says so already stays as it is, byte for byte but for its blanks", () => {
  const written = writeSpec(byHand, values);
  expect(written.replace(/ +#/g, " #")).toBe(byHand.replace(/ +#/g, " #"));
});

test("a node is added, another taken out, and every comment and unknown part of the rest stays", () => {
  const written = writeSpec(byHand, {
    ...values,
    nodes: [
      { name: "node103", known: "node103", ssh: "root@192.168.44.103", advertise: "bond0" },
      { name: "node105", known: undefined, ssh: "root@192.168.44.105", advertise: "ens33" },
    ],
  });
  const spec = parsed(written);
  expect(spec.nodes.map((node) => `${node.name} ${node.advertise}`)).toEqual(["node103 bond0", "node105 ens33"]);
  for (const comment of [
    "ask operations",
    "since 2019",
    "the old rack",
    "not the personal one",
    "free since March",
    "the manager",
  ]) {
    expect(written).toContain(comment);
  }
  expect(spec.containers[0]?.environment).toEqual({ ROLE: "manager" });
});

test("another network is written beside those that are there, and a store moves from a node to endpoints", () => {
  const spec = parsed(
    writeSpec(byHand, {
      ...values,
      store: { kind: "etcd", nodes: undefined, endpoints: ["192.0.2.1:2379"], image: undefined, port: undefined },
      networks: [
        ...values.networks,
        { name: "flat", known: undefined, driver: "macvlan", subnet: "10.20.0.0/24", parent: "ens33" },
      ],
    }),
  );
  expect(spec.networks.map((one) => one.name)).toEqual(["ov_net1", "flat"]);
  expect(spec.store).toMatchObject({ kind: "etcd", at: "endpoints" });
});

describe("containers that were launched", () => {
  const file = `# Ours.
version: 1
cluster: bigcomputing
nodes:
  - { name: node103, ssh: root@192.168.44.103 }
networks: [{ name: ov_net1 }]
containers: # those of the pool
  # the head
  - { name: node2, node: node103, image: old, network: ov_net1, restart: always } # do not stop
  - name: other
    node: node103
    image: x
`;
  const node2: ContainerSpec = {
    ...{ name: clean("node2"), node: nodeNamed("node103"), image: "big_computing", network: clean("ov_net1") },
    ...{ address: clean("10.10.10.9"), hostname: "node2", privileged: true, remove: false, restart: undefined },
    ...{ command: ["sh", "-c", "a: b # c"], environment: { A: "yes", B: "1" }, mounts: ["data:/data"] },
  };

  test("are written over those of their name, and added otherwise; all else stays", () => {
    const written = writeContainers(file, [node2, { ...node2, name: clean("node3"), environment: {}, mounts: [] }]);
    for (const kept of ["# Ours.", "# those of the pool", "# the head", "# do not stop"])
      expect(written).toContain(kept);
    const parsed = parseSpec(written, around);
    if (!parsed.ok) throw new Error(parsed.problems.map((one) => one.message).join("\n"));
    const other = parsed.spec.containers.find((one) => one.name === "other");
    expect(other).toMatchObject({ image: "x", privileged: false });
    expect(parsed.spec.containers.map((one) => one.name)).toEqual(["node2", "other", "node3"]);
    expect(parsed.spec.containers[0]).toEqual(node2);
    expect(parsed.spec.containers[2]).toEqual({ ...node2, name: "node3", environment: {}, mounts: [] });
    expect(writeContainers(written, [node2])).toBe(written);
  });

  test("make a list of their own in a file that has none", () => {
    const bare = "version: 1\ncluster: c\nnodes: [{ name: node103, ssh: h }]\nnetworks: [{ name: ov_net1 }]\n";
    const parsed = parseSpec(writeContainers(bare, [node2]), around);
    expect(parsed.ok && parsed.spec.containers).toEqual([node2]);
  });
});
