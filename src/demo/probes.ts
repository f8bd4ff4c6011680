import type { ContainerId } from "../domain/ids.ts";
import type { Echo } from "../domain/ping/echo.ts";
import type { FullSize, Naming, Opening } from "../domain/ping/matrix.ts";
import type { Life } from "../domain/ping/place.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { NodeTold, Probes, ProbesAsked, ProbesTold, WayAsked, WayTold } from "../ports/probes.ts";
import { call, pass } from "./calls.ts";
import type { Chance } from "./chance.ts";
import type { Cluster } from "./cluster.ts";
import type { DemoContainer } from "./containers.ts";
import { asRoot } from "./control/change.ts";
import type { DemoLink } from "./link.ts";
import type { Machine } from "./machine.ts";
import { LocalNetwork, Overlay, type Segment } from "./networks.ts";

/** Three packets, 200 ms apart; and as many that nobody answers. */
const pingMs = 450;
const silenceMs = 1450;
const overlayMtu = 1450;
/** What VXLAN puts around a packet (RFC 7348, 5). */
const vxlanBytes = 50;

/** Echo requests that each container received since it was started. */
const received = new WeakMap<DemoContainer, number>();

/** Who has an address. */
interface Holder {
  machine: Machine;
  container: DemoContainer;
}

/** Measurements from one machine of the demo, in its own round trips. */
export class DemoProbes implements Probes {
  readonly #on: { link: DemoLink; clock: Clock };
  readonly #cluster: Cluster;

  constructor(link: DemoLink, cluster: Cluster, clock: Clock) {
    this.#on = { link, clock };
    this.#cluster = cluster;
  }

  probe(asked: ProbesAsked, within: Deadline): Promise<Outcome<ProbesTold>> {
    const { link, clock } = this.#on;
    const { machine, node } = link;
    return asRoot(this.#on, () =>
      call(link, clock, text`${node}: pings`, within, async () => {
        const draw = machine.nextDraw("pings");
        const ways = asked.ways.map((way) => this.#way(way, asked.port, draw));
        const nodes = asked.nodes.map((address) => this.#node(address, draw));
        const isWell = [...ways, ...nodes].every(({ small, full }) => small.state === "ok" && full.echo.state === "ok");
        await pass(clock, isWell ? pingMs : silenceMs);
        return good({ ways, nodes });
      }),
    );
  }

  echoesReceived(
    containers: readonly ContainerId[],
    within: Deadline,
  ): Promise<Outcome<ReadonlyMap<ContainerId, number>>> {
    const { link, clock } = this.#on;
    return asRoot(this.#on, () =>
      call(link, clock, text`${link.node}: counters of echo requests`, within, () => {
        const up = containers.flatMap((id) => link.machine.containers.get(id) ?? []).filter(isUp);
        return good(new Map(up.map((one) => [one.id, received.get(one) ?? 0])));
      }),
    );
  }

  #way({ container: id, address, name }: WayAsked, port: number | undefined, draw: Chance): WayTold {
    const { machine } = this.#on.link;
    const container = machine.containers.get(id);
    if (container === undefined || !isUp(container)) {
      const not = { state: "not tried", why: text`the container does not run any more` } as const;
      const full = { bytes: undefined, echo: not };
      return { life: "stopped", small: not, full, name: not, port: port === undefined ? undefined : not, printed: [] };
    }
    const { small, full, holder } = this.#sent(container, address, draw);
    const opening: Opening = small.state !== "ok" ? { state: "no answer" } : openingOf(holder, port);
    return {
      life: lifeOf(container),
      ...{ small, full },
      name: name === undefined ? { state: "not tried", why: notNamed } : this.#named(container, name, address),
      port: port === undefined ? undefined : opening,
      printed: [summary(address, small)],
    };
  }

  /** What comes back to a container from an address. */
  #sent(
    container: DemoContainer,
    address: string,
    draw: Chance,
  ): { small: Echo; full: FullSize; holder: Holder | undefined } {
    const { machine } = this.#on.link;
    const nowhere = (small: Echo) => ({ small, full: { bytes: overlayMtu, echo: small }, holder: undefined });
    for (const { segment } of container.places) {
      const holder = segment === undefined ? undefined : this.#holderOf(segment, address);
      if (holder === undefined || segment === undefined) continue;
      const arrives = passes(segment, machine, holder.machine);
      if (arrives) received.set(holder.container, (received.get(holder.container) ?? 0) + 3);
      const answers = arrives && passes(segment, holder.machine, machine);
      if (!answers) return nowhere({ state: "no answer" });
      const base = holder.machine === machine ? 0.05 : 0.3;
      const isOverlay = segment instanceof Overlay;
      const bytes = isOverlay ? overlayMtu : machine.mtu;
      const large = tooLarge(bytes, isOverlay ? vxlanBytes : 0, machine, holder.machine);
      return { small: answered(draw, base), full: { bytes, echo: large ?? answered(draw, base) }, holder };
    }
    const isNear = container.places.some(({ segment }) => segment?.pool?.holds(address) === true);
    return nowhere(
      isNear
        ? { state: "unreachable", detail: text`nobody answers for that address (ARP)` }
        : { state: "no route", detail: text`Network is unreachable` },
    );
  }

  #node(address: string, draw: Chance): NodeTold {
    const { machine } = this.#on.link;
    const other = [...this.#cluster.machines.values()].find((one) => one.address === address);
    const isThere = machine.reachable && other?.reachable === true;
    const small: Echo = isThere ? answered(draw, 0.2) : { state: "no answer" };
    const large = isThere ? (tooLarge(machine.mtu, 0, machine, other) ?? answered(draw, 0.2)) : small;
    return { small, full: { bytes: machine.mtu, echo: large }, printed: [summary(address, small)] };
  }

  /** What the engine's own name server tells the container. */
  #named(container: DemoContainer, name: string, address: string): Naming {
    const { machine } = this.#on.link;
    if (machine.engine === undefined) return { state: "no answer", server: text`127.0.0.11` };
    const segments = container.places.flatMap((place) => place.segment ?? []);
    const found = segments.flatMap((segment) =>
      [...this.#cluster.machines.values()].flatMap((one) =>
        [...one.containers.values()]
          .filter((other) => other.name === name)
          .flatMap((other) => other.places)
          .flatMap((place) => (place.segment === segment ? (place.held?.address ?? []) : [])),
      ),
    );
    if (found.length === 0) return { state: "not found" };
    return found.some((one) => one === address) ? { state: "right" } : { state: "elsewhere", addresses: found };
  }

  /** Who has the address on the network. */
  #holderOf(segment: Segment, address: string): Holder | undefined {
    const { machine } = this.#on.link;
    // A macvlan is the wire that its parent is on: containers of all machines meet there.
    const everywhere = segment instanceof Overlay || (segment instanceof LocalNetwork && segment.driver === "macvlan");
    for (const one of everywhere ? this.#cluster.machines.values() : [machine]) {
      for (const container of one.containers.values()) {
        const found = container.places.some(
          ({ held, segment: other }) =>
            held?.address === address && (other === segment || (everywhere && isSameWire(other, segment))),
        );
        if (found && isUp(container)) return { machine: one, container };
      }
    }
    return undefined;
  }
}

const notNamed = text`names are not known between nodes there`;

const isUp = ({ run }: DemoContainer): boolean => run.state === "running";

const lifeOf = ({ run }: DemoContainer): Life =>
  run.state !== "running" ? "stopped" : run.paused ? "paused" : "running";

/** The ports that a container publishes are those that something in it listens on. */
function openingOf(holder: Holder | undefined, port: number | undefined): Opening {
  const isOpen = holder?.container.ports.some((one) => one.container === port) === true;
  return { state: isOpen ? "open" : "closed" };
}

const isSameWire = (one: Segment | undefined, other: Segment): boolean =>
  one instanceof LocalNetwork &&
  other instanceof LocalNetwork &&
  one.driver === "macvlan" &&
  one.parent === other.parent &&
  one.pool?.subnet === other.pool?.subnet;

/** Whether packets of the network get from the one machine to the other, which drops what its firewall says. */
function passes(segment: Segment, from: Machine, to: Machine): boolean {
  if (from === to) return true;
  if (!from.reachable || !to.reachable) return false;
  if (!(segment instanceof Overlay)) return true;
  // Engines that do not gossip do not learn where each other's containers are.
  const gossip = [from, to].every((one) => one.swarm !== undefined || one.engine?.gossip !== undefined);
  const silent = [from, to].some((one) => one.hindrances.has("gossip-blocked"));
  return gossip && !silent && !to.hindrances.has("vxlan-blocked");
}

/** Why a packet of so many bytes does not get from the one machine to the other; undefined when it does. */
function tooLarge(bytes: number, around: number, from: Machine, to: Machine): Echo | undefined {
  if (from === to) return undefined;
  if (bytes + around > from.mtu) return { state: "too big", mtu: from.mtu - around };
  // Nobody tells what was too large for the receiver.
  return bytes + around > to.mtu ? { state: "no answer" } : undefined;
}

function answered(draw: Chance, baseMs: number): Echo {
  const times = [0, 1, 2].map(() => baseMs * (1 + draw.fraction()));
  const [minMs, maxMs] = [Math.min(...times), Math.max(...times)];
  return { state: "ok", lossPercent: 0, minMs, averageMs: times.reduce((sum, one) => sum + one, 0) / 3, maxMs };
}

/** ping's own last lines. */
function summary(address: string, echo: Echo): SafeText {
  const to = text`PING ${clean(address)}: 3 packets transmitted`;
  if (echo.state !== "ok") return text`${to}, 0 received, 100% packet loss`;
  const times = [echo.minMs, echo.averageMs, echo.maxMs].map((ms) => ms.toFixed(3)).join("/");
  return text`${to}, 3 received, 0% packet loss, rtt min/avg/max = ${clean(times)} ms`;
}
