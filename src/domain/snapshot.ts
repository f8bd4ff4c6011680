import type { DaemonConfig } from "./daemon.ts";
import type { Container, EngineInfo, EngineNetwork, SwarmNode, Usage } from "./engine.ts";
import type { HostFacts } from "./host.ts";
import type { ContainerId, NodeName } from "./ids.ts";
import type { LinkState } from "./link.ts";
import type { Membership } from "./membership.ts";
import type { Part } from "./part.ts";
import type { SafeText } from "./text.ts";
import type { Instant } from "./time.ts";

/** What was last observed of the cluster. Immutable: what did not change keeps its identity. */
export interface Snapshot {
  cluster: SafeText;
  /** In the order of the spec. */
  nodes: ReadonlyMap<NodeName, NodeSnapshot>;
  /** The external store; undefined when the spec has none. */
  membership: Part<Membership> | undefined;
  /** The swarm, as the manager on `via` tells it; undefined while no node is an active manager. */
  swarm: { via: NodeName; nodes: Part<readonly SwarmNode[]> } | undefined;
}

export interface NodeSnapshot {
  name: NodeName;
  /** The host that SSH connects to. */
  address: SafeText;
  /** Interface or address of the spec that carries cluster traffic. */
  advertise: SafeText | undefined;
  link: LinkState;
  engine: Part<EngineInfo>;
  containers: Part<ReadonlyMap<ContainerId, Container>>;
  networks: Part<readonly EngineNetwork[]>;
  facts: Part<HostFacts>;
  daemon: Part<DaemonConfig>;
  usage: ReadonlyMap<ContainerId, Usage>;
}

/** A snapshot in which nothing was seen yet. */
export function unseen(
  cluster: SafeText,
  nodes: readonly { name: NodeName; address: SafeText; advertise: SafeText | undefined }[],
  hasStore: boolean,
  now: Instant,
): Snapshot {
  const waiting = { state: "waiting", since: now } as const;
  return {
    cluster,
    nodes: new Map(
      nodes.map((node) => [
        node.name,
        {
          ...node,
          link: { state: "connecting", since: now, attempt: 1 } as const,
          engine: waiting,
          containers: waiting,
          networks: waiting,
          facts: waiting,
          daemon: waiting,
          usage: new Map(),
        },
      ]),
    ),
    membership: hasStore ? waiting : undefined,
    swarm: undefined,
  };
}
