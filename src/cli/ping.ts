import { allReach, diagnosis, pairWords } from "../domain/ping/ping.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, joined } from "../domain/text.ts";
import type { World } from "../ports/world.ts";
import { pingMatrix } from "../services/ping/ping-matrix.ts";
import { refuseAll } from "../services/prompts.ts";
import { settled } from "../services/settle.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { type ExitCode, exit, UsageError } from "./exit.ts";
import { pairDocument } from "./ping-document.ts";

/** The ping matrix between the cluster's containers, as text or JSON on `print`. */
export async function ping(
  spec: Spec,
  world: World,
  options: { json: boolean; timeoutMs: number; network: string | undefined },
  print: (output: string) => void,
): Promise<ExitCode> {
  const names = options.network === undefined ? spec.networks.map((one) => one.name) : [clean(options.network)];
  if (names.length === 0) throw new UsageError("the file names no network; name one with --network");
  const watch = new ClusterWatch(spec, world, refuseAll);
  try {
    const seen = await settled(watch, world.clock, options.timeoutMs);
    const within = { ms: Math.max(options.timeoutMs, 60_000) };
    const pairs = (await Promise.all(names.map((name) => pingMatrix(name, seen, watch.access, within)))).flat();
    const told = diagnosis(pairs);
    const lines = pairs.map((pair) => `${pair.result.state === "ok" ? "ok " : "NO "} ${pairWords(pair)}`);
    const nothing = `no two running containers on ${joined(names)}`;
    const words = pairs.length === 0 ? [nothing] : [...lines, ...told];
    print(
      options.json
        ? `${JSON.stringify({ pairs: pairs.map(pairDocument), diagnosis: told }, null, 2)}\n`
        : `${words.join("\n")}\n`,
    );
    return allReach(pairs) && pairs.length > 0 ? exit.fine : exit.failed;
  } finally {
    await watch.stop();
  }
}
