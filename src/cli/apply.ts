import { isAlive, thisRun } from "../adapters/operator/operator.ts";
import { diagnosis } from "../domain/ping/diagnosis.ts";
import { type Pair, pingLines } from "../domain/ping/matrix.ts";
import { leftOutWords } from "../domain/ping/sample.ts";
import { isAllowed, type Plan } from "../domain/plan/step.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";
import type { JournalEntry } from "../ports/journal.ts";
import type { World } from "../ports/world.ts";
import { type Apply, type ApplyContext, startApply } from "../services/apply/apply.ts";
import type { ApplyEnd } from "../services/apply/apply-state.ts";
import { pause } from "../services/apply/executor.ts";
import { isProven, pingSpec } from "../services/ping/ping-proof.ts";
import { makePlan, type Wanted } from "../services/planning.ts";
import { refuseAll } from "../services/prompts.ts";
import { ReadOnly } from "../services/read-only.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { asked, canAsk } from "./ask.ts";
import { type ExitCode, exit } from "./exit.ts";
import { interruptWords, onInterrupt } from "./interrupts.ts";
import { type OperatorSide, operatorSide } from "./operator-side.ts";
import { applyDocument } from "./plan-document.ts";
import { obstacleText, type Paint, planText } from "./plan-text.ts";
import { liveWords, ProgressLines } from "./progress-lines.ts";
import { resultText } from "./result-text.ts";

export interface ApplyOptions {
  json: boolean;
  timeoutMs: number;
  wanted: Wanted;
  /** The plan is accepted as it is; else it is asked for on the terminal. */
  yes: boolean;
  breakLocks: boolean;
  acceptInsecureListener: boolean;
  readOnly: boolean;
  paint: Paint;
}

/** Where a command says what. */
export interface Say {
  /** stdout */
  print(output: string): void;
  /** stderr: progress and what is wrong. */
  tell(line: string): void;
  /** What is going on just now: shown in place on a terminal, elsewhere not at all. "" takes it away. */
  live(words: string): void;
  /** Hears once why what is said reaches nobody any more; the result ends it. */
  onLost(listener: (why: SafeText) => void): () => void;
}

/** Brings the cluster to what the spec says, and proves it by planning again. */
export async function apply(spec: Spec, world: World, options: ApplyOptions, say: Say): Promise<ExitCode> {
  const watch = new ClusterWatch(spec, world, refuseAll);
  try {
    const plan = await makePlan(spec, watch, world.clock, { ms: options.timeoutMs }, options.wanted);
    const outcome = await carriedOut(plan, spec, world, watch, options, say);
    const { run, error, remaining } = outcome;
    if (options.json) {
      say.print(`${JSON.stringify(applyDocument(plan, run?.state.get(), outcome), null, 2)}\n`);
    } else {
      if (run !== undefined && hasBegun(run)) say.print(resultText(run.state.get(), options.paint));
      if (remaining !== undefined) say.print(`\nstill missing:\n${planText(remaining, options.paint)}`);
      if (error !== undefined) say.tell(error);
      else if (run !== undefined) say.print("\ndone, and verified: the same plan has nothing left to do\n");
    }
    return outcome.code;
  } finally {
    await watch.stop();
  }
}

const hasBegun = (run: Apply): boolean => run.state.get().steps.some(({ now }) => now.state !== "skipped");

interface Outcome {
  code: ExitCode;
  error?: SafeText;
  run?: Apply;
  /** What a new plan still has to do. */
  remaining?: Plan;
  /** From each container to each other one. */
  pings?: readonly Pair[];
}

async function carriedOut(
  plan: Plan,
  spec: Spec,
  world: World,
  watch: ClusterWatch,
  options: ApplyOptions,
  say: Say,
): Promise<Outcome> {
  if (!options.json) say.print(planText(plan, options.paint));
  else for (const one of plan.obstacles) say.tell(obstacleText(one, options.paint));
  if (!isAllowed(plan)) {
    // What stands in the way may be what another run has not finished.
    const others = plan.obstacles.filter((one) => one.id === "run-at-work").map((one) => one.title);
    const error = joined([text`nothing was touched: see above what stands in the way`, ...others], "; ");
    return { code: exit.failed, error };
  }
  if (plan.steps.length === 0) return { code: exit.fine };
  const refusal = await refused(plan, options);
  if (refusal !== undefined) return refusal;
  const context = contextOf(spec, world, watch, options, operatorSide(), say);
  const run = startApply(plan, context);
  const { end, cut } = await followed(run, context, say, options.paint);
  if (end.kind !== "done") return { code: exit.failed, error: endWords(end, cut), run };
  const remaining = await proven(spec, watch, world, options);
  if (remaining.steps.length === 0 && isAllowed(remaining)) return pinged(spec, watch, world, run, options, say);
  const error = text`every step was done, and the cluster is not as wanted: see what is missing`;
  return { code: exit.failed, error, run, remaining };
}

/** The last proof: that the containers reach each other. */
async function pinged(
  spec: Spec,
  watch: ClusterWatch,
  world: World,
  run: Apply,
  options: ApplyOptions,
  say: Say,
): Promise<Outcome> {
  if (options.wanted.kind !== "spec") return { code: exit.fine, run };
  const proof = await pingSpec(spec, watch, world.clock);
  const { pairs: pings, missing } = proof;
  for (const { ok, words } of pingLines(pings)) say.tell(`${ok ? "reaches  " : "NO       "} ${words}`);
  for (const words of leftOutWords(proof.leftOut)) say.tell(words);
  if (isProven(proof)) return { code: exit.fine, run, pings };
  const error = joined(
    [
      text`every step was done, and not every container reaches every other one`,
      ...missing.map((name) => text`${name} does not run`),
      ...diagnosis(proof),
    ],
    ": ",
  );
  return { code: exit.failed, error, run, pings };
}

/** Why the plan is not carried out although it could be: an option that is missing or forbids it, or the operator's no. */
async function refused(plan: Plan, options: ApplyOptions): Promise<Outcome | undefined> {
  const by = (error: SafeText, code: ExitCode = exit.usage): Outcome => ({ code, error });
  if (options.readOnly) return by(text`nothing was touched: read-only refuses every change`);
  const isInsecure = plan.obstacles.some((one) => one.id === "insecure-listener-wanted");
  if (isInsecure && !options.acceptInsecureListener) {
    if (!canAsk() || options.yes) {
      return by(text`nothing was touched: a listener without TLS needs --accept-insecure-listener as well`);
    }
    const typed = await asked('everybody who reaches that port is root there; type "insecure" to accept it: ');
    if (typed !== "insecure") return by(text`nothing was touched`, exit.failed);
  }
  if (options.yes) return undefined;
  if (!canAsk()) return by(text`nothing was touched: without a terminal to ask on, apply needs --yes`);
  const typed = await asked('apply this plan? type "yes": ');
  return typed === "yes" ? undefined : by(text`nothing was touched`, exit.failed);
}

/** What a run needs, for real hosts and this operator. */
export function contextOf(
  spec: Spec,
  world: World,
  watch: ClusterWatch,
  options: Pick<ApplyOptions, "readOnly" | "breakLocks" | "wanted">,
  side: OperatorSide,
  say: { tell(words: SafeText): void },
): ApplyContext {
  const { wanted } = options;
  return {
    spec,
    access: watch.access,
    store: (at) => {
      const { store } = spec;
      if (at === undefined || store === undefined) return watch.store;
      const { kind, port, image } = store;
      return world.store({ ...spec, store: { kind, port, image, at: "nodes", nodes: [at] } }, watch.access);
    },
    clock: world.clock,
    journal: side.journal((error) => say.tell(text`the journal cannot be written: ${clean(error.message, 200)}`)),
    certificates: side.certificates,
    readOnly: new ReadOnly(options.readOnly),
    lock: {
      holder: thisRun(wanted.kind === "spec" ? text`apply` : text`remove ${wanted.node}`),
      isOver: (by) => isAlive(by) === false,
      breakLocks: options.breakLocks,
    },
  };
}

/**
 * The run with its progress told, until it ends; `cut` says why it was to end early. The first interrupt, or the loss of
 * who is told, cancels it; more only say that it waits.
 */
async function followed(
  run: Apply,
  context: ApplyContext,
  say: Say,
  paint: Paint,
): Promise<{ end: ApplyEnd; cut: SafeText | undefined }> {
  const progress = new ProgressLines(paint);
  const unlisten = run.state.listen(() => {
    const state = run.state.get();
    for (const line of progress.read(state)) say.tell(line);
    say.live(liveWords(state));
  });
  let cut: SafeText | undefined;
  const endFor = (why: SafeText): void => {
    say.tell(cut === undefined ? interruptWords.first : interruptWords.again);
    if (cut !== undefined) return;
    cut = why;
    run.cancel();
    // Perhaps the only place where anybody will find it.
    void context.journal.append(cutEntry(context, why));
  };
  const ends = [say.onLost(endFor), onInterrupt((signal) => endFor(clean(signal)))];
  try {
    return { end: await run.ended, cut };
  } finally {
    unlisten();
    say.live("");
    for (const end of ends) end();
  }
}

function cutEntry({ clock, spec, lock }: ApplyContext, why: SafeText): JournalEntry {
  const { operator, run, doing } = lock.holder;
  return {
    ...{ at: clock.now(), operator, cluster: spec.cluster, run, node: undefined },
    ...{ step: doing, event: "cancelled", title: text`${doing}: ending after the running step: ${why}` },
  };
}

/** The plan made again on fresh data. A store tells of new members when it likes, so it gets a few tries. */
async function proven(spec: Spec, watch: ClusterWatch, world: World, options: ApplyOptions): Promise<Plan> {
  const again = () => makePlan(spec, watch, world.clock, { ms: options.timeoutMs }, { ...options.wanted, anew: true });
  let plan = await again();
  for (let attempt = 0; attempt < 5 && (plan.steps.length > 0 || !isAllowed(plan)); attempt++) {
    await pause(world.clock, 500);
    plan = await again();
  }
  return plan;
}

function endWords(end: Exclude<ApplyEnd, { kind: "done" }>, cut: SafeText | undefined): SafeText {
  switch (end.kind) {
    case "failed":
      return text`it failed; what was done before stands, and apply again does only what is missing`;
    case "cancelled":
      return text`ended between two steps (${cut ?? text`as you asked`}); what is done stands, and apply again does the rest`;
    case "locked": {
      const { operator, doing, pid, idleMs } = end.by;
      return text`nothing was touched: ${operator} works on ${end.node} (${doing}, process ${pid}), last heard of ${Math.round(idleMs / 1000)} s ago; wait, or add --break-lock when that run is dead`;
    }
    case "stopped":
      return text`ended between two steps: ${end.why}. ${end.remedy}`;
    case "refused":
      return text`nothing was touched: ${end.why}. ${end.remedy}`;
  }
}
