import type { Container, EngineInfo, EngineNetwork } from "../engine.ts";
import type { NodeLoad } from "../host.ts";
import type { ContainerId, NetworkId, NodeName } from "../ids.ts";
import type { EndpointRecord } from "../membership.ts";
import { lastSeen } from "../part.ts";
import type { Image } from "../plan/survey.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { withoutPrefix } from "../subnets.ts";
import type { SafeText } from "../text.ts";
import { condition, isLive } from "../views/condition.ts";

/** An address of a network that somebody has. */
export interface HeldAddress {
  address: SafeText;
  /** The container, or what the engine itself keeps it for. */
  holder: SafeText;
}

/** What is asked of the engines when something is launched; the snapshot does not hold it. What was not heard yet is not in it. */
export interface LaunchSurvey {
  images: ReadonlyMap<NodeName, readonly Image[]>;
  hostnames: ReadonlyMap<ContainerId, SafeText>;
  held: ReadonlyMap<NetworkId, readonly HeldAddress[]>;
  loads: ReadonlyMap<NodeName, NodeLoad>;
}

export const nothingSurveyed: LaunchSurvey = {
  images: new Map(),
  hostnames: new Map(),
  held: new Map(),
  loads: new Map(),
};

/** A node as launching sees it. */
export interface LaunchNode {
  name: NodeName;
  /** Whether all of it answers; `word` says how it is otherwise. */
  isLive: boolean;
  word: SafeText;
  engine: EngineInfo | undefined;
  /** Whether its containers were ever heard of. */
  isHeard: boolean;
  running: number;
  /** Undefined: it was not heard yet. */
  load: NodeLoad | undefined;
  networks: readonly EngineNetwork[];
  /** Undefined: it was not heard yet. */
  images: readonly Image[] | undefined;
  /** The machine's own name and addresses. */
  hostname: SafeText | undefined;
  addresses: readonly SafeText[];
}

/** Everything that decides whether a container can be launched. */
export interface LaunchGround {
  spec: Spec;
  nodes: readonly LaunchNode[];
  /** Of all nodes, running or not; those of a lost node as they were last seen. */
  containers: readonly Container[];
  byName: ReadonlyMap<string, Container>;
  /** Endpoints in the store: also of engines that cannot be asked. */
  records: readonly EndpointRecord[];
  hostnames: ReadonlyMap<ContainerId, SafeText>;
  held: ReadonlyMap<NetworkId, readonly HeldAddress[]>;
}

/** The ground as it was last seen. `fresh`: containers of nodes that were asked just now. */
export function groundOf(
  spec: Spec,
  seen: Snapshot,
  survey: LaunchSurvey,
  fresh: ReadonlyMap<NodeName, readonly Container[]> = new Map(),
): LaunchGround {
  const nodes: LaunchNode[] = [];
  const containers: Container[] = [];
  for (const node of seen.nodes.values()) {
    const here = (fresh.get(node.name) ?? [...(lastSeen(node.containers)?.values() ?? [])]).filter(
      (one) => one.state !== "removing",
    );
    containers.push(...here);
    const facts = lastSeen(node.facts);
    nodes.push({
      name: node.name,
      isLive: isLive(node),
      word: condition(node).word,
      engine: lastSeen(node.engine),
      isHeard: fresh.has(node.name) || lastSeen(node.containers) !== undefined,
      running: here.filter((one) => one.state === "running").length,
      load: survey.loads.get(node.name),
      networks: lastSeen(node.networks) ?? [],
      images: survey.images.get(node.name),
      hostname: facts?.hostname,
      addresses: facts?.interfaces.flatMap((link) => link.addresses.map((one) => withoutPrefix(one) as SafeText)) ?? [],
    });
  }
  const membership = seen.membership === undefined ? undefined : lastSeen(seen.membership);
  return {
    ...{ spec, nodes, containers, records: membership?.endpoints ?? [] },
    byName: new Map(containers.map((one) => [one.name, one])),
    ...{ hostnames: survey.hostnames, held: survey.held },
  };
}
