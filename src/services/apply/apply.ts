import { createHash } from "node:crypto";
import type { NodeName } from "../../domain/ids.ts";
import type { FileEdit } from "../../domain/plan/change.ts";
import { isAllowed, type Plan, type Step } from "../../domain/plan/step.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Certificates } from "../../ports/certificates.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Journal, JournalEntry } from "../../ports/journal.ts";
import type { StoreWatch } from "../../ports/store.ts";
import type { NodeAccess } from "../../ports/world.ts";
import type { ReadOnly } from "../read-only.ts";
import { Holder, type State } from "../state.ts";
import type { ApplyEnd, ApplyState, StepProgress, StepState } from "./apply-state.ts";
import type { Executing, Result } from "./executor.ts";
import { execute } from "./executors.ts";
import { type Lockable, type LockOptions, Locks } from "./locks.ts";
import { nodesOf, runSchedule } from "./schedule.ts";

/** What a run needs of the rest of the program. */
export interface ApplyContext {
  spec: Spec;
  access: ReadonlyMap<NodeName, NodeAccess>;
  /** The spec's store; with `at`, the store's agent on that one node. */
  store(at?: NodeName): StoreWatch | undefined;
  clock: Clock;
  journal: Journal;
  certificates: Certificates;
  readOnly: Pick<ReadOnly, "state">;
  lock: LockOptions;
}

/** A run of a plan. */
export interface Apply {
  readonly state: State<ApplyState>;
  /** Begins nothing more; what runs is finished, but for images on their way, which are broken off. */
  cancel(): void;
  readonly ended: Promise<ApplyEnd>;
}

/**
 * Begins to carry `plan` out: locks the nodes, then runs steps whose needs are met side by side; after a failure none
 * begins. Read-only and obstacles are refused here, whoever asks.
 */
export function startApply(plan: Plan, context: ApplyContext): Apply {
  return new Run(plan, context);
}

class Run implements Apply {
  readonly state: State<ApplyState>;
  readonly ended: Promise<ApplyEnd>;
  readonly #plan: Plan;
  readonly #context: ApplyContext;
  readonly #state: Holder<ApplyState>;
  readonly #cancelled = new AbortController();

  constructor(plan: Plan, context: ApplyContext) {
    this.#plan = plan;
    this.#context = context;
    const steps = plan.steps.map((step): StepProgress => ({ step, now: { state: "pending" } }));
    this.#state = new Holder<ApplyState>({ phase: "locking", steps, said: [], end: undefined });
    this.state = this.#state;
    this.ended = this.#run();
  }

  cancel(): void {
    this.#cancelled.abort();
    const now = this.#state.get();
    if (now.phase === "running" || now.phase === "locking") this.#state.set({ ...now, phase: "cancelling" });
  }

  async #run(): Promise<ApplyEnd> {
    const end = await this.#carryOut();
    const now = this.#state.get();
    this.#state.set({
      ...{ ...now, phase: "ended", end },
      steps: now.steps.map((one) => (one.now.state === "pending" ? { ...one, now: { state: "skipped" } } : one)),
    });
    return end;
  }

  async #carryOut(): Promise<ApplyEnd> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    const nodes = this.#lockable();
    if (!(nodes instanceof Map)) return nodes;
    const { lock, clock, journal } = this.#context;
    const locks = new Locks(nodes, lock, clock, (words) => this.#say(words));
    const notLocked = await locks.take();
    if (notLocked !== undefined) return notLocked;
    try {
      await journal.append(this.#entry("begun"));
      if (!this.#cancelled.signal.aborted) this.#state.set({ ...this.#state.get(), phase: "running" });
      await runSchedule(this.#plan.steps, {
        run: (step) => this.#runStep(step, locks),
        isStopped: () => this.#cancelled.signal.aborted || locks.lost !== undefined,
      });
      const end = this.#endOf(locks.lost);
      await journal.append(this.#entry(end.kind === "done" || end.kind === "failed" ? end.kind : "cancelled"));
      return end;
    } finally {
      await locks.release();
    }
  }

  #refusal(): ApplyEnd | undefined {
    const { readOnly } = this.#context;
    if (readOnly.state.get()) {
      return {
        kind: "refused",
        why: text`read-only: every change is refused`,
        remedy: text`Turn read-only off, or run it without --read-only.`,
      };
    }
    if (isAllowed(this.#plan)) return undefined;
    const first = this.#plan.obstacles.find((one) => one.severity === "error");
    return { kind: "refused", why: first?.title ?? text`an obstacle`, remedy: first?.remedy ?? text`Plan again.` };
  }

  /** Every node of the cluster: two runs on parts of it would still meet in its store or swarm. */
  #lockable(): Map<NodeName, Lockable> | ApplyEnd {
    const needed = new Set(this.#plan.steps.flatMap(nodesOf));
    const nodes = new Map<NodeName, Lockable>();
    for (const name of new Set([...needed, ...this.#context.access.keys()])) {
      const node = this.#context.access.get(name);
      if (node !== undefined) nodes.set(name, { node, needed: needed.has(name) });
      else if (needed.has(name)) {
        return { kind: "refused", why: text`${name} is not in the cluster`, remedy: text`Plan again.` };
      }
    }
    return nodes;
  }

  #endOf(lockLost: SafeText | undefined): ApplyEnd {
    const { steps } = this.#state.get();
    const failed = steps.filter(({ now }) => now.state === "failed" || now.state === "undone");
    if (failed.length > 0) return { kind: "failed", steps: failed.map(({ step }) => step.id) };
    if (steps.every(({ now }) => now.state === "done" || now.state === "unchanged")) return { kind: "done" };
    if (lockLost === undefined) return { kind: "cancelled" };
    return { kind: "stopped", why: lockLost, remedy: text`Talk to them, then apply again: it does what is missing.` };
  }

  async #runStep(step: Step, locks: Locks): Promise<boolean> {
    const { clock, journal } = this.#context;
    const since = clock.now();
    this.#moved(step, { state: "running", since, says: undefined, transfer: undefined });
    await journal.append(this.#entry("begun", step));
    const result = await this.#execute(step, since, locks);
    await journal.append(this.#entry(result.state === "skipped" ? "cancelled" : result.state, step, result));
    this.#moved(step, result.state === "skipped" ? result : { ...result, ms: clock.now() - since });
    return result.state === "done" || result.state === "unchanged";
  }

  async #execute(step: Step, since: number, locks: Locks): Promise<Result> {
    const { access, store, clock, certificates, spec } = this.#context;
    const here = access.get(step.node);
    if (here === undefined) throw new Error(`${step.id} is of a node that was not locked`);
    let now: Extract<StepState, { state: "running" }> | undefined = {
      ...{ state: "running", since, says: undefined, transfer: undefined },
    };
    const change = (part: Partial<typeof now>): void => {
      // The last word of a transfer may come when the step is over.
      if (now === undefined) return;
      now = { ...now, ...part };
      this.#moved(step, now);
    };
    const executing: Executing = {
      node: step.node,
      here,
      other: (name) => access.get(name),
      store: (at) => store(at),
      cluster: spec.cluster,
      clock,
      certificates,
      cancelled: this.#cancelled.signal,
      taken: () => locks.takenOf(step.node),
      says: (says) => change({ says }),
      transferred: (transfer) => change({ transfer }),
    };
    try {
      return await execute(step.change, executing);
    } catch (error) {
      return defect(error, step);
    } finally {
      now = undefined;
    }
  }

  #say(words: SafeText): void {
    const before = this.#state.get();
    this.#state.set({ ...before, said: [...before.said, words] });
  }

  #moved(step: Step, now: StepState): void {
    const before = this.#state.get();
    this.#state.set({ ...before, steps: before.steps.map((one) => (one.step === step ? { step, now } : one)) });
  }

  /** A line of the journal on one step, or on the whole run. */
  #entry(event: JournalEntry["event"], step?: Step, result?: Result): JournalEntry {
    const { clock, spec, lock } = this.#context;
    const { operator, run, doing } = lock.holder;
    const edits = step?.change.kind === "configure-engine" ? step.change.edits : [];
    return {
      ...{ at: clock.now(), operator, cluster: spec.cluster, run, node: step?.node },
      ...{ step: step?.id ?? doing, event, title: step?.title ?? text`${doing}: ${this.#plan.steps.length} steps` },
      ...(edits.length === 0 ? {} : { files: edits.map(fileHashes) }),
      ...(result !== undefined && "error" in result ? { error: result.error } : {}),
    };
  }
}

/** The run goes on to its orderly end: other steps may be under way, and locks are held. */
function defect(error: unknown, { node }: Step): Result {
  return {
    state: "failed",
    error: text`ovl-tui met a defect of its own: ${clean(error instanceof Error ? error.message : String(error))}`,
    remedy: text`Apply again; please report it if it comes back.`,
    stands: text`nobody knows what of this step is on ${node}; a new plan shows what is missing`,
  };
}

const fileHashes = ({ path, replaces, content }: FileEdit) => ({
  path,
  before: replaces === "absent" ? "absent" : replaces.sha256,
  after: content === "removed" ? "absent" : createHash("sha256").update(content).digest("hex"),
});
