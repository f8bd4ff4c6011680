import { expect, test } from "vitest";
import { Advertised } from "../../src/adapters/store/advertised.ts";
import { serversOf } from "../../src/adapters/store/servers.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import { asNodeName, type NodeName } from "../../src/domain/ids.ts";
import { clean, text } from "../../src/domain/text.ts";
import { bad } from "../../src/domain/trouble.ts";
import { fileFor, specOf } from "../planned.ts";
import { hostFacts } from "../snapshots.ts";

const name = (raw: string): NodeName => asNodeName(raw) ?? expect.fail(raw);
const names = ["node103", "node104", "node105", "node106"].map(name);
const onNode103 = { kind: "consul", port: 8500, image: undefined, at: "nodes", nodes: [name("node103")] } as const;

/** Transports that reach nothing, and note what they were asked for. */
function transports(of: readonly NodeName[]) {
  const dialed: string[] = [];
  const made = of.map((node): [NodeName, Transport] => [
    node,
    {
      node,
      user: text`root`,
      script: async () => bad({ kind: "cancelled" }),
      dialDocker: async () => bad({ kind: "cancelled" }),
      dialTcp: async (host, port) => {
        dialed.push(`${node} to ${host}:${port}`);
        return bad({ kind: "connection-refused", host: clean(host), port });
      },
    },
  ]);
  return { map: new Map(made), dialed };
}

async function dialAll(spec: Parameters<typeof serversOf>[0], of: readonly NodeName[], address: string | undefined) {
  const { map, dialed } = transports(of);
  const ways = serversOf(spec, map, () => address).flatMap((server) => server.ways);
  for (const way of ways) await way.dial(way.host, way.port, new AbortController().signal);
  return { dialed, shown: ways.map((way) => way.endpoint) };
}

test("a store on a node is tried where others use it, then on loopback, then from two other nodes", async () => {
  expect(await dialAll(onNode103, names, "192.168.44.103")).toEqual({
    dialed: [
      "node103 to 192.168.44.103:8500",
      "node103 to 127.0.0.1:8500",
      "node104 to 192.168.44.103:8500",
      "node105 to 192.168.44.103:8500",
    ],
    shown: ["192.168.44.103:8500", "node103:8500", "192.168.44.103:8500", "192.168.44.103:8500"],
  });
});

test("while a node's address is not known yet, loopback is all there is to try", async () => {
  expect((await dialAll(onNode103, names, undefined)).dialed).toEqual(["node103 to 127.0.0.1:8500"]);
});

test("a store on a node that is named by its host name is looked for where a plan has it listen", () => {
  const spec = specOf(
    fileFor(1, "").replace("ssh: root@192.168.44.103, advertise: ens33", "ssh: root@node103.example"),
  );
  const node = spec.nodes[0] ?? expect.fail("no node");
  const advertised = new Advertised();
  advertised.expect(node);
  expect(advertised.of(node.name)).toBeUndefined();
  // The default route leaves by ens33.
  advertised.learn(node, hostFacts("node103", "192.168.44.103"));
  expect(advertised.of(node.name)).toBe("192.168.44.103");
});

test("an address in the file is tried until the machine tells which one it advertises", () => {
  const spec = specOf(fileFor(1, "").replace(", advertise: ens33", ""));
  const node = spec.nodes[0] ?? expect.fail("no node");
  const advertised = new Advertised();
  advertised.expect(node);
  expect(advertised.of(node.name)).toBe("192.168.44.103");
  // SSH goes to one network, the default route to another: the store listens there.
  advertised.learn(node, hostFacts("node103", "10.0.0.103"));
  expect(advertised.of(node.name)).toBe("10.0.0.103");
});

test("a store whose node is not in the cluster's file is tried from the others", async () => {
  expect((await dialAll(onNode103, names.slice(1, 2), "192.168.44.103")).dialed).toEqual([
    "node104 to 192.168.44.103:8500",
  ]);
});

test("endpoints are reached from here, whatever the nodes are", async () => {
  const endpoints = [{ host: "127.0.0.1", port: 1 }];
  const { dialed, shown } = await dialAll(
    { kind: "etcd", port: 2379, image: undefined, at: "endpoints", endpoints },
    names,
    "192.168.44.103",
  );
  expect({ dialed, shown }).toEqual({ dialed: [], shown: ["127.0.0.1:1"] });
});
