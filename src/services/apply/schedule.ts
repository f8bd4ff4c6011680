import type { NodeName } from "../../domain/ids.ts";
import type { Step, StepId } from "../../domain/plan/step.ts";

/** More copies than this only share the operator's line, and each of them would be slower to end. */
const copiesAtOnce = 3;

/** Who carries the steps of a schedule out. */
export interface Crew {
  /** Carries one step out: whether what needs it may begin. Never rejects. */
  run(step: Step): Promise<boolean>;
  /** Whether nothing may begin any more; asked before every step. */
  isStopped(): boolean;
}

/**
 * Runs each step once all that it needs is done, everything else side by side. After a step that was not done none
 * begins; resolves when nothing runs any more.
 */
export async function runSchedule(steps: readonly Step[], crew: Crew): Promise<void> {
  const waiting = new Set(steps);
  const done = new Set<StepId>();
  const running = new Map<Step, Promise<void>>();
  let isBroken = false;
  for (;;) {
    for (const step of waiting) {
      if (isBroken || crew.isStopped()) break;
      if (!step.needs.every((id) => done.has(id)) || !hasRoom(step, [...running.keys()])) continue;
      waiting.delete(step);
      const ran = crew.run(step).then((isDone) => {
        running.delete(step);
        if (isDone) done.add(step.id);
        else isBroken = true;
      });
      running.set(step, ran);
    }
    if (running.size === 0) return;
    await Promise.race(running.values());
  }
}

/** Whether the step may run beside those that run. */
function hasRoom(step: Step, running: readonly Step[]): boolean {
  if (isCopy(step) && running.filter(isCopy).length >= copiesAtOnce) return false;
  // An engine that restarts breaks whatever is asked of it: it is alone with its node.
  return !running.some(
    (other) => (isRestart(step) && touches(other, step.node)) || (isRestart(other) && touches(step, other.node)),
  );
}

const isCopy = ({ change }: Step): boolean => change.kind === "load-image";

const isRestart = ({ change }: Step): boolean => change.kind === "configure-engine" && change.take === "restart";

const touches = (step: Step, node: NodeName): boolean => nodesOf(step).includes(node);

/** The nodes that a step changes or asks. */
export function nodesOf({ node, change }: Step): NodeName[] {
  switch (change.kind) {
    case "configure-engine":
      return [node, ...change.peers.map((peer) => peer.node)];
    case "load-image":
      return change.from.kind === "node" ? [node, change.from.node] : [node];
    case "create-network":
      return [node, ...change.seenBy];
    case "join-swarm":
    case "leave-swarm":
      return [node, change.via];
    case "condor-config":
      return [node, change.manager.node, ...change.secretOf.map((one) => one.node)];
    default:
      return [node];
  }
}
