import type { Finding } from "../finding.ts";
import type { NodeName } from "../ids.ts";
import { type Locked, leaseDeadMs } from "../lock.ts";
import { joined, text } from "../text.ts";
import type { Survey } from "./survey.ts";

/**
 * Other runs that are changing nodes just now, each told once: what is seen meanwhile may be half of their work, so that
 * whatever else stands in a plan's way may be theirs. A run that has not renewed its lease in time counts as dead.
 */
export function runsAtWork(survey: Survey): Finding[] {
  const runs = new Map<string, { by: Locked; nodes: NodeName[] }>();
  for (const [name, surveyed] of survey) {
    const by = surveyed.ok ? surveyed.value.lockedBy : undefined;
    if (by === undefined || by.idleMs >= leaseDeadMs) continue;
    const known = runs.get(by.run);
    runs.set(by.run, {
      by: known === undefined || by.idleMs < known.by.idleMs ? by : known.by,
      nodes: [...(known?.nodes ?? []), name],
    });
  }
  return [...runs.values()].map(({ by, nodes }) => ({
    id: "run-at-work",
    severity: "warning",
    title: text`${by.operator} works on ${joined(nodes)} (${by.doing})`,
    node: nodes.length === 1 ? nodes[0] : undefined,
    evidence: [text`process ${by.pid}, last heard of ${Math.round(by.idleMs / 1000)} s ago`],
    remedy: text`Wait until that run has ended, then plan again: what is seen meanwhile may be half of its work.`,
  }));
}
