import { allReach, type Matrix } from "../../domain/ping/matrix.ts";
import { placesOn } from "../../domain/ping/place.ts";
import { usualWays } from "../../domain/ping/sample.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import { pause } from "../apply/executor.ts";
import type { ClusterWatch } from "../watch/cluster-watch.ts";
import { pingMatrix } from "./ping-matrix.ts";
import { roundMs } from "./ping-rounds.ts";

/** How long the containers of a new cluster get to reach each other, ms: the first packets teach engines their way. */
const firstPingsMs = 20_000;
const againMs = 500;

/** The proof of a cluster. */
export interface PingProof extends Matrix {
  /** Containers of the spec that do not run on their network. */
  missing: readonly SafeText[];
  /** Directions that were not pinged: between many containers it is a sample that proves. */
  leftOut: number;
}

/** Whether every container of the spec runs and reaches every other one that it pinged. */
export const isProven = ({ pairs, missing }: PingProof): boolean => missing.length === 0 && allReach(pairs);

/** The containers of every network of the spec that has several, over the usual ways, again and again until all reach all. */
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
  const proofs = spec.networks.map(async ({ name }): Promise<PingProof> => {
    const wanted = new Set(spec.containers.filter((one) => one.network === name).map((one) => one.name));
    if (wanted.size < 2) return { pairs: [], underlay: [], oneWays: [], missing: [], leftOut: 0 };
    const seen = watch.state.get();
    const places = placesOn(name, seen).filter((place) => wanted.has(place.name));
    const there = new Set(places.map((place) => place.name));
    const ways = usualWays(places);
    const within = { ms: roundMs(ways.length), ...(signal === undefined ? {} : { signal }) };
    const matrix = await pingMatrix({ network: name, ways }, seen, watch.access, within);
    const missing = [...wanted].filter((one) => !there.has(one));
    return { ...matrix, missing, leftOut: places.length * (places.length - 1) - ways.length };
  });
  const all = await Promise.all(proofs);
  return {
    pairs: all.flatMap((one) => one.pairs),
    underlay: all.flatMap((one) => one.underlay),
    oneWays: all.flatMap((one) => one.oneWays),
    missing: all.flatMap((one) => one.missing),
    leftOut: all.reduce((sum, one) => sum + one.leftOut, 0),
  };
}
