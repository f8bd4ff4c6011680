import { lineOf } from "../command-line.ts";
import type { Container } from "../engine.ts";
import type { ContainerDefinition } from "../plan/change.ts";
import type { ContainerSpec, Spec } from "../spec/spec.ts";
import type { SafeText } from "../text.ts";
import { emptyLaunch, type LaunchDraft, type Restart, restarts } from "./draft.ts";
import type { LaunchGround } from "./ground.ts";
import { nameHolder, namesAfter, seriesOf } from "./names.ts";
import { launchNetworks } from "./networks.ts";

/** Where the operator was when launching began: names of nodes and networks, ids of containers. */
export interface LaunchFrom {
  /** Nodes that are marked, or the one under the cursor. */
  nodes: readonly string[];
  /** The network under the cursor. */
  network: string | undefined;
  /** The container under the cursor. */
  container: string | undefined;
}

/**
 * What the form begins with. Like the container under the cursor; else a container of the file that is missing; else one
 * more like the file's last. The network and the nodes under the cursor win.
 */
export function draftFrom(from: LaunchFrom, ground: LaunchGround): LaunchDraft {
  const { spec } = ground;
  const under = ground.containers.find((one) => one.id === from.container);
  const missing = under === undefined ? missingContainer(spec, from, ground) : undefined;
  const model = missing ?? modelOf(spec, under, from);
  const like = model === undefined ? emptyLaunch : likeSpec(model);
  const network = from.network ?? (under === undefined ? undefined : networkOf(under, ground)) ?? like.network;
  const nodes =
    from.nodes.length > 0 ? from.nodes : [under?.node ?? missing?.node ?? quietest(ground)].filter((one) => one !== "");
  const draft: LaunchDraft = {
    ...like,
    network,
    nodes: nodes.join(" "),
    image: under?.image ?? like.image,
    address: missing !== undefined && network === like.network ? like.address : "",
  };
  if (missing !== undefined) return draft;
  const series = seriesOf(under?.name ?? model?.name ?? "node");
  const count = Math.max(1, from.nodes.length);
  const [first = ""] = namesAfter(series, 1, ground);
  return { ...draft, count: String(count), name: count > 1 ? series : first, hostname: "" };
}

/** The draft with what the container under the cursor was made of, as its engine tells it; fields in `touched` stay. */
export function likeDefinition(
  draft: LaunchDraft,
  made: ContainerDefinition,
  touched: ReadonlySet<string>,
): LaunchDraft {
  const told = {
    privileged: made.privileged,
    remove: made.remove,
    restart: restartOf(made.restart),
    command: lineOf(made.command),
    environment: variables(made.environment),
    mounts: lineOf(made.mounts),
  };
  return { ...draft, ...Object.fromEntries(Object.entries(told).filter(([field]) => !touched.has(field))) };
}

/** A container of the file that no node has; on the node or network under the cursor, where there is one. */
function missingContainer(spec: Spec, from: LaunchFrom, ground: LaunchGround): ContainerSpec | undefined {
  // Until every node has told what it has, nobody knows what is missing.
  if (from.nodes.length > 1 || !ground.nodes.every((one) => one.isHeard)) return undefined;
  const [node] = from.nodes;
  return spec.containers.find(
    (one) =>
      nameHolder(one.name, ground) === undefined &&
      (node === undefined || one.node === node) &&
      (from.network === undefined || one.network === from.network),
  );
}

function modelOf(spec: Spec, under: Container | undefined, from: LaunchFrom): ContainerSpec | undefined {
  // One that is not in the file is like nothing but itself.
  if (under !== undefined) return spec.containers.find((one) => one.name === under.name);
  return spec.containers.findLast((one) => one.network === from.network) ?? spec.containers.at(-1);
}

const likeSpec = (one: ContainerSpec): LaunchDraft => ({
  ...emptyLaunch,
  ...{ image: one.image, network: one.network ?? "", name: one.name, address: one.address ?? "" },
  hostname: one.hostname === undefined || one.hostname === one.name ? "" : one.hostname,
  ...{ privileged: one.privileged, remove: one.remove, restart: restartOf(one.restart) },
  ...{ command: lineOf(one.command), environment: variables(one.environment), mounts: lineOf(one.mounts) },
});

const restartOf = (policy: string | undefined): Restart =>
  restarts.find((one) => one === policy?.replace(/:\d+$/, "")) ?? "no";

const variables = (environment: Readonly<Record<string, string>>): string =>
  lineOf(Object.entries(environment).map(([name, value]) => `${name}=${value}`));

/** The network of the container that reaches furthest. */
function networkOf(container: Container, ground: LaunchGround): SafeText | undefined {
  const names = new Set<string>(container.attachments.map((one) => one.network));
  return launchNetworks(ground).find((one) => names.has(one.name))?.name;
}

/** Of the nodes that answer, the one with the fewest running containers. */
function quietest({ nodes }: LaunchGround): string {
  const [best] = nodes.filter((one) => one.isLive).sort((a, b) => a.running - b.running);
  return best?.name ?? "";
}
