import { noPoolSurvey } from "../../domain/condor/member-state.ts";
import { rolesIn } from "../../domain/condor/roles.ts";
import { isAbsent, leftBehind, openPool, type PoolFinding, poolFindings } from "../../domain/condor/wrong.ts";
import type { Finding } from "../../domain/finding.ts";
import type { NodeName } from "../../domain/ids.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import type { Instant } from "../../domain/time.ts";
import { good } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { Holder, type State } from "../state.ts";
import { takePoolSurvey } from "./pool-survey.ts";
import type { PoolState } from "./pool-watch.ts";

/** What a closer look at the pool's members came to. */
export interface Checkup {
  findings: readonly Finding[];
  /** Of the last look that ended; undefined while nothing was ever looked at. */
  at: Instant | undefined;
  isLooking: boolean;
}

/** What a pool is looked at with. */
export interface CheckupGround {
  watch: { readonly state: State<Snapshot>; readonly access: ReadonlyMap<NodeName, NodeAccess> };
  clock: Clock;
  spec: Pick<Spec, "condor" | "containers" | "networks">;
  pool: State<PoolState>;
}

/** Between two looks at members while something is wrong; each runs commands in every member. */
export const checkupEveryMs = 30_000;
/** Between two looks while nothing is known to be: clocks and settings go wrong without a word to the collector. */
export const wellEveryMs = 300_000;
/** condor_ping gives up after some seconds, and the name server before it. */
const lookMs = 30_000;

/** What the collector knows nothing of. */
const untold: ReadonlySet<string> = new Set([openPool.id, "condor-overridden", "condor-clock"]);

/**
 * Looks more closely at the members of the file's pool: why one is not in it is known in the member only, and so is some of
 * what is wrong with one that is. Once when it is begun, now and then while all seems well, and sooner while something
 * is wrong.
 */
export class PoolCheckup {
  readonly #ground: CheckupGround;
  readonly #state: Holder<Checkup>;
  #stopping: AbortController | undefined;
  #began = Number.NEGATIVE_INFINITY;
  /** Whether the collector told of something wrong when the last look began. */
  #seemedWrong = false;

  constructor(ground: CheckupGround) {
    this.#ground = ground;
    const open = ground.spec.condor?.security === "open" ? [openPool] : [];
    this.#state = new Holder<Checkup>({ findings: open, at: undefined, isLooking: false });
  }

  get state(): State<Checkup> {
    return this.#state;
  }

  /** Follows the pool; the result ends it, and a look under way with it. */
  start(): () => void {
    const stopping = new AbortController();
    this.#stopping = stopping;
    const cancel = this.#ground.pool.listen(() => this.#consider());
    return () => {
      stopping.abort();
      cancel();
      this.#state.set({ ...this.#state.get(), isLooking: false });
    };
  }

  /** Looks now, whether anything seems wrong or not, unless a look is under way. */
  refresh(): void {
    const signal = this.#stopping?.signal;
    if (signal === undefined || signal.aborted || this.#state.get().isLooking) return;
    void this.look(signal);
  }

  #consider(): void {
    const { clock, pool, spec } = this.#ground;
    if (spec.condor === undefined || this.#state.get().isLooking || pool.get().ads.state === "waiting") return;
    const isWrong = this.#seemsWrong();
    if (!isWrong) this.#drop();
    const known = this.#state.get().findings.some((one) => one.id !== openPool.id);
    const everyMs = isWrong || known || this.#seemedWrong ? checkupEveryMs : wellEveryMs;
    if (clock.now() - this.#began >= everyMs) this.refresh();
  }

  /**
   * A member that is back takes what was said of it along; what its collector cannot tell stays until the next look. What
   * a look found while all seemed well is of that kind.
   */
  #drop(): void {
    if (!this.#seemedWrong) return;
    const { findings } = this.#state.get();
    const kept = findings.filter(({ id }) => untold.has(id));
    if (kept.length < findings.length) this.#state.set({ ...this.#state.get(), findings: kept });
  }

  /** By what the collector tells alone. */
  #seemsWrong(): boolean {
    const { spec, watch, pool } = this.#ground;
    const { ads } = pool.get();
    if (spec.condor === undefined) return false;
    if (ads.state !== "fresh") return true;
    const ground = { spec, seen: watch.state.get(), pool: { ...noPoolSurvey, ads: good(ads.value) } };
    return rolesIn(spec).some((role) => isAbsent(ground, role)) || leftBehind(ground).length > 0;
  }

  /** One look at every member; asks the collector anew. Undefined when it was ended before all had answered. */
  async look(signal: AbortSignal): Promise<readonly PoolFinding[] | undefined> {
    const { spec, watch, clock } = this.#ground;
    this.#began = clock.now();
    this.#seemedWrong = this.#seemsWrong();
    this.#state.set({ ...this.#state.get(), isLooking: true });
    const seen = watch.state.get();
    const survey = await takePoolSurvey(spec, seen, watch.access, { ms: lookMs, signal });
    if (signal.aborted) return undefined;
    const findings = poolFindings({ spec, seen, pool: survey });
    this.#state.set({ findings, at: clock.now(), isLooking: false });
    return findings;
  }
}
