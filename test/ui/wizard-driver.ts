import { lastSeen } from "../../src/domain/part.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import type { Plan } from "../../src/domain/plan/step.ts";
import { parseSpec } from "../../src/domain/spec/parse.ts";
import type { Spec } from "../../src/domain/spec/spec.ts";
import { writeSpec } from "../../src/domain/spec/write.ts";
import { clean, type SafeText, text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { type Draft, emptyDraft } from "../../src/domain/wizard/draft.ts";
import type { Apply } from "../../src/services/apply/apply.ts";
import type { ApplyEnd, ApplyState, StepState } from "../../src/services/apply/apply-state.ts";
import { PromptQueue } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { Holder } from "../../src/services/state.ts";
import type { HostCheck } from "../../src/services/wizard/host-checks.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { Wizard } from "../../src/ui/wizard/wizard.ts";
import { ManualClock } from "../manual-clock.ts";
import { around, type BareChanges, bare } from "../planned.ts";
import { nodeNamed } from "../snapshots.ts";
import { StageDriver } from "./stage-driver.ts";

/** The set-up on a terminal emulator, its hosts, plans and runs in the hands of a test. */
export class WizardDriver {
  readonly clock = new ManualClock();
  readonly checks = new Holder<ReadonlyMap<string, HostCheck>>(new Map());
  readonly prompts = new PromptQueue();
  readonly readOnly: ReadOnly;
  readonly followed: string[][] = [];
  saved: string | undefined;
  /** What writing the file waits for. */
  saving: PromiseWithResolvers<void> | undefined;
  left = 0;
  finished: Spec | undefined;
  run: FakeRun | undefined;
  /** Connections that were closed: "hosts", or "session" of a cluster. */
  readonly closed: string[] = [];
  /** What goes wrong beside the steps of the run, as its journal would say it. */
  tell: (words: SafeText) => void = () => {};
  readonly wizard: Wizard;
  readonly #keys: StageDriver;
  readonly #changes: Record<string, BareChanges>;

  constructor(
    size: { columns: number; rows: number },
    options: { draft?: Draft; changes?: Record<string, BareChanges>; readOnly?: boolean; content?: string } = {},
  ) {
    this.#changes = options.changes ?? {};
    this.readOnly = new ReadOnly(options.readOnly ?? false);
    this.wizard = new Wizard(
      {
        clock: this.clock,
        prompts: this.prompts,
        readOnly: this.readOnly,
        demo: false,
        file: text`ovl.yaml`,
        draft: options.draft ?? emptyDraft,
        before: undefined,
        checks: {
          state: this.checks,
          follow: (targets) => this.followed.push([...targets]),
          close: async () => {
            this.closed.push("hosts");
          },
        },
        candidates: () => Promise.resolve(["node103", "node104", "backup.example"]),
        read: (values) => {
          const content = writeSpec(options.content, values);
          const parsed = parseSpec(content, around);
          return parsed.ok
            ? { ok: true, content, spec: parsed.spec }
            : { ok: false, problems: parsed.problems.map((one) => one.message) };
        },
        open: (spec) => ({
          plan: () => Promise.resolve(this.#plan(spec)),
          apply: (made, _wanted, tell) => {
            this.tell = tell;
            this.run = new FakeRun(made);
            return this.run;
          },
          ping: () => Promise.resolve([{ ok: true, words: text`node1 → node2 10.10.10.2: 0.20 ms` }]),
          close: async () => {
            this.closed.push("session");
          },
        }),
        save: async (content) => {
          this.saved = content;
          await this.saving?.promise;
          return good(undefined);
        },
        leave: () => {
          this.left += 1;
        },
        finish: (spec) => {
          this.finished = spec;
        },
      },
      painter(false),
      size,
      () => {},
    );
    this.#keys = new StageDriver(() => this.wizard, size);
    this.wizard.start();
  }

  #plan(spec: Spec): Plan {
    const { seen, survey } = bare(spec.nodes.length, this.#changes);
    return plan(spec, seen, survey);
  }

  /** The hosts answer: engines of `version`, machines as the lab has them. */
  answer(targets: readonly string[], version = "20.10.5", images = ["big_computing:latest", "consul:1.8.7"]): void {
    const { seen } = bare(targets.length, {});
    const checks = targets.map((target, index): [string, HostCheck] => {
      const node = seen.nodes.get(nodeNamed(`node${103 + index}`));
      const engine = node === undefined ? undefined : lastSeen(node.engine);
      const facts = node === undefined ? undefined : lastSeen(node.facts);
      return [
        target,
        {
          state: "live",
          engine: engine === undefined ? undefined : { ...engine, version: clean(version) },
          engineTrouble: undefined,
          facts: facts === undefined ? undefined : { ...facts, hostname: clean(`node${103 + index}`) },
          images,
          networks: [],
        },
      ];
    });
    this.checks.set(new Map([...this.checks.get(), ...checks]));
  }

  press(...keys: readonly string[]): Promise<void> {
    return this.#keys.press(...keys);
  }

  async paste(content: string): Promise<void> {
    this.wizard.paste(content);
    await settle();
  }

  rows(): Promise<string[]> {
    return this.#keys.rows();
  }

  text(): Promise<string> {
    return this.#keys.text();
  }
}

/** A run of a plan whose steps a test moves. */
export class FakeRun implements Apply {
  readonly state: Holder<ApplyState>;
  readonly ended: Promise<ApplyEnd>;
  cancelled = false;
  #end: (end: ApplyEnd) => void = () => {};

  constructor(made: Plan) {
    const steps = made.steps.map((step) => ({ step, now: { state: "pending" } as const }));
    this.state = new Holder<ApplyState>({ phase: "running", steps, said: [], end: undefined });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  cancel(): void {
    this.cancelled = true;
  }

  /** The step at `index` is now so. */
  step(index: number, now: StepState): void {
    const before = this.state.get();
    this.state.set({ ...before, steps: before.steps.map((one, at) => (at === index ? { ...one, now } : one)) });
  }

  end(end: ApplyEnd): void {
    this.state.set({ ...this.state.get(), phase: "ended", end });
    this.#end(end);
  }
}

/** Promises that are settled already have their say. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
