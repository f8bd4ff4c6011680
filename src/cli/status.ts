import { findings as findAll } from "../domain/findings/index.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean } from "../domain/text.ts";
import { isLive } from "../domain/views/condition.ts";
import type { World } from "../ports/world.ts";
import { refuseAll } from "../services/prompts.ts";
import { settled } from "../services/settle.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { type ExitCode, exit } from "./exit.ts";
import { statusDocument } from "./status-document.ts";
import { statusText } from "./status-text.ts";

/** One snapshot, as text or JSON on `print`. `timeoutMs` bounds the wait for what does not answer. */
export async function status(
  spec: Spec,
  world: World,
  options: { json: boolean; timeoutMs: number },
  print: (output: string) => void,
): Promise<ExitCode> {
  const watch = new ClusterWatch(spec, world, refuseAll);
  try {
    const seen = await settled(watch, world.clock, options.timeoutMs);
    const now = world.clock.now();
    const findings = findAll(seen, now);
    print(
      options.json
        ? `${JSON.stringify(statusDocument(seen, findings), null, 2)}\n`
        : statusText(seen, findings, spec.store === undefined ? undefined : clean(spec.store.kind), now),
    );
    const healthy = [...seen.nodes.values()].every(isLive) && !findings.some((one) => one.severity === "error");
    return healthy ? exit.fine : exit.failed;
  } finally {
    await watch.stop();
  }
}
