import type { Usage } from "../domain/engine.ts";
import type { Instant } from "../domain/time.ts";
import { chance } from "./chance.ts";
import type { DemoContainer } from "./containers.ts";

const mebibyte = 1024 * 1024;

/**
 * Samples of a container's use: a level of its own and a slow swing around it. The first has no CPU, as it takes two to
 * know; of a container that does not run the engine goes on to say that it uses nothing.
 */
export function usageStream(container: DemoContainer, seed: number): (at: Instant) => Usage {
  const draw = chance(seed, `usage ${container.id}`);
  const level = draw.fraction() ** 3 * 90;
  const memory = draw.between(8, 400) * mebibyte;
  let swing = 0;
  let ranBefore = false;
  return (at) => {
    const runs = container.run.state === "running";
    const compared = ranBefore;
    ranBefore = runs;
    swing = swing * 0.8 + (draw.fraction() - 0.5) * 0.4;
    if (!runs) return { at, cpuPercent: compared ? 0 : undefined, memoryBytes: 0, memoryLimitBytes: undefined };
    return {
      at,
      cpuPercent: compared ? Math.max(0, level * (1 + swing)) : undefined,
      memoryBytes: Math.round(memory * (1 + swing / 10)),
      memoryLimitBytes: 8192 * mebibyte,
    };
  };
}
