/** Runs of a plan on hosts in memory, with everything that a run needs of the operator's side. */

import type { LockHolder } from "../src/domain/lock.ts";
import { plan } from "../src/domain/plan/plan.ts";
import type { Plan, Step, StepId } from "../src/domain/plan/step.ts";
import type { Spec } from "../src/domain/spec/spec.ts";
import { clean, text } from "../src/domain/text.ts";
import { good } from "../src/domain/trouble.ts";
import type { JournalEntry } from "../src/ports/journal.ts";
import { type Apply, type ApplyContext, startApply } from "../src/services/apply/apply.ts";
import type { ApplyEnd, StepState } from "../src/services/apply/apply-state.ts";
import { ReadOnly } from "../src/services/read-only.ts";
import { ended, type FakeCluster } from "./fake-hosts.ts";
import { bare, classicRest, fileFor, specOf } from "./planned.ts";
import { nodeNamed } from "./snapshots.ts";

export const classicSpec: Spec = specOf(fileFor(2, classicRest));
/** From two bare hosts to containers on one overlay. */
export const classicPlan: Plan = (({ seen, survey }) => plan(classicSpec, seen, survey))(bare(2));

export const me: LockHolder = {
  run: "42-mine",
  operator: clean("op@workstation"),
  machine: "workstation",
  pid: 42,
  doing: clean("apply"),
};

export interface Ran {
  run: Apply;
  journal: JournalEntry[];
  /** Moves time until the run is over. */
  end(): Promise<ApplyEnd>;
  /** How the step ended. */
  result(id: string): StepState;
  results(): string[];
}

/** Begins to apply `plan` on the hosts. */
export function begin(cluster: FakeCluster, which: Plan, changes: Partial<ApplyContext> = {}): Ran {
  const journal: JournalEntry[] = [];
  const run = startApply(which, {
    spec: classicSpec,
    access: cluster.access,
    store: () => cluster.store,
    clock: cluster.clock,
    journal: {
      path: "/journal",
      append: async (entry) => {
        journal.push(entry);
      },
    },
    certificates: {
      server: async () => good({ authority: "CA", certificate: "CERT", key: "KEY" }),
      serves: async (_cluster, there) => good(there.certificate === "CERT"),
      client: async () => good({ folder: "/certs" }),
    },
    readOnly: new ReadOnly(false),
    lock: { holder: me, isOver: () => false, breakLocks: false },
    ...changes,
  });
  const found = (id: string): StepState => {
    const one = run.state.get().steps.find(({ step }) => step.id === id);
    if (one === undefined) throw new Error(`no step ${id}`);
    return one.now;
  };
  return {
    run,
    journal,
    end: () => ended(cluster.clock, run.ended),
    result: found,
    results: () => run.state.get().steps.map(({ step, now }) => `${step.id} ${now.state}`),
  };
}

/** A plan of one step, or of several without needs. */
export const planOf = (...steps: Step[]): Plan => ({ steps, obstacles: [] });

/** A step that does `change` on node103, unless it says otherwise. */
export const stepOf = (change: Step["change"], more: Partial<Omit<Step, "id">> & { id?: string } = {}): Step => {
  const { id = "node103/step", ...rest } = more;
  return {
    id: id as StepId,
    node: nodeNamed("node103"),
    title: text`the step`,
    needs: [],
    change,
    preview: [],
    disturbs: [],
    endsJobsIn: [],
    proof: text`it is so`,
    undo: text`it is not`,
    ...rest,
  };
};
