import { containerTargets, type ForwardTarget, memberTargets } from "../domain/forward.ts";
import type { SafeText } from "../domain/text.ts";
import { containerRows } from "../domain/views/containers.ts";
import { memberRows } from "../domain/views/membership.ts";
import { ForwardStage } from "../ui/forward/forward.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** The forwards that are open, and what can be forwarded of the selected rows. */
export function forwardStage({ of, keys }: Extract<Opening, { stage: "forward" }>, parts: StageParts): Stage {
  const { tools, watch, spec, forwards, panes, back } = parts;
  const seen = watch.state.get();
  const wanted = new Set(keys);
  const asked: (ForwardTarget[] | { not: SafeText })[] =
    of === "membership"
      ? memberRows(seen)
          .filter((row) => wanted.has(row.key))
          .map((row) => memberTargets(row, seen, spec))
      : of === "containers"
        ? containerRows(seen)
            .filter((row) => wanted.has(row.key))
            .map((row) => containerTargets(row.container))
        : [];
  const targets = asked.flatMap((one) => ("not" in one ? [] : one));
  const not = asked.flatMap((one) => ("not" in one ? [one.not] : []))[0];
  return new ForwardStage(
    { ...{ panes, forwards, targets, back }, not: targets.length === 0 ? not : undefined, copy: tools.copy },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}
