import type { EngineNetwork } from "../../domain/engine.ts";
import { asNetworkId, type NodeName } from "../../domain/ids.ts";
import type { CreateNetwork, RemoveNetwork } from "../../domain/plan/change.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Engine } from "../../ports/engine.ts";
import {
  awaited,
  callMs,
  done,
  type Executing,
  type Executor,
  failed,
  impossible,
  isUnknown,
  unchanged,
  undone,
} from "./executor.ts";

/** A network of the store is seen by every engine within this, ms: they watch the store. */
const seenMs = 15_000;

const find = async (engine: Engine, name: string): Promise<EngineNetwork | undefined> => {
  const all = await engine.networks({ ms: callMs });
  return all.ok ? all.value.find((one) => one.name === name) : undefined;
};

export const createNetwork: Executor<CreateNetwork> = async ({ definition, seenBy }, on) => {
  const { name } = definition;
  const before = await on.here.engine.networks({ ms: callMs });
  if (!before.ok) return undone(before.trouble, on.node);
  const there = before.value.find((one) => one.name === name);
  let id = there?.id;
  if (id === undefined) {
    const created = await on.here.control.engine.createNetwork(definition, { ms: callMs });
    if (!created.ok && !isUnknown(created.trouble)) return undone(created.trouble, on.node);
    id = created.ok ? created.value : (await awaited(on.clock, seenMs, 500, () => find(on.here.engine, name)))?.id;
    if (id === undefined) {
      const trouble = created.ok ? undefined : created.trouble;
      return trouble === undefined
        ? done
        : failed(trouble, on.node, text`nobody knows whether ${clean(name)} was made`);
    }
  }
  const missing = await notSeenBy(seenBy, id, name, on);
  if (missing.length === 0) return there === undefined ? done : unchanged;
  const error = text`${clean(name)} was made on ${on.node}, and ${joined(missing)} did not see it within ${seenMs / 1000} s`;
  const remedy = text`Look at the store and at "docker network ls" on ${joined(missing)}; then apply again.`;
  if (there !== undefined) return { state: "failed", error, remedy, stands: text`the network stands` };
  const removed = await on.here.control.engine.removeNetwork(id, { ms: callMs });
  return removed.ok
    ? { state: "undone", error, remedy }
    : { state: "failed", error, remedy, stands: text`the network ${clean(name)} stands` };
};

/** Nodes that do not list the network by that id, once all had their time. */
async function notSeenBy(nodes: readonly NodeName[], id: string, name: string, on: Executing): Promise<SafeText[]> {
  on.says(text`waiting until every node lists it`);
  const seen = await Promise.all(
    nodes.map((node) =>
      awaited(on.clock, seenMs, 200, async () => {
        const engine = on.other(node)?.engine;
        const network = engine === undefined ? undefined : await find(engine, name);
        return network?.id === id ? true : undefined;
      }),
    ),
  );
  return nodes.filter((_, index) => seen[index] !== true);
}

export const removeNetwork: Executor<RemoveNetwork> = async ({ name, id }, on) => {
  const before = await on.here.engine.networks({ ms: callMs });
  if (!before.ok) return undone(before.trouble, on.node);
  const known = asNetworkId(id);
  if (known === undefined) return impossible(text`${name} has no id that a network can have`);
  if (!before.value.some((one) => one.id === id)) return unchanged;
  const removed = await on.here.control.engine.removeNetwork(known, { ms: callMs });
  return removed.ok ? done : undone(removed.trouble, on.node);
};
