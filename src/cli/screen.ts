import { findings } from "../domain/findings/index.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean } from "../domain/text.ts";
import type { World } from "../ports/world.ts";
import { PromptQueue } from "../services/prompts.ts";
import { ReadOnly } from "../services/read-only.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { type ExitCode, UsageError } from "./exit.ts";

/** The screen on the cluster of the file. */
export async function screen(options: { config: string | undefined; readOnly: boolean }): Promise<ExitCode> {
  mustBeTerminal();
  // The screen's own code is the largest part of the start: it loads while the file is read.
  const ui = import("../ui/start.ts");
  const [{ readSpec }, { createWorld }] = await Promise.all([import("./spec-file.ts"), import("../adapters/world.ts")]);
  const spec = readSpec(options.config);
  return showCluster(spec, createWorld(), { readOnly: options.readOnly || spec.readOnly, demo: false }, ui);
}

/** Watches a cluster and shows it until the operator quits; connections are closed before this returns. */
export async function showCluster(
  spec: Spec,
  world: World,
  how: { readOnly: boolean; demo: boolean },
  ui: Promise<typeof import("../ui/start.ts")>,
): Promise<ExitCode> {
  const { startScreen } = await ui;
  // Node would print its warnings over the frame.
  process.removeAllListeners("warning");
  const prompts = new PromptQueue();
  const watch = new ClusterWatch(spec, world, prompts);
  try {
    return await startScreen({
      watch,
      prompts,
      readOnly: new ReadOnly(how.readOnly),
      clock: world.clock,
      findings,
      storeKind: spec.store === undefined ? undefined : clean(spec.store.kind),
      specFile: spec.file === undefined ? undefined : clean(spec.file),
      demo: how.demo,
    });
  } finally {
    await watch.stop();
  }
}

/** @throws UsageError where there is no terminal to draw on */
export function mustBeTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new UsageError("the screen needs a terminal; `ovl-tui status` gives one snapshot without one");
}
