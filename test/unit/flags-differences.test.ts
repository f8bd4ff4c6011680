import { describe, expect, test } from "vitest";
import type { DaemonConfig } from "../../src/domain/daemon.ts";
import { differences } from "../../src/domain/flags/differences.ts";
import { effectiveConfig } from "../../src/domain/flags/effective-config.ts";
import { asNodeName, type NodeName } from "../../src/domain/ids.ts";

const file = (content: object): DaemonConfig =>
  effectiveConfig({
    unitFiles: [],
    environmentFiles: [],
    daemonJson: { path: "/etc/docker/daemon.json", content: JSON.stringify(content) },
    process: undefined,
  });

function cluster(...contents: object[]): Map<NodeName, DaemonConfig> {
  return new Map(
    contents.map((content, i) => {
      const name = asNodeName(`node${103 + i}`);
      if (name === undefined) throw new Error("no node name");
      return [name, file(content)];
    }),
  );
}
const consul = { "cluster-store": "consul://192.168.44.103:8500", "cluster-advertise": "ens33:2376" };

describe("flags that should be the same everywhere", () => {
  test("nodes that agree have no difference, and one node alone has none either", () => {
    expect(differences(cluster(consul, consul))).toEqual([]);
    expect(differences(cluster(consul))).toEqual([]);
  });

  test("of three the odd one out is named", () => {
    expect(
      differences(cluster(consul, { ...consul, "cluster-store": "consul://192.168.44.199:8500" }, consul)),
    ).toEqual([
      {
        name: "cluster-store",
        values: [
          { node: "node103", value: "consul://192.168.44.103:8500" },
          { node: "node104", value: "consul://192.168.44.199:8500" },
          { node: "node105", value: "consul://192.168.44.103:8500" },
        ],
        usual: "consul://192.168.44.103:8500",
        odd: ["node104"],
      },
    ]);
  });

  test("of two nobody can say which is right: both are odd", () => {
    const [difference] = differences(cluster({ mtu: 1400 }, {}));
    expect(difference).toMatchObject({ name: "mtu", usual: undefined, odd: ["node103", "node104"] });
    expect(difference?.values.map((one) => one.value)).toEqual(["1400", "not set"]);
  });

  test("each node advertises an address of its own; only interface and port have to agree", () => {
    const at = (advertise: string) => ({ ...consul, "cluster-advertise": advertise });
    expect(differences(cluster(at("192.168.44.103:2376"), at("192.168.44.104:2376")))).toEqual([]);
    expect(differences(cluster(at("ens33:2376"), at("ens33:2376"), at("eth0:2376")))).toMatchObject([
      { name: "cluster-advertise", usual: "ens33:2376", odd: ["node105"] },
    ]);
  });

  test("labels, listeners and folders are a node's own business", () => {
    expect(differences(cluster({ labels: ["a=1"], hosts: ["fd://"], "data-root": "/a" }, { labels: ["a=2"] }))).toEqual(
      [],
    );
  });

  test("the order of a list does not matter", () => {
    expect(differences(cluster({ dns: ["1.1.1.1", "8.8.8.8"] }, { dns: ["8.8.8.8", "1.1.1.1"] }))).toEqual([]);
  });
});
