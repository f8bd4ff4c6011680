import type { Step } from "./step.ts";

/**
 * The steps in an order in which each comes after what it needs, otherwise as given. A need of a step that is not in the
 * plan is dropped: it is done already.
 */
export function inOrder(steps: readonly Step[]): Step[] {
  const ids = new Set(steps.map((step) => step.id));
  const left = steps.map((step) => ({ ...step, needs: [...new Set(step.needs)].filter((id) => ids.has(id)) }));
  const ordered: Step[] = [];
  const done = new Set<Step["id"]>();
  while (left.length > 0) {
    const at = left.findIndex((step) => step.needs.every((id) => done.has(id)));
    if (at < 0) throw new Error(`steps need each other: ${left.map((step) => step.id).join(", ")}`);
    const [next] = left.splice(at, 1);
    if (next === undefined) break;
    ordered.push(next);
    done.add(next.id);
  }
  return ordered;
}
