import { isUp } from "../domain/link.ts";
import type { NodeSnapshot, Snapshot } from "../domain/snapshot.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterWatch } from "./watch/cluster-watch.ts";

/**
 * The snapshot once everything that can answer has answered, or after `ms` at the latest: what is still awaited then
 * stays "waiting" in it. With `since`, answers from before it do not count. A node that cannot be reached counts as settled with its first failure.
 */
export function settled(
  watch: Pick<ClusterWatch, "state">,
  clock: Clock,
  ms: number,
  since: Instant = 0,
): Promise<Snapshot> {
  return new Promise((resolve) => {
    const finish = () => {
      cancel();
      unlisten();
      resolve(watch.state.get());
    };
    const cancel = clock.after(ms, finish);
    const unlisten = watch.state.listen(() => {
      if (isSettled(watch.state.get(), since)) finish();
    });
    if (isSettled(watch.state.get(), since)) finish();
  });
}

function isSettled(seen: Snapshot, since: Instant): boolean {
  const nodes = [...seen.nodes.values()];
  if (!nodes.every((node) => nodeSettled(node, since))) return false;
  const storeSettled =
    seen.membership === undefined || seen.membership.state !== "waiting" || !nodes.some((one) => isUp(one.link));
  const managers = nodes.some((one) => one.engine.state === "fresh" && one.engine.value.swarm.manager);
  return storeSettled && (!managers || (seen.swarm !== undefined && seen.swarm.nodes.state !== "waiting"));
}

function nodeSettled(node: NodeSnapshot, since: Instant): boolean {
  if (!isUp(node.link)) return node.link.state !== "connecting" || node.link.after !== undefined;
  return [node.engine, node.containers, node.networks, node.facts, node.daemon].every(
    (part) => part.state !== "waiting" && (part.state !== "fresh" || part.at >= since),
  );
}
