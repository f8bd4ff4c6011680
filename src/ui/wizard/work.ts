import { explain } from "../../domain/explain.ts";
import { isAllowed, type Plan } from "../../domain/plan/step.ts";
import type { Spec } from "../../domain/spec/spec.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Apply } from "../../services/apply/apply.ts";
import type { ApplyEnd, ApplyState } from "../../services/apply/apply-state.ts";
import type { Wanted } from "../../services/planning.ts";
import type { PingLine, Session, WizardServices } from "./services.ts";

/** One plan of those that the review shows: a node is taken out by a plan of its own, before the rest. */
export interface Round {
  wanted: Wanted;
  spec: Spec;
  session: Session;
  plan: Plan;
}

/** Where planning and applying are. */
export type Work =
  | { state: "idle" }
  | { state: "planning" }
  /** The draft does not make a file. */
  | { state: "wrong"; problems: readonly SafeText[] }
  | { state: "planned"; rounds: readonly Round[] }
  | { state: "applying"; rounds: readonly Round[]; runs: readonly ApplyState[]; notes: readonly SafeText[] }
  /** `notes` are what went wrong beside the steps: the journal, say. */
  | { state: "ended"; runs: readonly ApplyState[]; end: WorkEnd; notes: readonly SafeText[] };

export type WorkEnd =
  | { kind: "done"; spec: Spec; pings: readonly PingLine[] | undefined }
  | { kind: "stopped"; why: SafeText; remedy: SafeText };

/** Plans, and carries plans out, for the set-up. `changed` is called whenever `now` is another. */
export class Worker {
  readonly #services: WizardServices;
  readonly #changed: () => void;
  readonly #sessions = new Map<Spec, Session>();
  #now: Work = { state: "idle" };
  #turn = 0;
  #running: Apply | undefined;
  #isCancelled = false;
  #notes: readonly SafeText[] = [];

  constructor(services: WizardServices, changed: () => void) {
    this.#services = services;
    this.#changed = changed;
  }

  get now(): Work {
    return this.#now;
  }

  /** The draft is being edited again: what was planned of it counts no more. */
  forget(): void {
    this.#turn += 1;
    this.#become({ state: "idle" });
    void this.close();
  }

  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(all.map((session) => session.close()));
  }

  wrong(problems: readonly SafeText[]): void {
    this.#become({ state: "wrong", problems });
  }

  /** Plans what takes out `leaving`, then what the new spec wants. */
  async plan(spec: Spec, leaving: readonly string[]): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#become({ state: "planning" });
    const { before } = this.#services;
    const wanted = (before?.nodes ?? []).filter((node) => leaving.includes(node.name));
    const rounds: Round[] = [];
    for (const node of wanted) {
      if (before !== undefined) rounds.push(await this.#planned(before, { kind: "removal", node: node.name }));
    }
    rounds.push(await this.#planned(spec, { kind: "spec" }));
    if (turn === this.#turn) this.#become({ state: "planned", rounds });
  }

  async #planned(spec: Spec, wanted: Wanted): Promise<Round> {
    const session = this.#sessions.get(spec) ?? this.#services.open(spec);
    this.#sessions.set(spec, session);
    return { wanted, spec, session, plan: await session.plan({ ...wanted, anew: true }) };
  }

  /** Carries the planned rounds out; the file is written before the last one, so that a run that dies can be resumed. */
  async apply(content: string): Promise<void> {
    if (this.#now.state !== "planned") return;
    const { rounds } = this.#now;
    const runs: ApplyState[] = [];
    this.#isCancelled = false;
    this.#notes = [];
    this.#become({ state: "applying", rounds, runs: [], notes: [] });
    for (const [index, round] of rounds.entries()) {
      if (this.#isCancelled) {
        this.#stopped(runs, ...endWords({ kind: "cancelled" }));
        return;
      }
      const isLast = index === rounds.length - 1;
      if (isLast) {
        const saved = await this.#services.save(content);
        if (!saved.ok) {
          const { what, remedy } = explain(saved.trouble, this.#services.file);
          this.#stopped(runs, what, remedy);
          return;
        }
      }
      // A node that was taken out changes what the others still need.
      const plan = isLast && index > 0 ? await round.session.plan({ ...round.wanted, anew: true }) : round.plan;
      if (!isAllowed(plan)) {
        const first = plan.obstacles.find((one) => one.severity === "error");
        this.#stopped(runs, first?.title ?? text`an obstacle`, first?.remedy ?? text`Plan again.`);
        return;
      }
      const end = plan.steps.length === 0 ? ({ kind: "done" } as const) : await this.#run(round, plan, rounds, runs);
      if (end.kind !== "done") {
        this.#stopped(runs, ...endWords(end));
        return;
      }
    }
    const last = rounds.at(-1);
    if (last === undefined) return;
    this.#ended(runs, { kind: "done", spec: last.spec, pings: undefined });
    this.#ended(runs, { kind: "done", spec: last.spec, pings: await last.session.ping() });
  }

  /** Nothing more is begun. */
  cancel(): void {
    this.#isCancelled = true;
    this.#running?.cancel();
  }

  /** Begins nothing more, lets the running steps end, and closes all connections. */
  async stop(): Promise<void> {
    this.cancel();
    await this.#running?.ended;
    await this.close();
  }

  async #run(round: Round, plan: Plan, rounds: readonly Round[], runs: ApplyState[]): Promise<ApplyEnd> {
    if (this.#isCancelled) return { kind: "cancelled" };
    const run = round.session.apply(plan, round.wanted, (words) => this.#note(words));
    this.#running = run;
    const show = (): void =>
      this.#become({ state: "applying", rounds, runs: [...runs, run.state.get()], notes: this.#notes });
    show();
    const unlisten = run.state.listen(show);
    const end = await run.ended;
    unlisten();
    runs.push(run.state.get());
    this.#running = undefined;
    return end;
  }

  #stopped(runs: readonly ApplyState[], why: SafeText, remedy: SafeText): void {
    this.#ended(runs, { kind: "stopped", why, remedy });
  }

  #ended(runs: readonly ApplyState[], end: WorkEnd): void {
    this.#become({ state: "ended", runs, end, notes: this.#notes });
  }

  #note(words: SafeText): void {
    this.#notes = [...this.#notes, words];
    const now = this.#now;
    if (now.state === "applying" || now.state === "ended") this.#become({ ...now, notes: this.#notes });
  }

  #become(now: Work): void {
    this.#now = now;
    this.#changed();
  }
}

function endWords(end: Exclude<ApplyEnd, { kind: "done" }>): [SafeText, SafeText] {
  switch (end.kind) {
    case "failed":
      return [
        text`it failed; what was done before stands`,
        text`Mend what the step says, go back with esc and plan again with R: only what is missing is done.`,
      ];
    case "cancelled":
      return [
        text`ended as you asked; what is done stands`,
        text`Go back with esc and plan again with R: the rest is done then.`,
      ];
    case "locked":
      return [
        text`nothing was touched: ${end.by.operator} works on ${end.node} (${end.by.doing})`,
        text`Wait for them; or, when that run is dead, take the lock with "ovl-tui apply --break-lock".`,
      ];
    case "stopped":
    case "refused":
      return [end.why, end.remedy];
  }
}
