import { homedir } from "node:os";
import path from "node:path";
import { writePrivate } from "../adapters/operator/private-file.ts";
import { asNodeName } from "../domain/ids.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import { containerRows } from "../domain/views/containers.ts";
import { LogFollow, type LogSource } from "../services/logs/log-follow.ts";
import { LogsStage } from "../ui/logs/logs.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** The logs of containers, or of the engines of nodes. */
export function logsStage({ of, keys }: Extract<Opening, { stage: "logs" }>, parts: StageParts): Stage {
  const { tools, watch, world, demo, back } = parts;
  const sources = of === "nodes" ? engineSources(keys) : containerSources(keys, parts);
  const follow = new LogFollow(sources, watch.access, world.clock);
  const at = new Date(world.clock.now()).toISOString().slice(0, 19).replaceAll(":", "-");
  const [first] = sources;
  const name = sources.length === 1 && first !== undefined ? first.label.replaceAll(/[^\w.-]+/g, "-") : "logs";
  return new LogsStage(
    {
      ...{ follow, demo, save, clock: world.clock },
      title: titleOf(sources),
      file: `./${name}-${at}.log`,
      back,
    },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}

/** What happened in the cluster since the program started. */
export function timelineStage({ timeline, tools, world, demo, back }: StageParts): Stage {
  const at = new Date(world.clock.now()).toISOString().slice(0, 19).replaceAll(":", "-");
  return new LogsStage(
    {
      ...{ follow: timeline, demo, save, clock: world.clock, back },
      title: text`events of the cluster`,
      file: `./events-${at}.log`,
    },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}

function containerSources(keys: readonly string[], { watch }: StageParts): LogSource[] {
  const wanted = new Set(keys);
  return containerRows(watch.state.get())
    .filter((row) => wanted.has(row.key))
    .map(({ container }) => ({ of: "container", node: container.node, id: container.id, label: container.name }));
}

const engineSources = (keys: readonly string[]): LogSource[] =>
  keys.flatMap((key) => {
    const node = asNodeName(key);
    return node === undefined ? [] : [{ of: "engine", node, label: node }];
  });

function titleOf(sources: readonly LogSource[]): SafeText {
  const [first] = sources;
  if (first === undefined) return text`it is there no more`;
  if (sources.length > 1)
    return first.of === "engine" ? text`the engines' journals` : text`${sources.length} containers`;
  return first.of === "engine" ? text`journalctl -u docker on ${first.node}` : text`${first.label} on ${first.node}`;
}

/** Logs may hold what nobody else should read. */
async function save(file: string, content: string): Promise<Outcome<void>> {
  const where = path.resolve(file.replace(/^~(?=\/)/, homedir()));
  try {
    if (await writePrivate(where, content, "keep")) return good(undefined);
    return bad({
      kind: "misconfigured",
      detail: text`${clean(file)} is there already; nothing was written`,
      remedy: text`Give it another name.`,
    });
  } catch (error) {
    const detail = text`${clean(file)} cannot be written: ${clean((error as Error).message, 200)}`;
    return bad({ kind: "misconfigured", detail, remedy: text`Give it a place that can be written to.` });
  }
}
