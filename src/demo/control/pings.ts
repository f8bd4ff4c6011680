import type { PingResult } from "../../domain/ping/ping.ts";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { PingAsked } from "../../ports/node-control.ts";
import { call, pass } from "../calls.ts";
import { type Chance, chance } from "../chance.ts";
import type { Cluster } from "../cluster.ts";
import type { DemoContainer } from "../containers.ts";
import type { Machine } from "../machine.ts";
import { LocalNetwork, Overlay, type Segment } from "../networks.ts";
import { asRoot } from "./change.ts";
import type { ReachGround } from "./reach.ts";

/** Three packets, 200 ms apart; and as many that nobody answers. */
const pingMs = 450;
const silenceMs = 1450;

/** Pings from containers of the machine, all side by side. */
export function pingFrom(
  on: ReachGround,
  asked: readonly PingAsked[],
  within: Deadline,
): Promise<Outcome<readonly PingResult[]>> {
  const { link, clock, cluster } = on;
  return asRoot(on, () =>
    call(link, clock, text`${link.node}: pings`, within, async () => {
      const draw = chance(cluster.seed, `pings ${link.machine.hostname} ${clock.now()}`);
      const results = asked.map((one) => pinged(one, link.machine, cluster, draw));
      await pass(clock, results.every((one) => one.state === "ok") ? pingMs : silenceMs);
      return good(results);
    }),
  );
}

function pinged({ container: id, address }: PingAsked, machine: Machine, cluster: Cluster, draw: Chance): PingResult {
  const container = machine.containers.get(id);
  if (container === undefined) return { state: "not tried", why: text`Error: No such object: ${id}` };
  if (container.run.state !== "running") return { state: "not tried", why: text`${container.name} does not run` };
  const own = container.places.find((place) => place.held?.address === address);
  if (own !== undefined) return answered(draw, 0.02);
  for (const { segment } of container.places) {
    const target = segment === undefined ? undefined : holderOf(segment, address, machine, cluster);
    if (target === undefined || segment === undefined) continue;
    if (!passes(segment, machine, target.machine)) return { state: "no answer" };
    const { run } = target.container;
    if (run.state !== "running" || run.paused) return { state: "no answer" };
    return answered(draw, target.machine === machine ? 0.05 : 0.3);
  }
  const isNear = container.places.some(({ segment }) => segment?.pool?.holds(address) === true);
  return isNear ? { state: "unreachable", detail: text`Destination Host Unreachable` } : { state: "no answer" };
}

/** Who has the address on the network. */
function holderOf(
  segment: Segment,
  address: string,
  machine: Machine,
  cluster: Cluster,
): { machine: Machine; container: DemoContainer } | undefined {
  // A macvlan is the wire that its parent is on: containers of all machines meet there.
  const everywhere = segment instanceof Overlay || (segment instanceof LocalNetwork && segment.driver === "macvlan");
  for (const one of everywhere ? cluster.machines.values() : [machine]) {
    for (const container of one.containers.values()) {
      const found = container.places.some(
        ({ held, segment: other }) =>
          held?.address === address && (other === segment || (everywhere && isSameWire(other, segment))),
      );
      if (found) return { machine: one, container };
    }
  }
  return undefined;
}

const isSameWire = (one: Segment | undefined, other: Segment): boolean =>
  one instanceof LocalNetwork &&
  other instanceof LocalNetwork &&
  one.driver === "macvlan" &&
  one.parent === other.parent &&
  one.pool?.subnet === other.pool?.subnet;

/** Whether packets of the network get from one machine to the other. */
function passes(segment: Segment, from: Machine, to: Machine): boolean {
  if (from === to) return true;
  if (!from.reachable || !to.reachable) return false;
  if (!(segment instanceof Overlay)) return true;
  // Engines that do not gossip do not learn where each other's containers are.
  const gossip = [from, to].every((one) => one.swarm !== undefined || one.engine?.gossip !== undefined);
  const blocked = (one: Machine) => one.hindrances.has("vxlan-blocked") || one.hindrances.has("gossip-blocked");
  return gossip && !blocked(from) && !blocked(to);
}

function answered(draw: Chance, baseMs: number): PingResult {
  const times = [0, 1, 2].map(() => baseMs * (1 + draw.fraction()));
  const [minMs, maxMs] = [Math.min(...times), Math.max(...times)];
  return { state: "ok", lossPercent: 0, minMs, averageMs: times.reduce((sum, one) => sum + one, 0) / 3, maxMs };
}
