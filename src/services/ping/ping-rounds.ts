import type { NodeName } from "../../domain/ids.ts";
import { isUp } from "../../domain/link.ts";
import type { Matrix, OneWay, Pair, Wire } from "../../domain/ping/matrix.ts";
import { type Place, placesOn, sharedNetworks } from "../../domain/ping/place.ts";
import { allWays, usualWays, type Way, wayKey } from "../../domain/ping/sample.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { CalmHolder, type State } from "../state.ts";
import { type Access, type NodePart, pingMatrix } from "./ping-matrix.ts";

/** From the end of one round to the beginning of the next while it is watched. */
const betweenRoundsMs = 2000;
/** A round takes no longer than this, and so much more for each way: a node sends from many containers side by side. */
const leastMs = 30_000;
const perWayMs = 40;

/** How long a round of so many ways may take, ms. */
export const roundMs = (ways: number): number => leastMs + ways * perWayMs;

/** What is known of a matrix while it is pinged again and again. What one round has not told yet is that of the last. */
export interface PingBoard {
  network: SafeText | undefined;
  /** All that could be pinged on. */
  networks: readonly SafeText[];
  places: readonly Place[];
  /** Ways that are pinged, by `wayKey`. */
  asked: ReadonlySet<string>;
  /** How many of all ways are left out. */
  leftOut: number;
  port: number | undefined;
  pairs: ReadonlyMap<string, Pair>;
  /** By `wireKey`. */
  underlay: ReadonlyMap<string, Wire>;
  oneWays: readonly OneWay[];
  /** Nodes that have told of this round. */
  told: ReadonlySet<NodeName>;
  rounds: number;
  now: { state: "running"; since: Instant } | { state: "ended"; at: Instant; tookMs: number };
  watched: boolean;
}

/** Under this the wire from one node to another is kept. */
export const wireKey = ({ from, to }: Pick<Wire, "from" | "to">): string => `${from} ${to}`;

/** What a diagnosis is made of: while some nodes have told of this round, nothing that others told of the last. */
export function matrixOf({ pairs, underlay, oneWays, told, now }: PingBoard): Matrix {
  const isNew = ({ node }: { node: NodeName }): boolean => now.state === "ended" || told.size === 0 || told.has(node);
  return {
    pairs: [...pairs.values()].filter((pair) => isNew(pair.from)),
    underlay: [...underlay.values()].filter((wire) => isNew({ node: wire.from })),
    oneWays,
  };
}

export interface PingRoundsGround {
  seen: State<Snapshot>;
  access: Access;
  clock: Clock;
}

/** The ping matrix of one network, round after round. */
export class PingRounds {
  readonly state: State<PingBoard>;
  readonly #board: CalmHolder<PingBoard>;
  readonly #ground: PingRoundsGround;
  /** Only these containers; all when undefined. */
  readonly #only: ReadonlySet<string> | undefined;
  #everyWay = false;
  #round = new AbortController();
  #cancelNext: (() => void) | undefined;

  /** `only`: containers by id, when it shall not be all of the network. */
  constructor(ground: PingRoundsGround, network: SafeText | undefined, only?: readonly string[]) {
    this.#ground = ground;
    this.#only = only === undefined ? undefined : new Set(only);
    const networks = sharedNetworks(ground.seen.get());
    this.#board = new CalmHolder<PingBoard>(
      {
        ...{ network: network ?? networks[0], networks, places: [], asked: new Set(), leftOut: 0, port: undefined },
        ...{ pairs: new Map(), underlay: new Map(), oneWays: [], told: new Set(), rounds: 0, watched: false },
        now: { state: "ended", at: ground.clock.now(), tookMs: 0 },
      },
      ground.clock,
    );
    this.state = this.#board;
  }

  /** A round now; one that runs is given up. */
  again(): void {
    this.#cancelNext?.();
    this.#round.abort();
    this.#round = new AbortController();
    void this.#run(this.#round.signal);
  }

  /** Round after round, or no more after this one. */
  watch(on: boolean): void {
    this.#set({ watched: on });
    this.#cancelNext?.();
    if (on && this.#board.get().now.state === "ended") this.again();
  }

  /** A TCP port that is tried on every way as well. */
  setPort(port: number | undefined): void {
    this.#set({ port });
    this.again();
  }

  /** Every container to every other one, however many there are. */
  pingAll(): void {
    this.#everyWay = true;
    this.again();
  }

  setNetwork(network: SafeText): void {
    this.#set({ network, pairs: new Map(), oneWays: [], places: [], asked: new Set() });
    this.again();
  }

  stop(): void {
    this.#cancelNext?.();
    this.#round.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { seen, access, clock } = this.#ground;
    const snapshot = seen.get();
    const since = clock.now();
    const networks = sharedNetworks(snapshot);
    const network = this.#board.get().network ?? networks[0];
    const ways = network === undefined ? [] : this.#ways(network, snapshot);
    this.#set({ network, networks, told: new Set(), now: { state: "running", since } });
    if (network !== undefined && [...snapshot.nodes.values()].some((node) => isUp(node.link))) {
      const { port } = this.#board.get();
      const within = { ms: roundMs(ways.length), signal };
      const matrix = await pingMatrix({ network, ways, port }, snapshot, access, within, (part) => {
        if (signal.aborted) return;
        this.#told(part);
        this.#set({ told: new Set([...this.#board.get().told, part.node]) });
      });
      if (signal.aborted) return;
      this.#told({ pairs: matrix.pairs, underlay: matrix.underlay });
      this.#set({ oneWays: matrix.oneWays });
    }
    const { rounds, watched } = this.#board.get();
    this.#set({ rounds: rounds + 1, now: { state: "ended", at: clock.now(), tookMs: clock.now() - since } });
    if (watched) this.#cancelNext = clock.after(betweenRoundsMs, () => this.again());
  }

  /** The ways of this round; what was known of containers that are gone is gone with them. */
  #ways(network: SafeText, seen: Snapshot): readonly Way[] {
    const only = this.#only;
    const places = placesOn(network, seen).filter((place) => only === undefined || only.has(place.container));
    const all = places.length * (places.length - 1);
    const ways = this.#everyWay ? allWays(places) : usualWays(places);
    const asked = new Set(ways.map(wayKey));
    const pairs = new Map([...this.#board.get().pairs].filter(([key]) => asked.has(key)));
    this.#set({ places, asked, leftOut: all - ways.length, pairs });
    return ways;
  }

  #told({ pairs, underlay }: Pick<NodePart, "pairs" | "underlay">): void {
    const board = this.#board.get();
    const told = pairs.map((pair): [string, Pair] => [wayKey(pair), pair]);
    const wires = underlay.map((one): [string, Wire] => [wireKey(one), one]);
    this.#set({ pairs: new Map([...board.pairs, ...told]), underlay: new Map([...board.underlay, ...wires]) });
  }

  #set(change: Partial<PingBoard>): void {
    this.#board.set({ ...this.#board.get(), ...change });
  }
}
