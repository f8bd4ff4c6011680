import { readFile, stat } from "node:fs/promises";
import type { Demo } from "../demo/demo.ts";
import type { Story } from "../demo/story.ts";
import { clean } from "../domain/text.ts";
import { hostsIn } from "../domain/wizard/draft.ts";
import type { Journal } from "../ports/journal.ts";
import { type ExitCode, UsageError } from "./exit.ts";
import { mustBeTerminal, show } from "./screen.ts";

export interface DemoCommand {
  nodes: number;
  /** On every node, the store's own not counted. */
  containers: number;
  /** The same seed shows the same cluster, and what befalls it. */
  seed: number;
  /** Engines that nobody set up yet: the set-up begins. */
  bare: boolean;
  /** A file with what befalls the cluster. */
  script: string | undefined;
  readOnly: boolean;
}

/**
 * The screen on an in-memory cluster.
 * @throws UsageError where it would have more containers than addresses, or its story cannot be read
 */
export async function demo({ nodes, containers, seed, bare, script, readOnly }: DemoCommand): Promise<ExitCode> {
  mustBeTerminal();
  const ui = import("../ui/start.ts");
  const [{ createDemo }, { mostContainers }, { chance }, { systemClock }] = await Promise.all([
    import("../demo/demo.ts"),
    import("../demo/spec.ts"),
    import("../demo/chance.ts"),
    import("../adapters/system-clock.ts"),
  ]);
  if (nodes * containers > mostContainers) {
    throw new UsageError(
      `${nodes} nodes with ${containers} containers each are ${nodes * containers}; the demo has addresses for ${mostContainers}`,
    );
  }
  // Chance is the seed's, in the program as well.
  const clock = { ...systemClock, random: chance(seed, "the program").fraction };
  const world = createDemo({ nodes, containersPerNode: containers, seed, bare, clock });
  if (script !== undefined) world.play(await storyIn(script, world));
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

/** A story is a page or two; a file beyond this is something else. */
const largestFile = 1024 * 1024;

/** @throws UsageError with one line for each problem, as FILE:LINE:COLUMN: message */
async function storyIn(file: string, { cast }: Demo): Promise<Story> {
  const shown = clean(file);
  const { parseStory } = await import("../demo/story.ts");
  const parsed = parseStory(await contentOf(file), cast);
  if (parsed.ok) return parsed.story;
  throw new UsageError(parsed.problems.map((one) => `${shown}:${one.line}:${one.column}: ${one.message}`).join("\n"));
}

async function contentOf(file: string): Promise<string> {
  try {
    if ((await stat(file)).size <= largestFile) return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`${clean(file)}: cannot be read: ${clean((error as Error).message, 200)}`);
  }
  throw new UsageError(`${clean(file)}: larger than 1 MiB; this is no story`);
}

/** Changes of the demo are recorded nowhere. */
const noJournal: Journal = { append: async () => {}, path: "" };
