import { afterAll, beforeAll, describe, test } from "vitest";
import type { Arena, Side } from "./arena.ts";
import { demoSide } from "./demo-side.ts";
import { labSide } from "./lab-side.ts";

type Contract = (arena: () => Arena) => void;

/** Holds the demo and real hosts to the same contracts. Where they differ, the demo is wrong. */
export function keptByBoth(flavour: "classic" | "swarm", contracts: readonly Contract[]): void {
  keptBy(demoSide, flavour, contracts);
  keptBy(labSide, flavour, contracts);
}

function keptBy(side: Side, flavour: "classic" | "swarm", contracts: readonly Contract[]): void {
  const { unavailable } = side;
  if (unavailable !== undefined) {
    test(`${flavour} ${side.name}`, (context) => {
      if (process.env.OVL_LAB_REQUIRED === "1") throw new Error(unavailable);
      Object.assign(context.task.meta, { why: unavailable });
      context.skip(unavailable);
    });
    return;
  }
  describe(`${flavour} ${side.name}`, () => {
    let arena: Arena | undefined;
    beforeAll(async () => {
      arena = await side.open(flavour);
    });
    afterAll(() => arena?.close());
    for (const contract of contracts) {
      contract(() => {
        if (arena === undefined) throw new Error("the side did not open");
        return arena;
      });
    }
  });
}
