import type { PoolAds } from "../../domain/condor/ads.ts";
import {
  jobChanges,
  type Moment,
  type PoolChange,
  scheddChange,
  slotChanges,
  withChanges,
  withMoment,
} from "../../domain/condor/history.ts";
import { type Home, homeFinder, homesIn } from "../../domain/condor/members.ts";
import type { Queue } from "../../domain/condor/queue.ts";
import { coresOf, slotsOf } from "../../domain/condor/slots.ts";
import type { ContainerId, NodeName } from "../../domain/ids.ts";
import { lastSeen, observed, type Part } from "../../domain/part.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { compareNames, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { bad, type Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Condor } from "../../ports/condor.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { Holder, type State } from "../state.ts";

/** The queue of one schedd, with the container that it is in. */
export interface ScheddQueue {
  home: Home;
  queue: Part<Queue>;
}

/** What is known of the pool, and since when. */
export interface PoolState {
  /** The container that is asked; undefined while none that runs has its name. */
  asked: Home | undefined;
  ads: Part<PoolAds>;
  /** One for every schedd, each as old as its own last answer; none before the collector was asked. */
  queues: readonly ScheddQueue[];
  changes: readonly PoolChange[];
  moments: readonly Moment[];
}

/** The container that a pool is asked in, by its name: the manager of the file, or the one that the operator chose. */
export interface PoolSubject {
  name: SafeText;
  /** Where the file puts it; any node when it says nothing. */
  node: NodeName | undefined;
}

/** What a pool is asked with. */
export interface PoolGround {
  watch: { readonly state: State<Snapshot>; readonly access: ReadonlyMap<NodeName, NodeAccess> };
  clock: Clock;
  subject: PoolSubject;
}

export const poolEveryMs = 5000;
/** What can be chosen instead: less often where the pool is large, or its manager has enough to do. */
const paces: readonly number[] = [2000, poolEveryMs, 10_000, 30_000, 60_000];
/** HTCondor's own programs give up within 15 s. */
const answerMs = 20_000;

/** Looks at the pool again and again while somebody looks at it; what was seen stays when nobody does. */
export class PoolWatch {
  readonly #ground: PoolGround;
  readonly #state: Holder<PoolState>;
  /** Schedds that were asked and have not answered: one that is slow must not delay the others. */
  readonly #awaited = new Set<ContainerId>();
  #stopping: AbortController | undefined;
  #cancelNext: (() => void) | undefined;
  #asking = false;
  #everyMs = poolEveryMs;

  constructor(ground: PoolGround) {
    this.#ground = ground;
    const waiting = { state: "waiting", since: ground.clock.now() } as const;
    this.#state = new Holder<PoolState>({ asked: undefined, ads: waiting, queues: [], changes: [], moments: [] });
  }

  get state(): State<PoolState> {
    return this.#state;
  }

  /** Begins to ask; the result ends it, and a question under way with it. */
  start(): () => void {
    const stopping = new AbortController();
    this.#stopping = stopping;
    void this.#go(stopping);
    return () => {
      stopping.abort();
      this.#cancelNext?.();
    };
  }

  /** Asks now, unless a question is under way. */
  refresh(): void {
    if (this.#asking || this.#stopping === undefined || this.#stopping.signal.aborted) return;
    this.#cancelNext?.();
    void this.#go(this.#stopping);
  }

  /** Asks more often from now on, or less, as far as that goes; ms between two looks. */
  pace(change: "faster" | "slower"): number {
    const at = paces.indexOf(this.#everyMs) + (change === "slower" ? 1 : -1);
    this.#everyMs = paces[Math.max(0, Math.min(paces.length - 1, at))] ?? poolEveryMs;
    if (!this.#asking && this.#stopping?.signal.aborted === false) this.#wait(this.#stopping);
    return this.#everyMs;
  }

  async #go(stopping: AbortController): Promise<void> {
    this.#asking = true;
    await this.#begin(stopping.signal);
    this.#asking = false;
    if (!stopping.signal.aborted) this.#wait(stopping);
  }

  #wait(stopping: AbortController): void {
    this.#cancelNext?.();
    this.#cancelNext = this.#ground.clock.after(this.#everyMs, () => void this.#go(stopping));
  }

  /** One look to its end: the collector, and then the queues, side by side. */
  async look(signal: AbortSignal): Promise<void> {
    await Promise.all((await this.#begin(signal)).asked);
  }

  /** Asks the collector and begins to ask every schedd: each one's answer is told when it comes. */
  async #begin(signal: AbortSignal): Promise<{ asked: readonly Promise<void>[] }> {
    const homes = homesIn(this.#ground.watch.state.get());
    const home = askedHome(this.#ground.subject, homes);
    const known = lastSeen(this.#state.get().ads);
    const ads = await this.#ask(home, (condor, one) => condor.status(one.container, { ms: answerMs, signal }));
    if (signal.aborted) return { asked: [] };
    this.#told(home, ads, homes);
    const told = scheddHomes(ads.ok ? ads.value : known, homes, home);
    const schedds = this.#meet(told, homes, { isAnswered: ads.ok, isFirst: known === undefined });
    const idle = schedds.filter((one) => !this.#awaited.has(one.container));
    return { asked: idle.map((one) => this.#askQueue(one, signal)) };
  }

  /** What `condor_status` prints there now. */
  printed(signal: AbortSignal): Promise<Outcome<readonly SafeText[]>> {
    const home = askedHome(this.#ground.subject, homesIn(this.#ground.watch.state.get()));
    return this.#ask(home, (condor, one) => condor.printed(one.container, { ms: answerMs, signal }));
  }

  #ask<T>(home: Home | undefined, question: (condor: Condor, home: Home) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { subject, watch } = this.#ground;
    if (home === undefined) return Promise.resolve(bad(notRunning(subject)));
    const condor = watch.access.get(home.node)?.control.condor;
    if (condor !== undefined) return question(condor, home);
    const detail = text`${home.node} cannot be asked from here`;
    return Promise.resolve(bad({ kind: "misconfigured", detail, remedy: text`Is it a node of the file?` }));
  }

  #told(home: Home | undefined, ads: Outcome<PoolAds>, homes: readonly Home[]): void {
    const before = this.#state.get();
    const now = this.#ground.clock.now();
    const next: PoolState = { ...before, asked: home, ads: observed(before.ads, ads, now) };
    if (!ads.ok) {
      this.#state.set(next);
      return;
    }
    const cores = coresOf(slotsOf(ads.value, homes));
    this.#state.set({
      ...next,
      changes: withChanges(before.changes, slotChanges(lastSeen(before.ads), ads.value, now)),
      moments: withMoment(before.moments, { at: now, ...cores }),
    });
  }

  /**
   * A part for every schedd that was told or is known; those that can be asked. A collector that began anew does not know
   * all of them yet, so one that it does not tell is asked all the same and goes when it does not answer either. One
   * whose container is gone goes with it, or grows old while no collector answers.
   */
  #meet(told: readonly Home[], homes: readonly Home[], look: { isAnswered: boolean; isFirst: boolean }): Home[] {
    const before = this.#state.get();
    const now = this.#ground.clock.now();
    const came = told.filter((home) => !before.queues.some((one) => isOf(one, home)));
    const isThere = (queue: ScheddQueue): boolean => homes.some((home) => isOf(queue, home));
    const went = look.isAnswered ? before.queues.filter((one) => !isThere(one)) : [];
    const stay = before.queues
      .filter((one) => !went.includes(one))
      .map((one) => (isThere(one) ? one : { ...one, queue: observed(one.queue, bad(notRunning(one.home)), now) }));
    const queues = [...stay, ...came.map((home): ScheddQueue => ({ home, queue: { state: "waiting", since: now } }))];
    const changes = [
      ...went.flatMap((one) => goneChange(one, now)),
      ...(look.isFirst ? [] : came.map(({ name }) => scheddChange(name, "there", 0, now))),
    ];
    this.#state.set({
      ...before,
      queues: queues.sort((a, b) => compareNames(a.home.name, b.home.name)),
      changes: withChanges(before.changes, changes),
    });
    return queues.filter(isThere).map((one) => one.home);
  }

  async #askQueue(home: Home, signal: AbortSignal): Promise<void> {
    this.#awaited.add(home.container);
    const queue = await this.#ask(home, (condor, one) => condor.queue(one.container, { ms: answerMs, signal }));
    this.#awaited.delete(home.container);
    if (!signal.aborted) this.#queued(home, queue);
  }

  #queued(home: Home, outcome: Outcome<Queue>): void {
    const before = this.#state.get();
    const now = this.#ground.clock.now();
    const last = before.queues.find((one) => isOf(one, home));
    if (last === undefined) return;
    if (!outcome.ok && !this.#isTold(home)) {
      const queues = before.queues.filter((one) => one !== last);
      this.#state.set({ ...before, queues, changes: withChanges(before.changes, goneChange(last, now)) });
      return;
    }
    const schedd = before.queues.length > 1 ? home.name : undefined;
    const changes = outcome.ok ? jobChanges(lastSeen(last.queue), outcome.value, now, schedd) : [];
    const next = { home, queue: observed(last.queue, outcome, now) };
    this.#state.set({
      ...before,
      queues: before.queues.map((one) => (one === last ? next : one)),
      changes: withChanges(before.changes, changes),
    });
  }

  /** Whether it belongs to the pool as far as is known. */
  #isTold(home: Home): boolean {
    const { ads, asked } = this.#state.get();
    if (ads.state !== "fresh") return true;
    const homes = homesIn(this.#ground.watch.state.get());
    return scheddHomes(ads.value, homes, asked).some((one) => one.container === home.container);
  }
}

const isOf = (queue: ScheddQueue, { container }: Home): boolean => queue.home.container === container;

/** Nothing is lost with a queue that was never seen. */
function goneChange({ home, queue }: ScheddQueue, at: Instant): PoolChange[] {
  const jobs = lastSeen(queue)?.total;
  return jobs === undefined ? [] : [scheddChange(home.name, "gone", jobs, at)];
}

const notRunning = ({ name, node }: PoolSubject) =>
  ({
    kind: "misconfigured",
    detail: text`no running container is called ${name}${node === undefined ? text`` : text` on ${node}`}`,
    remedy: text`Start it, or bring its node back: nobody else can tell.`,
  }) as const;

/** The running container of that name, on its own node if it has one. */
const askedHome = ({ name, node }: PoolSubject, homes: readonly Home[]): Home | undefined =>
  homes.find((one) => one.name === name && (node === undefined || one.node === node));

/** Containers with a schedd; the one that is asked where nobody told of any. */
export function scheddHomes(ads: PoolAds | undefined, homes: readonly Home[], asked: Home | undefined): Home[] {
  const homeOf = homeFinder(homes);
  const found = (ads?.daemons ?? []).flatMap((one) => (one.kind === "schedd" ? (homeOf(one) ?? []) : []));
  const unique = [...new Map(found.map((one) => [one.container, one])).values()];
  return unique.length > 0 || asked === undefined ? unique : [asked];
}
