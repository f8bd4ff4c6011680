import type { EngineNetwork } from "../../domain/engine.ts";
import { asNetworkId, type NodeName } from "../../domain/ids.ts";
import type { CreateNetwork, NetworkDefinition, RemoveNetwork } from "../../domain/plan/change.ts";
import { networkNotMadeFrom } from "../../domain/plan/networks.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
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
  patiently,
  type Result,
  takenMeanwhile,
  unchanged,
  undone,
} from "./executor.ts";

/** A network of the store is seen by every engine within this, ms: they watch the store. */
const seenMs = 15_000;

const find = async (engine: Engine, name: string): Promise<Outcome<EngineNetwork | undefined>> => {
  const all = await engine.networks({ ms: callMs });
  return all.ok ? good(all.value.find((one) => one.name === name)) : all;
};

/** Makes the network, unless it is there, and waits until every node of `seenBy` lists it by the same id. */
export const createNetwork: Executor<CreateNetwork> = async ({ definition, seenBy }, on) => {
  const name = clean(definition.name);
  const found = () => patiently(on, () => find(on.here.engine, definition.name));
  const before = await found();
  if (!before.ok) return undone(before.trouble, on.node);
  const foreign = before.value && notOurs(definition, before.value, on);
  if (foreign !== undefined) return foreign;
  let id = before.value?.id;
  if (id === undefined) {
    const created = await on.here.control.engine.createNetwork(definition, { ms: callMs });
    if (created.ok) id = created.value;
    else {
      if (!isUnknown(created.trouble)) return undone(created.trouble, on.node);
      // Whether it was made can only be seen.
      const made = await found();
      if (!made.ok) return failed(created.trouble, on.node, text`nobody knows whether ${name} was made`);
      if (made.value === undefined) return undone(created.trouble, on.node);
      const others = notOurs(definition, made.value, on);
      if (others !== undefined) return others;
      id = made.value.id;
    }
  }
  const missing = await notSeenBy(seenBy, id, definition.name, on);
  if (missing.length === 0) return before.value === undefined ? done : unchanged;
  const error = text`${name} was made on ${on.node}, and ${joined(missing)} did not see it within ${seenMs / 1000} s`;
  const remedy = text`Look at the store and at "docker network ls" on ${joined(missing)}; then apply again.`;
  const stands = text`the network ${name} stands`;
  if (before.value !== undefined) return { state: "failed", error, remedy, stands };
  const made = id;
  const removed = await patiently(on, () => on.here.control.engine.removeNetwork(made, { ms: callMs }));
  return removed.ok ? { state: "undone", error, remedy } : { state: "failed", error, remedy, stands };
};

/** The end for a network that has the name and is another; undefined for one that the definition may have made. */
function notOurs(definition: NetworkDefinition, there: EngineNetwork, on: Executing): Result | undefined {
  const wrong = networkNotMadeFrom(definition, there);
  return wrong.length === 0 ? undefined : takenMeanwhile(text`a network ${there.name}`, wrong, on.node);
}

/** Nodes that do not list the network by that id, once all had their time. */
async function notSeenBy(nodes: readonly NodeName[], id: string, name: string, on: Executing): Promise<SafeText[]> {
  on.says(text`waiting until every node lists it`);
  const seen = await Promise.all(
    nodes.map((node) =>
      awaited(on.clock, seenMs, 200, async () => {
        const engine = on.other(node)?.engine;
        const network = engine === undefined ? undefined : await find(engine, name);
        return network?.ok && network.value?.id === id ? true : undefined;
      }),
    ),
  );
  return nodes.filter((_, index) => seen[index] !== true);
}

/** Removes the network of that id; one of its name that is another stays. */
export const removeNetwork: Executor<RemoveNetwork> = async ({ name, id }, on) => {
  const before = await patiently(on, () => on.here.engine.networks({ ms: callMs }));
  if (!before.ok) return undone(before.trouble, on.node);
  const known = asNetworkId(id);
  if (known === undefined) return impossible(text`${name} has no id that a network can have`);
  if (!before.value.some((one) => one.id === id)) return unchanged;
  const removed = await patiently(on, () => on.here.control.engine.removeNetwork(known, { ms: callMs }));
  return removed.ok ? done : undone(removed.trouble, on.node);
};
