import { expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import { ManualClock } from "../manual-clock.ts";

const within = { ms: 10_000 };

/** What the demo says that was begun at that time. */
async function told(start: number, seed: number) {
  const clock = new ManualClock(start);
  const answer = async <T>(call: Promise<Outcome<T>>): Promise<T> => {
    await clock.advance(5000);
    const outcome = await call;
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
    return outcome.value;
  };
  const demo = createDemo({ nodes: 2, containersPerNode: 2, seed, clock, flavour: "swarm", bare: true });
  const [spec, other] = demo.spec.nodes;
  if (spec === undefined || other === undefined) throw new Error("the demo has two nodes");
  const { probes, control } = demo.node(spec, demo.spec, { ask: async () => ({ kind: "refuse" }) });
  if (probes === undefined) throw new Error("the demo has probes");
  await clock.advance(1000 + (start % 1000));
  const asked = { ways: [], nodes: [other.ssh.host], port: undefined };
  const pings = [await answer(probes.probe(asked, within)), await answer(probes.probe(asked, within))];
  await answer(control.engine.initSwarm(spec.ssh.host, within));
  return { pings, tokens: await answer(control.engine.swarmTokens(within)) };
}

test("the same seed tells the same figures, whenever the demo is begun; another seed others", async () => {
  const begin = Date.UTC(2026, 10, 23, 14);
  const once = await told(begin, 7);
  expect(await told(begin + 7_654_321, 7)).toEqual(once);
  expect(once.pings[0]).not.toEqual(once.pings[1]);
  const other = await told(begin, 8);
  expect(other.pings).not.toEqual(once.pings);
  expect(other.tokens).not.toEqual(once.tokens);
});
