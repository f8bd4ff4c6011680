import { isAllowed } from "../domain/plan/step.ts";
import type { Spec } from "../domain/spec/spec.ts";
import type { World } from "../ports/world.ts";
import { makePlan, type Wanted } from "../services/planning.ts";
import { refuseAll } from "../services/prompts.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { type ExitCode, exit } from "./exit.ts";
import { planDocument } from "./plan-document.ts";
import { type Paint, planText } from "./plan-text.ts";

/** What `apply` would do, as text or JSON on `print`; nothing is touched. */
export async function plan(
  spec: Spec,
  world: World,
  options: { json: boolean; timeoutMs: number; wanted: Wanted; paint: Paint },
  print: (output: string) => void,
): Promise<ExitCode> {
  const watch = new ClusterWatch(spec, world, refuseAll);
  try {
    const made = await makePlan(spec, watch, world.clock, { ms: options.timeoutMs }, options.wanted);
    print(options.json ? `${JSON.stringify(planDocument(made), null, 2)}\n` : planText(made, options.paint));
    if (!isAllowed(made)) return exit.failed;
    return made.steps.length === 0 ? exit.fine : exit.pending;
  } finally {
    await watch.stop();
  }
}
