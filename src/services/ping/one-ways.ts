import type { NodeName } from "../../domain/ids.ts";
import { isDown } from "../../domain/ping/diagnosis.ts";
import type { OneWay, Pair, Wire } from "../../domain/ping/matrix.ts";
import type { Place } from "../../domain/ping/place.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Access } from "./ping-matrix.ts";

/** Directions that are looked into: they take a second and a half each, and the first few tell what the others would. */
const mostRounds = 3;

/** One try: echo requests from one container to one on another node. */
interface Try {
  from: Place;
  to: Place;
}

/**
 * Where no container of two nodes reaches one of the other: which of the two ways still works. An echo takes both; whether
 * its request arrived is told by the counter of the container that it was sent to (RFC 4293, icmpMsgStatsInPkts; "InEchos"
 * of Linux). No container is the target of two tries at one time.
 */
export async function oneWaysBetween(
  pairs: readonly Pair[],
  underlay: readonly Wire[],
  access: Access,
  within: Deadline,
): Promise<OneWay[]> {
  const oneWays: OneWay[] = [];
  let left = silentLanes(pairs, underlay);
  for (let round = 0; round < mostRounds && left.length > 0 && !within.signal?.aborted; round++) {
    const busy = new Set<string>();
    const now = left.filter(({ to }) => !busy.has(to.container) && busy.add(to.container));
    left = left.filter((one) => !now.includes(one));
    const told = await Promise.all(now.map((one) => arrives(one, access, within)));
    oneWays.push(
      ...now.flatMap(({ from, to }, at) => {
        const arrived = told[at];
        return arrived === undefined ? [] : [{ from: from.node, to: to.node, arrives: arrived }];
      }),
    );
  }
  return oneWays;
}

/** One try for each direction between two nodes where nothing came back and the wire is not the reason. */
function silentLanes(pairs: readonly Pair[], underlay: readonly Wire[]): Try[] {
  const lanes = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const { from, to } = pair;
    if (from.node === to.node || from.life !== "running" || to.life !== "running") continue;
    if (pair.small.state === "not tried") continue;
    const key = `${from.node} ${to.node}`;
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [pair]);
    else lane.push(pair);
  }
  const wireIsDown = (from: NodeName, to: NodeName): boolean =>
    underlay.some((one) => one.from === from && one.to === to && isDown(one));
  return [...lanes.values()].flatMap((lane): Try[] => {
    const [first] = lane;
    if (first === undefined || !lane.every((one) => one.small.state === "no answer")) return [];
    const { from, to } = first;
    return wireIsDown(from.node, to.node) || wireIsDown(to.node, from.node) ? [] : [{ from, to }];
  });
}

async function arrives({ from, to }: Try, access: Access, within: Deadline): Promise<boolean | undefined> {
  const [there, here] = [access.get(to.node)?.probes, access.get(from.node)?.probes];
  if (there === undefined || here === undefined) return undefined;
  const counted = async (): Promise<number | undefined> => {
    const echoes = await there.echoesReceived([to.container], within);
    return echoes.ok ? echoes.value.get(to.container) : undefined;
  };
  const before = await counted();
  if (before === undefined) return undefined;
  const way = { container: from.container, address: to.address, name: undefined };
  const sent = await here.probe({ ways: [way], nodes: [], port: undefined }, within);
  const after = sent.ok ? await counted() : undefined;
  return after === undefined ? undefined : after > before;
}
