import type { Container } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { ContainerId, NetworkId, NodeName } from "../../domain/ids.ts";
import { obstacleOf } from "../../domain/launch/assess.ts";
import { groundOf, type HeldAddress, type LaunchGround } from "../../domain/launch/ground.ts";
import { registryOf, wayOf } from "../../domain/launch/images.ts";
import { lastSeen } from "../../domain/part.ts";
import type { Image } from "../../domain/plan/survey.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { ContainerSpec, Spec } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { isLive } from "../../domain/views/condition.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { merged } from "./launch-look.ts";

const askMs = 15_000;

/** What is asked in the check. */
export interface CheckContext {
  spec: Spec;
  seen: Snapshot;
  access: ReadonlyMap<NodeName, NodeAccess>;
}

/** All of it as it is now, or why it cannot be launched; nothing is touched. */
export async function checkLaunch(
  containers: readonly ContainerSpec[],
  context: CheckContext,
): Promise<{ ok: true; ground: LaunchGround } | { ok: false; why: readonly SafeText[] }> {
  const asked = await freshGround(containers, context);
  if (!asked.ok) return asked;
  const { ground } = asked;
  const taken = containers.flatMap((one) => obstacleOf(one, ground) ?? []);
  if (taken.length > 0) return { ok: false, why: [...new Set(taken)] };
  const missing = await missingImages(containers, ground, context.access);
  return missing.length > 0 ? { ok: false, why: missing } : { ok: true, ground };
}

/** Every node that answers tells its containers and images anew; of the others counts what was seen last. */
async function freshGround(
  containers: readonly ContainerSpec[],
  { spec, seen, access }: CheckContext,
): Promise<{ ok: true; ground: LaunchGround } | { ok: false; why: readonly SafeText[] }> {
  const within = { ms: askMs };
  const targets = new Set(containers.map((one) => one.node));
  const wanted = new Set(containers.flatMap((one) => one.network ?? []));
  const listed = new Map<NodeName, readonly Container[]>();
  const images = new Map<NodeName, readonly Image[]>();
  const hostnames = new Map<ContainerId, SafeText>();
  let held: ReadonlyMap<NetworkId, readonly HeldAddress[]> = new Map();
  const why: SafeText[] = [];
  const askNode = async (name: NodeName, node: NodeAccess): Promise<void> => {
    const networks = (lastSeen(seen.nodes.get(name)?.networks ?? waiting) ?? []).filter((one) => wanted.has(one.name));
    const [containersNow, imagesNow, ...heldNow] = await Promise.all([
      node.engine.containers(within),
      node.control.engine.images(within),
      ...networks.map(async ({ id }) => ({ id, held: await node.control.inspection.heldAddresses(id, within) })),
    ]);
    if (!containersNow.ok || !imagesNow.ok) {
      const failed = [containersNow, imagesNow].find((one) => !one.ok);
      if (targets.has(name) && failed?.ok === false) {
        why.push(text`${name} cannot be asked: ${explain(failed.trouble, name).what}`);
      }
      return;
    }
    listed.set(name, containersNow.value);
    images.set(name, imagesNow.value);
    for (const one of heldNow) if (one.held.ok) held = merged(held, one.id, one.held.value);
    const ids = containersNow.value.map((one) => one.id);
    const named = await node.control.inspection.hostnames(ids, within);
    if (named.ok) for (const one of named.value) hostnames.set(one.container, one.hostname);
  };
  await Promise.all(
    [...access].map(([name, node]) => {
      return answers(seen, name) ? askNode(name, node) : undefined;
    }),
  );
  if (why.length > 0) return { ok: false, why };
  return { ok: true, ground: groundOf(spec, seen, { images, hostnames, held, loads: new Map() }, listed) };
}

const waiting = { state: "waiting", since: 0 } as const;

/** Images that no node has, and that their registry does not have either: a node asks it. */
async function missingImages(
  containers: readonly ContainerSpec[],
  ground: LaunchGround,
  access: ReadonlyMap<NodeName, NodeAccess>,
): Promise<SafeText[]> {
  const asked = new Map<string, NodeName>();
  for (const { image, node } of containers) {
    const way = wayOf(image, node, ground);
    if (way.way === "load" && way.change.from.kind === "registry") asked.set(image, node);
  }
  const answers = await Promise.all(
    [...asked].map(async ([image, node]): Promise<SafeText[]> => {
      const control = access.get(node)?.control;
      const has = await control?.inspection.registryHas(image, { ms: askMs });
      if (has === undefined || has.ok) return [];
      const { what } = explain(has.trouble, node);
      return [text`the image ${clean(image)} is on no node, and ${clean(registryOf(image))} does not give it: ${what}`];
    }),
  );
  return answers.flat();
}

/** Whether the node answered when it was last heard of. */
export function answers(seen: Snapshot, name: NodeName): boolean {
  const node = seen.nodes.get(name);
  return node !== undefined && isLive(node);
}
