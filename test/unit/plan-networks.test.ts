import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../src/domain/plan/change.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import { rangesFor, rangesOverlap } from "../../src/domain/plan/ranges.ts";
import type { Plan } from "../../src/domain/plan/step.ts";
import { subnetContains } from "../../src/domain/subnets.ts";
import { clean } from "../../src/domain/text.ts";
import { carryOut } from "../carry-out.ts";
import { type BareChanges, type BareCluster, bare, fileFor, specOf } from "../planned.ts";
import { node103, node104, overlay } from "../snapshots.ts";

const store = 'store: { node: node103, image: "consul:1.8.7" }';
const specWith = (network: string, count = 2, more = store) =>
  specOf(fileFor(count, `${more}\nnetworks: [${network}]`));
const planned = (network: string, cluster: BareCluster = bare(2), count = 2, more = store): Plan =>
  plan(specWith(network, count, more), cluster.seen, cluster.survey);
const definitions = ({ steps }: Plan): NetworkDefinition[] =>
  steps.flatMap(({ change }) => (change.kind === "create-network" ? [change.definition] : []));
const withMtu = (mtu: number): BareChanges => ({
  facts: {
    interfaces: [{ name: clean("ens33"), up: true, mtu, mac: undefined, addresses: [clean("192.168.44.104/24")] }],
  },
});

describe("an overlay", () => {
  const ov = "{ name: ov, subnet: 10.10.10.0/24 }";

  test("has Docker's own MTU on usual wires, and 50 bytes less than the narrowest one otherwise", () => {
    expect(definitions(planned(ov))[0]?.mtu).toBeUndefined();
    expect(definitions(planned(ov, bare(2, { node104: withMtu(1400) })))[0]?.mtu).toBe(1350);
    expect(definitions(planned(ov, bare(2, { node104: withMtu(9000) })))[0]?.mtu).toBeUndefined();
    expect(definitions(planned("{ name: ov, mtu: 1200 }", bare(2, { node104: withMtu(1400) })))[0]?.mtu).toBe(1200);
  });

  test("whose name another network has is left alone, and forbids the plan", () => {
    const other = (changes: Parameters<typeof overlay>[1]) =>
      bare(2, { node104: { networks: [overlay(node104, { name: clean("ov"), ...changes })] } });
    const found = (cluster: BareCluster) => planned(ov, cluster).obstacles;
    expect(found(other({}))).toEqual([]);
    expect(found(other({ driver: clean("bridge"), scope: clean("local") }))).toMatchObject([
      { id: "network-name-taken", severity: "error", node: "node104" },
    ]);
    const elsewhere = [{ subnet: clean("10.99.0.0/24"), gateway: undefined, range: undefined }];
    expect(found(other({ subnets: elsewhere }))).toMatchObject([
      { id: "network-name-taken", evidence: ["its subnet is 10.99.0.0/24, not 10.10.10.0/24"] },
    ]);
  });
});

describe("a macvlan", () => {
  const flat = "{ name: flat, driver: macvlan, subnet: 192.168.44.0/24, gateway: 192.168.44.1 }";

  test("is made on every node, on its advertise interface, with a range of its own and the same gateway", () => {
    const made = definitions(planned(flat));
    expect(made).toMatchObject([
      { subnet: "192.168.44.0/24", gateway: "192.168.44.1", parent: "ens33", range: "192.168.44.224/27" },
      { subnet: "192.168.44.0/24", gateway: "192.168.44.1", parent: "ens33", range: "192.168.44.192/27" },
    ]);
  });

  test("tells that its addresses are those of the machines' own wire", () => {
    expect(planned(flat).obstacles).toMatchObject([{ id: "macvlan-shares-subnet", severity: "info" }]);
  });

  test("needs no store and no swarm", () => {
    const made = planned(flat, bare(2, {}, "26.1.5"), 2, "");
    expect(made.steps.map((one) => one.id)).toEqual(["node103/network/flat", "node104/network/flat"]);
  });

  test("keeps its ranges when a node is added, which gets a free one", () => {
    const two = bare(2);
    const finished = carryOut(two, planned(flat, two).steps);
    const three = bare(3);
    const grown = {
      seen: { ...finished.seen, nodes: new Map([...three.seen.nodes, ...finished.seen.nodes]) },
      survey: new Map([...three.survey, ...finished.survey]),
    };
    expect(definitions(planned(flat, grown, 3))).toMatchObject([{ range: "192.168.44.160/27" }]);
  });

  test("needs a parent and a subnet on every node", () => {
    expect(planned("{ name: flat, driver: macvlan, subnet: 10.5.0.0/24, parent: eth9 }").obstacles).toMatchObject([
      { id: "macvlan-parent-missing", node: "node103" },
      { id: "macvlan-parent-missing", node: "node104" },
    ]);
    expect(planned("{ name: flat, driver: macvlan, parent: ens33.50 }").obstacles).toMatchObject([
      { id: "macvlan-subnet" },
    ]);
  });

  test("whose engines share a range is told", () => {
    const one = (node: typeof node103) =>
      overlay(node, {
        name: clean("flat"),
        driver: clean("macvlan"),
        scope: clean("local"),
        subnets: [{ subnet: clean("192.168.44.0/24"), gateway: clean("192.168.44.1"), range: undefined }],
      });
    const made = planned(
      flat,
      bare(2, { node103: { networks: [one(node103)] }, node104: { networks: [one(node104)] } }),
    );
    expect(made.obstacles).toMatchObject([{ id: "macvlan-range", severity: "warning" }]);
  });
});

describe("ranges of one subnet", () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);

  test("are disjoint, within it, and hold no address that a machine has", () => {
    const address = fc.integer({ min: 1, max: 254 }).map((last) => `10.7.0.${last}`);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(address, { maxLength: 8 }), (count, kept) => {
        const found = [...rangesFor("10.7.0.0/24", names(count), new Map(), kept).values()].filter(
          (one) => one !== undefined,
        );
        found.forEach((range, i) => {
          expect(subnetContains("10.7.0.0/24", range.split("/")[0] ?? "")).toBe(true);
          expect(kept.some((one) => subnetContains(range, one))).toBe(false);
          expect(found.slice(i + 1).some((other) => rangesOverlap(range, other))).toBe(false);
        });
        if (kept.length <= 2) expect(found).toHaveLength(count);
      }),
    );
  });

  test("stay when nodes are added one after the other, until there are twice as many and more", () => {
    let had = new Map<string, string>();
    for (let count = 1; count <= 8; count += 1) {
      const found = rangesFor("10.7.0.0/24", names(count), had, []);
      for (const [name, range] of had) expect(found.get(name)).toBe(range);
      had = new Map([...found].flatMap(([name, range]) => (range === undefined ? [] : [[name, range]])));
      expect(had.size).toBe(count);
    }
  });

  test("run out in a small subnet, and then a node gets none", () => {
    expect(rangesFor("10.7.0.0/29", names(3), new Map(), [])).toEqual(
      new Map([
        ["n0", "10.7.0.4/30"],
        ["n1", "10.7.0.0/30"],
        ["n2", undefined],
      ]),
    );
  });
});
