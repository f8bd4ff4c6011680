import { createInterface } from "node:readline/promises";
import { createCertificates } from "../adapters/operator/certificates.ts";
import { dataFolder } from "../adapters/operator/folders.ts";
import { createJournal, journalPath } from "../adapters/operator/journal.ts";
import { isAlive, thisRun } from "../adapters/operator/operator.ts";
import { isAllowed, type Plan } from "../domain/plan/step.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { World } from "../ports/world.ts";
import { type Apply, type ApplyContext, lockedWords, startApply } from "../services/apply/apply.ts";
import type { ApplyEnd } from "../services/apply/apply-state.ts";
import { pause } from "../services/apply/executor.ts";
import { makePlan, type Wanted } from "../services/planning.ts";
import { refuseAll } from "../services/prompts.ts";
import { ReadOnly } from "../services/read-only.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { type ExitCode, exit } from "./exit.ts";
import { applyDocument } from "./plan-document.ts";
import { obstacleText, type Paint, planText } from "./plan-text.ts";
import { ProgressLines } from "./progress-lines.ts";

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
}

/** Brings the cluster to what the spec says, and proves it by planning again. */
export async function apply(spec: Spec, world: World, options: ApplyOptions, say: Say): Promise<ExitCode> {
  const watch = new ClusterWatch(spec, world, refuseAll);
  try {
    const within = { ms: options.timeoutMs };
    const plan = await makePlan(spec, watch, world.clock, within, options.wanted);
    const finish = (ok: boolean, error?: SafeText, run?: Apply, remaining?: Plan): ExitCode => {
      const outcome = {
        ok,
        ...(error === undefined ? {} : { error }),
        ...(remaining === undefined ? {} : { remaining }),
      };
      if (options.json) say.print(`${JSON.stringify(applyDocument(plan, run?.state.get(), outcome), null, 2)}\n`);
      else if (error !== undefined) say.tell(error);
      return ok ? exit.fine : exit.failed;
    };
    if (!options.json) say.print(planText(plan, options.paint));
    else for (const one of plan.obstacles) say.tell(obstacleText(one, options.paint));
    if (!isAllowed(plan)) return finish(false, text`nothing was touched: see above what stands in the way`);
    if (plan.steps.length === 0) return finish(true);
    const refusal = await refused(plan, options);
    if (refusal !== undefined) return finish(false, refusal);
    const run = startApply(plan, contextOf(spec, world, watch, options, say));
    const end = await followed(run, say, options.paint);
    if (end.kind !== "done") return finish(false, endWords(end), run);
    const remaining = await proven(spec, watch, world, options);
    if (remaining.steps.length === 0 && isAllowed(remaining)) {
      if (!options.json) say.print("done, and verified: the same plan has nothing left to do\n");
      return finish(true, undefined, run);
    }
    if (!options.json) say.print(planText(remaining, options.paint));
    return finish(
      false,
      text`every step was done, and the cluster is not as wanted: see what is missing`,
      run,
      remaining,
    );
  } finally {
    await watch.stop();
  }
}

/** Why the plan is not carried out although it could be. */
async function refused(plan: Plan, options: ApplyOptions): Promise<SafeText | undefined> {
  const insecure = plan.obstacles.some((one) => one.id === "insecure-listener-wanted");
  if (options.readOnly) return text`nothing was touched: read-only refuses every change`;
  const onTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (insecure && !options.acceptInsecureListener) {
    if (!onTerminal || options.yes) {
      return text`nothing was touched: a listener without TLS needs --accept-insecure-listener as well`;
    }
    const typed = await asked('everybody who reaches that port is root there; type "insecure" to accept it: ');
    if (typed !== "insecure") return text`nothing was touched`;
  }
  if (options.yes) return undefined;
  if (!onTerminal) return text`nothing was touched: without a terminal to ask on, apply needs --yes`;
  return (await asked('apply this plan? type "yes": ')) === "yes" ? undefined : text`nothing was touched`;
}

async function asked(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

/** What a run needs, for real hosts and this operator. */
export function contextOf(
  spec: Spec,
  world: World,
  watch: ClusterWatch,
  options: Pick<ApplyOptions, "readOnly" | "breakLocks" | "wanted">,
  say: Pick<Say, "tell">,
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
    journal: createJournal(journalPath(), (error) =>
      say.tell(`the journal cannot be written: ${clean(error.message)}`),
    ),
    certificates: createCertificates(dataFolder()),
    readOnly: new ReadOnly(options.readOnly),
    lock: {
      holder: thisRun(wanted.kind === "spec" ? text`apply` : text`remove ${wanted.node}`),
      isOver: (by) => isAlive(by) === false,
      breakLocks: options.breakLocks,
    },
  };
}

/** The run with its progress told, until it ends. The first interrupt cancels; more only say that it waits. */
async function followed(run: Apply, say: Say, paint: Paint): Promise<ApplyEnd> {
  const progress = new ProgressLines(paint);
  const unlisten = run.state.listen(() => {
    for (const line of progress.read(run.state.get())) say.tell(line);
  });
  let asked = false;
  const interrupted = (): void => {
    say.tell(
      asked
        ? "it ends after the running step; ending it now would leave the step half done"
        : "ending after the running step",
    );
    asked = true;
    run.cancel();
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  process.on("SIGHUP", interrupted);
  try {
    return await run.ended;
  } finally {
    unlisten();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, interrupted);
  }
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

function endWords(end: Exclude<ApplyEnd, { kind: "done" }>): SafeText {
  switch (end.kind) {
    case "failed":
      return text`it failed; what was done before stands, and apply again does only what is missing`;
    case "cancelled":
      return text`ended as you asked; what is done stands, and apply again does the rest`;
    case "locked":
      return text`nothing was touched: ${lockedWords(end)}; wait, or add --break-lock when that run is dead`;
    case "refused":
      return text`${end.why}. ${end.remedy}`;
  }
}
