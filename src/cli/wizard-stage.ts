import { diagnosis } from "../domain/ping/diagnosis.ts";
import { pingLines } from "../domain/ping/matrix.ts";
import { leftOutWords } from "../domain/ping/sample.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { text } from "../domain/text.ts";
import { type Draft, draftOf, emptyDraft } from "../domain/wizard/draft.ts";
import type { World } from "../ports/world.ts";
import { startApply } from "../services/apply/apply.ts";
import { pingSpec } from "../services/ping/ping-proof.ts";
import { makePlan } from "../services/planning.ts";
import type { PromptQueue } from "../services/prompts.ts";
import type { ReadOnly } from "../services/read-only.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { HostChecks } from "../services/wizard/host-checks.ts";
import type { StageTools } from "../ui/start.ts";
import type { Session } from "../ui/wizard/services.ts";
import { Wizard } from "../ui/wizard/wizard.ts";
import { contextOf } from "./apply.ts";
import type { OperatorSide } from "./operator-side.ts";
import { hostAsked, nameOf, type SpecFile, saveSpec, targetsIn, written } from "./set-up.ts";

/** How long a plan may wait for hosts that do not answer. */
const planMs = 30_000;

/** What the set-up shares with the rest of the program. */
export interface WizardParts {
  tools: StageTools;
  world: World;
  prompts: PromptQueue;
  readOnly: ReadOnly;
  demo: boolean;
  file: SpecFile;
  side: OperatorSide;
  /** What a new cluster begins with. */
  begins: Partial<Draft>;
  /** Shows a cluster: the one that was open, or the one that was set up. */
  shown(spec: Spec): void;
}

/** The set-up of the cluster `before`, or of a new one. */
export function wizardStage(before: Spec | undefined, parts: WizardParts): Wizard {
  const { tools, world, prompts, readOnly, demo, file, side, begins, shown } = parts;
  const services = {
    clock: world.clock,
    prompts,
    readOnly,
    demo,
    file: nameOf(file),
    draft: before === undefined ? { ...emptyDraft, ...begins } : draftOf(before, targetsIn(file.content)),
    before,
    checks: new HostChecks(world, prompts, (target) => hostAsked(target, file)),
    candidates: () => side.hosts(),
    read: (values: Parameters<typeof written>[1]) => written(file, values),
    open: (spec: Spec) => session(spec, parts),
    save: (content: string) => saveSpec(file, content),
    leave: () => (before === undefined ? tools.onTerminal("quit") : shown(before)),
    finish: shown,
  };
  return new Wizard(services, tools.paint, tools.size, tools.onTerminal);
}

function session(spec: Spec, { world, prompts, readOnly, side }: WizardParts): Session {
  const watch = new ClusterWatch(spec, world, prompts);
  const closing = new AbortController();
  return {
    plan: (wanted) => makePlan(spec, watch, world.clock, { ms: planMs }, wanted),
    apply: (plan, wanted, tell) => {
      const options = { readOnly: readOnly.state.get(), breakLocks: false, wanted };
      return startApply(plan, contextOf(spec, world, watch, options, side, { tell }));
    },
    ping: async () => {
      const proof = await pingSpec(spec, watch, world.clock, closing.signal);
      const wrong = [...proof.missing.map((name) => text`${name} does not run`), ...diagnosis(proof)];
      return [
        ...pingLines(proof.pairs),
        ...wrong.map((words) => ({ ok: false, words })),
        ...leftOutWords(proof.leftOut).map((words) => ({ ok: true, words })),
      ];
    },
    close: () => {
      closing.abort();
      return watch.stop();
    },
  };
}
