import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { allReach, type Pair, type Place, placesOn } from "../../domain/ping/ping.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { pause } from "../apply/executor.ts";
import type { ClusterWatch } from "../watch/cluster-watch.ts";

/** From every running container of `network` to every other one, both directions; each node is asked once. */
export async function pingMatrix(
  network: string,
  seen: Snapshot,
  access: ReadonlyMap<NodeName, NodeAccess>,
  within: Deadline,
): Promise<Pair[]> {
  const places = placesOn(network, seen);
  const nodes = Map.groupBy(places, (place) => place.node);
  const pairs = await Promise.all(
    [...nodes].map(([node, here]) => pingFrom(node, waysFrom(here, places), access.get(node), within)),
  );
  return pairs.flat();
}

interface Way {
  from: Place;
  to: Place;
}

const waysFrom = (here: readonly Place[], places: readonly Place[]): Way[] =>
  here.flatMap((from) => places.filter((to) => to.container !== from.container).map((to) => ({ from, to })));

async function pingFrom(
  node: NodeName,
  ways: readonly Way[],
  access: NodeAccess | undefined,
  within: Deadline,
): Promise<Pair[]> {
  if (ways.length === 0) return [];
  const asked = ways.map(({ from, to }) => ({ container: from.container, address: to.address }));
  const pinged = await access?.control?.ping(asked, within);
  if (pinged?.ok) {
    return ways.map((way, at) => ({
      ...way,
      result: pinged.value[at] ?? { state: "not tried", why: text`no result` },
    }));
  }
  const why = pinged === undefined ? text`${node} cannot be asked` : explain(pinged.trouble, node).what;
  return ways.map((way) => ({ ...way, result: { state: "not tried", why } }));
}

/** How long the containers of a new cluster get to reach each other, ms: the first packets teach engines their way. */
const firstPingsMs = 20_000;
const onePingMs = 30_000;
const againMs = 500;

/** The proof of a cluster. */
export interface PingProof {
  pairs: readonly Pair[];
  /** Containers of the spec that do not run on their network. */
  missing: readonly SafeText[];
}

/** Whether every container of the spec runs and reaches every other one. */
export const isProven = ({ pairs, missing }: PingProof): boolean => missing.length === 0 && allReach(pairs);

/** The containers of every network of the spec that has several, each to each other one, again and again until all reach all. */
export async function pingSpec(
  spec: Spec,
  watch: Pick<ClusterWatch, "state" | "access">,
  clock: Clock,
  signal?: AbortSignal,
): Promise<PingProof> {
  const end = clock.now() + firstPingsMs;
  for (;;) {
    const proof = await pingOnce(spec, watch, signal);
    if (isProven(proof) || clock.now() >= end || signal?.aborted) return proof;
    await pause(clock, againMs);
  }
}

async function pingOnce(
  spec: Spec,
  watch: Pick<ClusterWatch, "state" | "access">,
  signal: AbortSignal | undefined,
): Promise<PingProof> {
  const within = { ms: onePingMs, ...(signal === undefined ? {} : { signal }) };
  const proofs = spec.networks.map(async ({ name }): Promise<PingProof> => {
    const wanted = spec.containers.filter((one) => one.network === name).map((one) => one.name);
    if (wanted.length < 2) return { pairs: [], missing: [] };
    const seen = watch.state.get();
    const there = new Set(placesOn(name, seen).map((place) => place.name));
    const pairs = await pingMatrix(name, seen, watch.access, within);
    return {
      pairs: pairs.filter((pair) => wanted.includes(pair.from.name) && wanted.includes(pair.to.name)),
      missing: wanted.filter((one) => !there.has(one)),
    };
  });
  const all = await Promise.all(proofs);
  return { pairs: all.flatMap((one) => one.pairs), missing: all.flatMap((one) => one.missing) };
}
