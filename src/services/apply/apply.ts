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
import type { Changeable, Executing, Result } from "./executor.ts";
import { execute } from "./executors.ts";
import { type LockOptions, Locks } from "./locks.ts";

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
  /** Begins nothing more; what runs is finished. */
  cancel(): void;
  readonly ended: Promise<ApplyEnd>;
}

/** Begins to carry `plan` out: steps whose needs are met run side by side; after a failure none begins. */
export function startApply(plan: Plan, context: ApplyContext): Apply {
  return new Run(plan, context);
}

class Run implements Apply {
  readonly state: State<ApplyState>;
  readonly ended: Promise<ApplyEnd>;
  readonly #plan: Plan;
  readonly #context: ApplyContext;
  readonly #state: Holder<ApplyState>;
  #cancelled = false;

  constructor(plan: Plan, context: ApplyContext) {
    this.#plan = plan;
    this.#context = context;
    const steps = plan.steps.map((step): StepProgress => ({ step, now: { state: "pending" } }));
    this.#state = new Holder<ApplyState>({ phase: "locking", steps, end: undefined });
    this.state = this.#state;
    this.ended = this.#run();
  }

  cancel(): void {
    this.#cancelled = true;
    const now = this.#state.get();
    if (now.phase === "running" || now.phase === "locking") this.#state.set({ ...now, phase: "cancelling" });
  }

  async #run(): Promise<ApplyEnd> {
    const end = await this.#carryOut();
    const now = this.#state.get();
    this.#state.set({
      phase: "ended",
      end,
      steps: now.steps.map((one) => (one.now.state === "pending" ? { ...one, now: { state: "skipped" } } : one)),
    });
    return end;
  }

  async #carryOut(): Promise<ApplyEnd> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    const nodes = this.#nodes();
    if (!(nodes instanceof Map)) return nodes;
    const locks = new Locks(nodes, this.#context.lock, this.#context.clock);
    const notLocked = await locks.take();
    if (notLocked !== undefined) return notLocked;
    try {
      if (!this.#cancelled) this.#state.set({ ...this.#state.get(), phase: "running" });
      await this.#runSteps(nodes, locks);
    } finally {
      await locks.release();
    }
    const steps = this.#state.get().steps;
    const failed = steps.filter(({ now }) => now.state === "failed" || now.state === "undone");
    if (failed.length > 0) return { kind: "failed", steps: failed.map(({ step }) => step.id) };
    if (steps.some(({ now }) => now.state === "pending")) {
      if (locks.lost === undefined) return { kind: "cancelled" };
      return {
        kind: "refused",
        why: locks.lost,
        remedy: text`Talk to them, then apply again: it does what is missing.`,
      };
    }
    return { kind: "done" };
  }

  #refusal(): ApplyEnd | undefined {
    const { readOnly } = this.#context;
    if (readOnly.state.get()) {
      return {
        kind: "refused",
        why: text`read-only: every change is refused`,
        remedy: text`Run it without --read-only.`,
      };
    }
    if (isAllowed(this.#plan)) return undefined;
    const first = this.#plan.obstacles.find((one) => one.severity === "error");
    return { kind: "refused", why: first?.title ?? text`an obstacle`, remedy: first?.remedy ?? text`Plan again.` };
  }

  /** Every node that a step touches or asks. */
  #nodes(): Map<NodeName, Changeable> | ApplyEnd {
    const wanted = new Set<NodeName>(this.#plan.steps.map((step) => step.node));
    const nodes = new Map<NodeName, Changeable>();
    for (const name of wanted) {
      const node = this.#context.access.get(name);
      if (!isChangeable(node)) {
        return { kind: "refused", why: text`${name} cannot be changed`, remedy: text`Plan again.` };
      }
      nodes.set(name, node);
    }
    return nodes;
  }

  async #runSteps(nodes: ReadonlyMap<NodeName, Changeable>, locks: Locks): Promise<void> {
    const finished = new Set<string>();
    const begun = new Set<string>();
    const under = new Map<string, Promise<void>>();
    let broken = false;
    for (;;) {
      const stop = broken || this.#cancelled || locks.lost !== undefined;
      const ready = stop
        ? []
        : this.#plan.steps.filter((step) => !begun.has(step.id) && step.needs.every((id) => finished.has(id)));
      for (const step of ready) {
        begun.add(step.id);
        const running = this.#runStep(step, nodes).then((good) => {
          under.delete(step.id);
          if (good) finished.add(step.id);
          else broken = true;
        });
        under.set(step.id, running);
      }
      if (under.size === 0) return;
      await Promise.race(under.values());
    }
  }

  async #runStep(step: Step, nodes: ReadonlyMap<NodeName, Changeable>): Promise<boolean> {
    const { clock, journal } = this.#context;
    const here = nodes.get(step.node);
    if (here === undefined) throw new Error(`${step.id} is of a node that was not locked`);
    const since = clock.now();
    const running = { state: "running", since, says: undefined, transfer: undefined } as const;
    this.#moved(step, running);
    await journal.append(this.#entry(step, "begun"));
    const result = await execute(step.change, this.#executing(step, here, running));
    const ms = clock.now() - since;
    await journal.append(this.#entry(step, result.state, result));
    this.#moved(step, { ...result, ms });
    return result.state === "done" || result.state === "unchanged";
  }

  #executing(step: Step, here: Changeable, running: Extract<StepState, { state: "running" }>): Executing {
    const { access, store, clock, certificates, spec } = this.#context;
    let now = running;
    const change = (part: Partial<typeof running>): void => {
      now = { ...now, ...part };
      this.#moved(step, now);
    };
    return {
      node: step.node,
      here,
      other: (name) => {
        const node = access.get(name);
        return isChangeable(node) ? node : undefined;
      },
      store: (at) => store(at),
      cluster: spec.cluster,
      clock,
      certificates,
      says: (says) => change({ says }),
      transferred: (transfer) => change({ transfer }),
    };
  }

  #moved(step: Step, now: StepState): void {
    const before = this.#state.get();
    this.#state.set({ ...before, steps: before.steps.map((one) => (one.step === step ? { step, now } : one)) });
  }

  #entry(step: Step, event: JournalEntry["event"], result?: Result): JournalEntry {
    const { clock, spec, lock } = this.#context;
    const edits = step.change.kind === "configure-engine" ? step.change.edits : [];
    return {
      at: clock.now(),
      operator: lock.holder.operator,
      cluster: spec.cluster,
      run: lock.holder.run,
      node: step.node,
      step: step.id,
      event,
      title: step.title,
      ...(edits.length === 0 ? {} : { files: edits.map(fileHashes) }),
      ...(result !== undefined && "error" in result ? { error: result.error } : {}),
    };
  }
}

const fileHashes = ({ path, replaces, content }: FileEdit) => ({
  path,
  before: replaces === "absent" ? "absent" : replaces.sha256,
  after: content === "removed" ? "absent" : createHash("sha256").update(content).digest("hex"),
});

const isChangeable = (node: NodeAccess | undefined): node is Changeable => node?.control !== undefined;

/** "operator@workstation is at it (apply), last seen 3 s ago" */
export const lockedWords = ({ node, by }: Extract<ApplyEnd, { kind: "locked" }>): SafeText =>
  text`${by.operator} works on ${node} (${by.doing}, ${clean(by.run.slice(0, 8))}), last heard of ${Math.round(by.idleMs / 1000)} s ago`;
