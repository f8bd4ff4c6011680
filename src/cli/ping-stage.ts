import { PingRounds } from "../services/ping/ping-rounds.ts";
import type { Opening } from "../ui/opening.ts";
import { PingStage } from "../ui/ping/ping.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** The ping matrix of a network; of several marked containers only the ways between them. */
export function pingStage({ network, on }: Extract<Opening, { stage: "ping" }>, parts: StageParts): Stage {
  const { tools, world, watch, prompts, spec, demo, back } = parts;
  const { clock } = world;
  const only = on.length > 1 ? on : undefined;
  const rounds = new PingRounds({ seen: watch.state, access: watch.access, clock }, network, only);
  return new PingStage(
    { clock, prompts, cluster: spec.cluster, demo, rounds, on, back, copy: tools.copy },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}
