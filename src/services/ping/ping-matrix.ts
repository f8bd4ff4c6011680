import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { allReach, type Pair, type Place, placesOn } from "../../domain/ping/ping.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import { text } from "../../domain/text.ts";
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

/** The same again and again until all reach all, for `ms` at the most: the first packets teach engines their way. */
export async function pingUntilAllReach(ping: () => Promise<Pair[]>, clock: Clock, ms: number): Promise<Pair[]> {
  const end = clock.now() + ms;
  for (;;) {
    const pairs = await ping();
    if (allReach(pairs) || clock.now() >= end) return pairs;
    await pause(clock, 500);
  }
}

/** How long the containers of a new cluster get to reach each other, ms. */
const firstPingsMs = 20_000;
const onePingMs = 30_000;

/** The proof of a cluster: the containers of every network of the spec that has several, each to each other one. */
export async function pingSpec(
  spec: Spec,
  watch: Pick<ClusterWatch, "state" | "access">,
  clock: Clock,
): Promise<Pair[]> {
  const networks = spec.networks.filter(({ name }) => spec.containers.filter((one) => one.network === name).length > 1);
  const pinged = await Promise.all(
    networks.map(({ name }) => {
      const names = new Set(spec.containers.filter((one) => one.network === name).map((one) => one.name));
      const once = async () => {
        const pairs = await pingMatrix(name, watch.state.get(), watch.access, { ms: onePingMs });
        return pairs.filter((pair) => names.has(pair.from.name) && names.has(pair.to.name));
      };
      return pingUntilAllReach(once, clock, firstPingsMs);
    }),
  );
  return pinged.flat();
}
