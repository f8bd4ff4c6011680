import type { PoolAds } from "../../domain/condor/ads.ts";
import {
  jobChanges,
  type Moment,
  type PoolChange,
  slotChanges,
  withChanges,
  withMoment,
} from "../../domain/condor/history.ts";
import { type Home, homeFinder, homesIn } from "../../domain/condor/members.ts";
import type { Job } from "../../domain/condor/queue.ts";
import { coresOf, slotsOf } from "../../domain/condor/slots.ts";
import type { NodeName } from "../../domain/ids.ts";
import { lastSeen, observed, type Part } from "../../domain/part.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Condor } from "../../ports/condor.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { Holder, type State } from "../state.ts";

/** A job with the container whose schedd has it: two schedds may have a job 1.0 each. */
export interface QueuedJob extends Job {
  schedd: SafeText;
}

/** What is known of the pool, and since when. */
export interface PoolState {
  /** The container that is asked; undefined while none that runs has its name. */
  asked: Home | undefined;
  ads: Part<PoolAds>;
  queue: Part<readonly QueuedJob[]>;
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
/** HTCondor's own programs give up within 15 s. */
const answerMs = 20_000;

/** Looks at the pool again and again while somebody looks at it; what was seen stays when nobody does. */
export class PoolWatch {
  readonly #ground: PoolGround;
  readonly #state: Holder<PoolState>;
  #stopping: AbortController | undefined;
  #cancelNext: (() => void) | undefined;
  #asking = false;

  constructor(ground: PoolGround) {
    this.#ground = ground;
    const waiting = { state: "waiting", since: ground.clock.now() } as const;
    this.#state = new Holder<PoolState>({ asked: undefined, ads: waiting, queue: waiting, changes: [], moments: [] });
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

  async #go(stopping: AbortController): Promise<void> {
    this.#asking = true;
    await this.look(stopping.signal);
    this.#asking = false;
    if (stopping.signal.aborted) return;
    this.#cancelNext = this.#ground.clock.after(poolEveryMs, () => void this.#go(stopping));
  }

  /** One look: the collector and the queues, side by side. */
  async look(signal: AbortSignal): Promise<void> {
    const homes = homesIn(this.#ground.watch.state.get());
    const home = askedHome(this.#ground.subject, homes);
    const known = lastSeen(this.#state.get().ads);
    const ads = await this.#ask(home, (condor, one) => condor.status(one.container, { ms: answerMs, signal }));
    if (signal.aborted) return;
    const schedds = scheddHomes(ads.ok ? ads.value : known, homes, home);
    this.#told(home, ads, homes);
    const queue = schedds.length === 0 && !ads.ok ? ads : await this.#queue(schedds, signal);
    if (!signal.aborted) this.#queued(queue);
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

  /** The jobs of all schedds together; those that answer count, and a trouble only when none does. */
  async #queue(schedds: readonly Home[], signal: AbortSignal): Promise<Outcome<readonly QueuedJob[]>> {
    const answers = await Promise.all(
      schedds.map(async (home): Promise<Outcome<QueuedJob[]>> => {
        const jobs = await this.#ask(home, (condor, one) => condor.queue(one.container, { ms: answerMs, signal }));
        return jobs.ok ? good(jobs.value.map((job) => ({ ...job, schedd: home.name }))) : jobs;
      }),
    );
    const told = answers.filter((one) => one.ok);
    const [first] = answers;
    if (told.length === 0) return first ?? good([]);
    return good(told.flatMap((one) => one.value));
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

  #queued(queue: Outcome<readonly QueuedJob[]>): void {
    const before = this.#state.get();
    const now = this.#ground.clock.now();
    const changes = queue.ok ? jobChanges(lastSeen(before.queue), queue.value, now) : [];
    this.#state.set({
      ...before,
      queue: observed(before.queue, queue, now),
      changes: withChanges(before.changes, changes),
    });
  }
}

const notRunning = ({ name, node }: PoolSubject) =>
  ({
    kind: "misconfigured",
    detail: text`no running container is called ${name}${node === undefined ? text`` : text` on ${node}`}`,
    remedy: text`Start it, or bring its node back: only its collector knows the pool.`,
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
