import fc from "fast-check";
import { expect, test } from "vitest";
import { readRecords } from "../../src/adapters/store/key-tree.ts";

const network = "26f96c8265a3c49e671a9b9992814be1f884352b92597755bb07489908eae507";
const endpoint = "8e059451a356363d03f8044b1879df68d1e47e1dc3f04d7d38d660d93ee762ce";
const bridge = "5a32ac07a5afd3aaf241acb4c8dbf80a8abde3eda396eb536b6153c11bf002fd";

/** What an engine 20.10.24 wrote for one overlay and one container, cut where nothing is read. */
const values = {
  network: `{"addrSpace":"GlobalDefault","attachable":false,"created":"2026-11-23T14:37:00.863405402Z","generic":{},"id":"${network}","inDelete":false,"ipamV4Config":"[{\\"PreferredPool\\":\\"10.10.10.0/24\\",\\"SubPool\\":\\"\\"}]","name":"ov_net1","networkType":"overlay","scope":"global"}`,
  overlay: '{"mtu":0,"secure":false,"subnets":[{"SubnetIP":"10.10.10.0/24","GwIP":"10.10.10.1/24","Vni":256}]}',
  endpoint: `{"anonymous":false,"ep_iface":{"addr":"10.10.10.2/24","dstPrefix":"eth","mac":"02:42:0a:0a:0a:02","routes":null,"srcName":"veth616a8ec"},"id":"${endpoint}","locator":"10.99.0.1","myAliases":["0ed87530a4ac","node2"],"name":"node2","sandbox":"ecc67dd4","virtualIP":"\\u003cnil\\u003e"}`,
};
const recorded = [
  { key: "docker/nodes/10.99.0.1:2376", value: "10.99.0.1:2376" },
  { key: `docker/network/v1.0/network/${network}/`, value: values.network },
  { key: `docker/network/v1.0/overlay/network/${network}/`, value: values.overlay },
  { key: `docker/network/v1.0/endpoint/${network}/${endpoint}/`, value: values.endpoint },
  { key: `docker/network/v1.0/endpoint/${bridge}/`, value: "" },
  { key: `docker/network/v1.0/endpoint_count/${network}/`, value: '{"Count":1}' },
  { key: "docker/network/v1.0/idm/vxlan-id/", value: '{"id":"vxlan-id","sequence":"AAAAAAD"}' },
];
const records = {
  registrations: ["10.99.0.1:2376"],
  overlays: [
    {
      id: network,
      name: "ov_net1",
      mtu: undefined,
      subnets: [{ subnet: "10.10.10.0/24", gateway: "10.10.10.1", vni: 256 }],
    },
  ],
  endpoints: [
    { id: endpoint, network, name: "node2", address: "10.10.10.2", mac: "02:42:0a:0a:0a:02", locator: "10.99.0.1" },
  ],
};

test("one engine, one overlay and one container are read from the keys that an engine wrote", () => {
  expect(readRecords(recorded)).toEqual(records);
});

test("the picture is the same from Consul's keys, which end in a slash, and from etcd's, which begin with one", () => {
  const etcd = recorded.map(({ key, value }) => ({ key: `/${key.replace(/\/$/, "")}`, value }));
  expect(readRecords(etcd)).toEqual(records);
});

test("the order of the keys does not matter", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(recorded, { minLength: recorded.length }), (shuffled) => {
      expect(readRecords(shuffled)).toEqual(records);
    }),
  );
});

test("an overlay of which only half is recorded is there, with what is known of it", () => {
  const only = (part: string) => readRecords(recorded.filter(({ key }) => key.includes(part))).overlays;
  expect(only("/v1.0/network/")).toEqual([{ id: network, name: "ov_net1", subnets: [], mtu: undefined }]);
  expect(only("/overlay/")).toMatchObject([{ id: network, name: undefined, subnets: [{ vni: 256 }] }]);
});

test("an endpoint whose value cannot be read still shows that its address is taken by somebody", () => {
  const broken = recorded.map((one) => (one.value === values.endpoint ? { ...one, value: '{"name":' } : one));
  expect(readRecords(broken).endpoints).toEqual([
    { id: endpoint, network, name: "(unreadable)", address: undefined, mac: undefined, locator: undefined },
  ]);
});

test("keys of other programs under the same root are left alone", () => {
  const others = [
    { key: "docker/swarm/leader", value: "10.99.0.1:4000" },
    { key: "docker/nodes", value: "" },
    { key: "docker/network/v1.0/network/not-an-id", value: values.network },
    { key: "docker/network/v2.0/network/x", value: "{}" },
    { key: "vault/docker/nodes/1.2.3.4:1", value: "x" },
  ];
  expect(readRecords([...recorded, ...others])).toEqual(records);
});

test("whatever keys and values hold, no control character passes", () => {
  const part = fc.oneof(
    fc.constantFrom("docker", "nodes", "network", "v1.0", "overlay", "endpoint", network),
    fc.string({ unit: "binary" }),
  );
  const hostile = fc.record({
    key: fc.array(part, { maxLength: 8 }).map((parts) => parts.join("/")),
    value: fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      fc
        .record({ name: fc.string({ unit: "binary" }), locator: fc.string({ unit: "binary" }) })
        .map((one) => JSON.stringify(one)),
    ),
  });
  const prefixes = [
    "docker/nodes/",
    `docker/network/v1.0/endpoint/${network}/`,
    `docker/network/v1.0/overlay/network/${network}`,
  ];
  fc.assert(
    fc.property(fc.array(hostile), (entries) => {
      const aimed = entries.flatMap(({ key, value }) => [
        { key, value },
        ...prefixes.map((prefix) => ({ key: prefix + key, value })),
      ]);
      for (const one of texts(readRecords(aimed))) expect(one).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }),
  );
});

function* texts(inside: unknown): Generator<string> {
  if (typeof inside === "string") yield inside;
  else if (typeof inside === "object" && inside !== null) for (const part of Object.values(inside)) yield* texts(part);
}
