import type { Demo } from "../demo/demo.ts";
import { hostsIn } from "../domain/wizard/draft.ts";
import type { Journal } from "../ports/journal.ts";
import type { ExitCode } from "./exit.ts";
import { mustBeTerminal, show } from "./screen.ts";

export interface DemoCommand {
  nodes: number;
  /** On every node, the store's own not counted. */
  containers: number;
  /** The same seed shows the same cluster, and what befalls it. */
  seed: number;
  /** Engines that nobody set up yet: the set-up begins. */
  bare: boolean;
  readOnly: boolean;
}

/** The screen on an in-memory cluster. */
export async function demo({ nodes, containers, seed, bare, readOnly }: DemoCommand): Promise<ExitCode> {
  mustBeTerminal();
  const ui = import("../ui/start.ts");
  const [{ createDemo }, { systemClock }] = await Promise.all([
    import("../demo/demo.ts"),
    import("../adapters/system-clock.ts"),
  ]);
  const world = createDemo({ nodes, containersPerNode: containers, seed, bare, clock: systemClock });
  return showDemo(world, { bare, readOnly }, ui);
}

/** Shows the demo's cluster. Nothing is written to this machine by itself, and nothing of ~/.ssh is read. */
export async function showDemo(
  world: Demo,
  { bare, readOnly }: Pick<DemoCommand, "bare" | "readOnly">,
  ui: Parameters<typeof show>[3],
): Promise<ExitCode> {
  const [{ demoCertificates }, { demoFile }] = await Promise.all([
    import("../demo/certificates.ts"),
    import("../demo/file.ts"),
  ]);
  const hosts = world.spec.nodes.map(({ ssh }) => `${ssh.user}@${ssh.host}`);
  const how = {
    readOnly,
    demo: true,
    faults: world.faults,
    file: { path: "ovl.yaml", content: bare ? undefined : demoFile(world.spec), kept: "in memory" },
    side: { journal: () => noJournal, certificates: demoCertificates, hosts: async () => hosts },
    begins: { cluster: "bigcomputing", hosts: hostsIn(hosts.join(" "), []) },
  } as const;
  return show(bare ? undefined : world.spec, world, how, ui);
}

/** Changes of the demo are recorded nowhere. */
const noJournal: Journal = { append: async () => {}, path: "" };
