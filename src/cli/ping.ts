import { explain } from "../domain/explain.ts";
import { isUp } from "../domain/link.ts";
import { diagnosis } from "../domain/ping/diagnosis.ts";
import { allReach, type Matrix, pingLines } from "../domain/ping/matrix.ts";
import { placesOn } from "../domain/ping/place.ts";
import { allWays, leftOutWords, usualWays } from "../domain/ping/sample.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";
import type { World } from "../ports/world.ts";
import { pingMatrix } from "../services/ping/ping-matrix.ts";
import { roundMs } from "../services/ping/ping-rounds.ts";
import { refuseAll } from "../services/prompts.ts";
import { settled } from "../services/settle.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { type ExitCode, exit, UsageError } from "./exit.ts";
import { oneWayDocument, pairDocument, wireDocument } from "./ping-document.ts";

interface PingOptions {
  json: boolean;
  timeoutMs: number;
  network: string | undefined;
  /** TCP port that is tried as well. */
  port: number | undefined;
  /** All ways, however many containers there are. */
  full: boolean;
}

/** The ping matrix between the cluster's containers, as text or JSON on `print`. */
export async function ping(
  spec: Spec,
  world: World,
  options: PingOptions,
  print: (output: string) => void,
): Promise<ExitCode> {
  const names = options.network === undefined ? spec.networks.map((one) => one.name) : [clean(options.network)];
  if (names.length === 0) throw new UsageError("the file names no network; name one with --network");
  const watch = new ClusterWatch(spec, world, refuseAll);
  try {
    const seen = await settled(watch, world.clock, options.timeoutMs);
    let left = 0;
    const matrices = await Promise.all(
      names.map((network) => {
        const places = placesOn(network, seen);
        const all = allWays(places);
        const ways = options.full ? all : usualWays(places);
        left += all.length - ways.length;
        const within = { ms: Math.max(options.timeoutMs, roundMs(ways.length)) };
        return pingMatrix({ network, ways, port: options.port }, seen, watch.access, within);
      }),
    );
    const { pairs, underlay, oneWays } = together(matrices);
    const missing = missingOf(spec, names, seen);
    const told = [...missing, ...diagnosis({ pairs, underlay, oneWays })];
    print(
      options.json
        ? `${JSON.stringify(
            {
              pairs: pairs.map(pairDocument),
              underlay: underlay.map(wireDocument),
              oneWays: oneWays.map(oneWayDocument),
              leftOut: left,
              diagnosis: told,
            },
            null,
            2,
          )}\n`
        : `${words(pairs, told, names, left).join("\n")}\n`,
    );
    return allReach(pairs) && pairs.length > 0 && missing.length === 0 ? exit.fine : exit.failed;
  } finally {
    await watch.stop();
  }
}

/** Containers of the file that have no place on their network, and why. */
function missingOf(spec: Spec, names: readonly SafeText[], seen: Snapshot): SafeText[] {
  return names.flatMap((network) => {
    const there = new Set(placesOn(network, seen).map((place) => place.name));
    const wanted = spec.containers.filter((one) => one.network === network && !there.has(one.name));
    return wanted.map(({ name, node }) => {
      const link = seen.nodes.get(node)?.link;
      if (link === undefined || isUp(link)) return text`${name} does not run on ${node}`;
      const trouble = "trouble" in link ? link.trouble : link.state === "connecting" ? link.after : undefined;
      const why = trouble === undefined ? text`not connected yet` : explain(trouble, node).what;
      return text`${name} was not seen: ${node}: ${why}`;
    });
  });
}

const together = (all: readonly Matrix[]): Matrix => ({
  pairs: all.flatMap((one) => one.pairs),
  underlay: all.flatMap((one) => one.underlay),
  oneWays: all.flatMap((one) => one.oneWays),
});

function words(
  pairs: Matrix["pairs"],
  told: readonly SafeText[],
  names: readonly SafeText[],
  left: number,
): readonly string[] {
  if (pairs.length === 0) return [`no two running containers on ${joined(names)}`, ...told];
  const lines = pingLines(pairs).map(({ ok, words: line }) => `${ok ? "ok " : "NO "} ${line}`);
  return [...lines, ...told, ...leftOutWords(left)];
}
