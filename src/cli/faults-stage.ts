import { FaultsStage } from "../ui/faults/faults.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** The faults of the demo, beginning with one of them on the node under the cursor. */
export function faultsStage(
  { fault, node }: Extract<Opening, { stage: "faults" }>,
  { tools, spec, panes, faults, back }: StageParts,
): Stage {
  if (faults === undefined) return panes;
  const nodes = spec.nodes.map((one) => one.name);
  const services = { panes, faults, nodes, fault, node, close: back };
  return new FaultsStage(services, tools.paint, tools.size, tools.onTerminal);
}
