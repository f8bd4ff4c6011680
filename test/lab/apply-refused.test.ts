import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, Program, type Wanted } from "./applied.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import type { Flavour } from "./recipe.ts";

const refused: { flavour: Flavour; what: string; wanted: Wanted; id: string; says: RegExp }[] = [
  {
    flavour: "classic-24",
    what: "Consul on an engine that was built without its driver",
    wanted: {},
    id: "store-driver-missing",
    says: /consul/i,
  },
  {
    flavour: "classic-24",
    what: "ZooKeeper, which crashes 20.10.24",
    wanted: { store: { kind: "zookeeper", node: "node103", image: "zookeeper:3.8" } },
    id: "zookeeper-crashes-engine",
    says: /ZooKeeper/i,
  },
  {
    flavour: "classic",
    what: "ZooKeeper, which crashes 20.10.5",
    wanted: { store: { kind: "zookeeper", node: "node103", image: "zookeeper:3.8" } },
    id: "zookeeper-crashes-engine",
    says: /ZooKeeper/i,
  },
  {
    flavour: "swarm",
    what: "a cluster store on engines that dropped it",
    wanted: { engine: { mode: "cluster-store" }, store: { kind: "consul", node: "node103" } },
    id: "engine-mode",
    says: /cluster store|23\.0/i,
  },
];

for (const flavour of [...new Set(refused.map((one) => one.flavour))]) {
  onRealHosts(`on bare hosts of ${flavour}`, () => {
    let lab: Lab;
    let program: Program;
    beforeAll(async () => {
      lab = await Lab.up({ name: `refused-${flavour}`, flavour, nodes: 2, joined: false });
      program = new Program(lab);
    });
    afterAll(async () => {
      program?.close();
      await lab?.down();
    });

    for (const { what, wanted, id, says } of refused.filter((one) => one.flavour === flavour)) {
      test(`${what} is refused with its reason, and nothing is touched`, async () => {
        const before = await Promise.all(["node103", "node104"].map((node) => fingerprint(lab, node)));
        program.wants(wanted);
        for (const answer of [await program.plan(), await program.apply()]) {
          expect(answer.code).toBe(1);
          const obstacle = answer.obstacles.find((one) => one.id === id);
          expect(obstacle, JSON.stringify(answer.obstacles)).toMatchObject({ severity: "error" });
          expect(`${obstacle?.title} ${obstacle?.remedy}`).toMatch(says);
          expect(answer.steps.every((step) => step.result === "pending" || step.result === "skipped")).toBe(true);
        }
        expect(await Promise.all(["node103", "node104"].map((node) => fingerprint(lab, node)))).toEqual(before);
      });
    }
  });
}
