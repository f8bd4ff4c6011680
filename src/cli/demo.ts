import type { ExitCode } from "./exit.ts";
import { mustBeTerminal, showCluster } from "./screen.ts";

/** Seeded, so that the same command shows the same cluster. */
const seed = 1;
const containersPerNode = 8;

/** The screen on an in-memory cluster. */
export async function demo(options: { nodes: number; readOnly: boolean }): Promise<ExitCode> {
  mustBeTerminal();
  const ui = import("../ui/start.ts");
  const [{ createDemo }, { systemClock }] = await Promise.all([
    import("../demo/demo.ts"),
    import("../adapters/system-clock.ts"),
  ]);
  const world = createDemo({ nodes: options.nodes, containersPerNode, seed, clock: systemClock });
  return showCluster(world.spec, world, { readOnly: options.readOnly, demo: true }, ui);
}
