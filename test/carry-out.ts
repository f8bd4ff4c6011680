/**
 * What a plan's steps do to a cluster, as far as the next plan can see it: enough to ask whether a plan, carried out, or
 * broken off anywhere, leads where the spec wants. The lab asks the same of real hosts.
 */
import type { Container, EngineInfo, EngineNetwork, SwarmNode } from "../src/domain/engine.ts";
import { effectiveConfig } from "../src/domain/flags/effective-config.ts";
import { unitCommand } from "../src/domain/flags/unit.ts";
import type { DaemonSources } from "../src/domain/host.ts";
import { asContainerId, asNetworkId, type NodeName } from "../src/domain/ids.ts";
import type { Membership } from "../src/domain/membership.ts";
import type { Change, ContainerDefinition, FileEdit, NetworkDefinition, Sha256 } from "../src/domain/plan/change.ts";
import { findImage } from "../src/domain/plan/image-names.ts";
import type { Step } from "../src/domain/plan/step.ts";
import type { NodeSurvey } from "../src/domain/plan/survey.ts";
import type { NodeSnapshot } from "../src/domain/snapshot.ts";
import { clean, text } from "../src/domain/text.ts";
import { good, type Outcome } from "../src/domain/trouble.ts";
import { fresh } from "./healthy-clusters.ts";
import type { BareCluster } from "./planned.ts";
import { container as containerOf, engineInfo, overlay } from "./snapshots.ts";

/** The cluster once `steps` are done, one after the other. */
export const carryOut = (cluster: BareCluster, steps: readonly Step[]): BareCluster =>
  steps.reduce((before, step) => done(before, step), cluster);

function done(cluster: BareCluster, { node, change }: Step): BareCluster {
  switch (change.kind) {
    case "load-image":
      return withSurvey(cluster, node, (survey) => ({
        ...survey,
        images: [...survey.images, loaded(cluster, change)],
      }));
    case "create-container":
      return withContainers(cluster, node, (all) => [...all, created(cluster, node, change.definition)]);
    case "start-container":
      return withContainers(cluster, node, (all) =>
        all.map((one) => (one.id === change.id ? { ...one, state: "running" } : one)),
      );
    case "connect-container":
      return withContainers(cluster, node, (all) =>
        all.map((one) =>
          one.id === change.id
            ? { ...one, attachments: [...one.attachments, ...attached(cluster, node, change.network)] }
            : one,
        ),
      );
    case "remove-container":
      return withContainers(cluster, node, (all) => all.filter((one) => one.id !== change.id));
    case "await-store":
      return withStore(cluster, change);
    case "configure-engine":
      return configured(cluster, node, change);
    case "create-network":
      return (change.seenBy.length > 0 ? change.seenBy : [node]).reduce(
        (before, name) => withNetworks(before, name, (all) => [...all, made(name, change.definition, change.seenBy)]),
        cluster,
      );
    case "remove-network":
      return withNetworks(cluster, node, (all) => all.filter((one) => one.id !== change.id));
    case "init-swarm":
      return inSwarm(cluster, node, "manager");
    case "join-swarm":
      return inSwarm(cluster, node, change.role);
    case "leave-swarm":
      return outOfSwarm(cluster, node, change.id);
    case "place-certificates":
    // Nothing of these is in a snapshot or survey of nodes.
    case "condor-config":
    case "condor-install":
    case "condor-forget":
      return cluster;
  }
}

function withNode(cluster: BareCluster, name: NodeName, to: (node: NodeSnapshot) => NodeSnapshot): BareCluster {
  const node = cluster.seen.nodes.get(name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return { ...cluster, seen: { ...cluster.seen, nodes: new Map(cluster.seen.nodes).set(name, to(node)) } };
}

function withSurvey(cluster: BareCluster, name: NodeName, to: (survey: NodeSurvey) => NodeSurvey): BareCluster {
  const survey: Outcome<NodeSurvey> | undefined = cluster.survey.get(name);
  if (survey?.ok !== true) throw new Error(`no survey of ${name}`);
  return { ...cluster, survey: new Map(cluster.survey).set(name, good(to(survey.value))) };
}

const valueOfPart = <T>(part: { state: string; value?: T }): T => {
  if (part.state !== "fresh" || part.value === undefined) throw new Error(`a part is ${part.state}`);
  return part.value;
};

const withContainers = (
  cluster: BareCluster,
  name: NodeName,
  to: (all: readonly Container[]) => readonly Container[],
): BareCluster =>
  withNode(cluster, name, (node) => {
    const before = valueOfPart<ReadonlyMap<string, Container>>(node.containers);
    return { ...node, containers: fresh(new Map(to([...before.values()]).map((one) => [one.id, one]))) };
  });

const withNetworks = (
  cluster: BareCluster,
  name: NodeName,
  to: (all: readonly EngineNetwork[]) => readonly EngineNetwork[],
): BareCluster =>
  withNode(cluster, name, (node) => ({
    ...node,
    networks: fresh(to(valueOfPart<readonly EngineNetwork[]>(node.networks))),
  }));

const withEngine = (cluster: BareCluster, name: NodeName, changes: Partial<EngineInfo>): BareCluster =>
  withNode(cluster, name, (node) => ({
    ...node,
    engine: fresh({ ...valueOfPart<EngineInfo>(node.engine), ...changes }),
  }));

const hex = (words: string): string => Buffer.from(words).toString("hex");

function loaded(cluster: BareCluster, { image, from }: Extract<Change, { kind: "load-image" }>) {
  const source = from.kind === "node" ? cluster.survey.get(from.node) : undefined;
  const found = source?.ok === true ? findImage(image, source.value.images) : undefined;
  if (from.kind === "node" && found === undefined) throw new Error(`${from.node} has no ${image}`);
  return found ?? { id: `sha256:${hex(image).padEnd(64, "0").slice(0, 64)}`, tags: [image], bytes: 1e6 };
}

/** Refuses what an engine refuses: no such image, a name taken, no such network. */
function created(cluster: BareCluster, node: NodeName, definition: ContainerDefinition): Container {
  const survey = cluster.survey.get(node);
  if (survey?.ok !== true || findImage(definition.image, survey.value.images) === undefined) {
    throw new Error(`No such image: ${definition.image} on ${node}`);
  }
  const others = valueOfPart<ReadonlyMap<string, Container>>(must(cluster, node).containers);
  if ([...others.values()].some((one) => one.name === definition.name)) throw new Error(`Conflict: ${definition.name}`);
  const id = asContainerId(hex(`${node}/${definition.name}`).padEnd(64, "0").slice(0, 64));
  if (id === undefined) throw new Error("no id");
  const { network } = definition;
  return containerOf(definition.name, node, {
    id,
    image: clean(definition.image),
    labels: Object.entries(definition.labels).map(([name, value]) => ({ name: clean(name), value: clean(value) })),
    attachments: network === undefined || network === "host" ? [] : attached(cluster, node, network),
  });
}

const must = (cluster: BareCluster, name: NodeName): NodeSnapshot => {
  const node = cluster.seen.nodes.get(name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
};

/** A swarm's overlay comes to a node with its first container. Everybody on it has an address of its own. */
function attached(cluster: BareCluster, node: NodeName, network: string): Container["attachments"] {
  const all = [...cluster.seen.nodes.values()].flatMap((one) => valueOfPart<readonly EngineNetwork[]>(one.networks));
  const found = all.find((one) => one.name === network && (one.node === node || one.scope !== "local"));
  if (found === undefined) throw new Error(`network ${network} not found on ${node}`);
  const holders = [...cluster.seen.nodes.values()]
    .flatMap((one) => [...valueOfPart<ReadonlyMap<string, Container>>(one.containers).values()])
    .filter((one) => one.attachments.some((place) => place.network === network));
  const address = clean(`10.10.10.${2 + holders.length}`);
  return [{ network: found.name, networkId: found.id, address, mac: undefined }];
}

function made(node: NodeName, definition: NetworkDefinition, seenBy: readonly NodeName[]): EngineNetwork {
  const { name, driver, subnet, gateway, range, parent, mtu, attachable } = definition;
  const local = driver === "macvlan";
  const id = asNetworkId(
    hex(local ? `${node}${name}` : name)
      .padEnd(64, "0")
      .slice(0, 64),
  );
  if (id === undefined) throw new Error("no id");
  return overlay(node, {
    ...{ id, name: clean(name), driver: clean(driver), mtu, attachable },
    scope: clean(local ? "local" : seenBy.length > 0 ? "global" : "swarm"),
    parent: parent === undefined ? undefined : clean(parent),
    subnets:
      subnet === undefined
        ? []
        : [
            {
              subnet: clean(subnet),
              gateway: gateway === undefined ? undefined : clean(gateway),
              range: range === undefined ? undefined : clean(range),
            },
          ],
  });
}

/** A server answers when its container runs; agents are members as well. */
function withStore(cluster: BareCluster, { store, servers }: Extract<Change, { kind: "await-store" }>): BareCluster {
  const before = cluster.seen.membership;
  const told = before?.state === "fresh" ? before.value : undefined;
  const own = [...cluster.seen.nodes.values()].filter((node) =>
    [...valueOfPart<ReadonlyMap<string, Container>>(node.containers).values()].some(
      (one) => one.name === store && one.state === "running",
    ),
  );
  for (const server of servers) {
    if (!own.some((node) => server.startsWith(`${node.address}:`))) throw new Error(`${server} does not answer`);
  }
  const known = told?.members ?? [];
  const [first] = servers;
  const membership: Membership = {
    ...{ kind: store, endpoint: told?.endpoint ?? clean(first ?? ""), version: undefined, latencyMs: 1 },
    leader: told?.leader ?? clean(first ?? ""),
    members: [
      ...known,
      ...servers
        .filter((server) => !known.some((one) => one.address === server))
        .map((server, i) => ({
          name: clean(server),
          role: told === undefined ? ("server" as const) : ("client" as const),
          state: told === undefined && i === 0 ? ("leader" as const) : ("alive" as const),
          address: clean(server),
        })),
    ],
    ...{ registrations: told?.registrations ?? [], overlays: [], endpoints: [] },
  };
  return { ...cluster, seen: { ...cluster.seen, membership: fresh(membership) } };
}

function configured(
  cluster: BareCluster,
  name: NodeName,
  { edits, take, joins }: Extract<Change, { kind: "configure-engine" }>,
): BareCluster {
  const written = withSurvey(cluster, name, (survey) =>
    edits.reduce((before, edit) => edited(before, edit, take), survey),
  );
  const survey = written.survey.get(name);
  if (survey?.ok !== true) throw new Error("no survey");
  const { flags, conflicts, fileProblem } = effectiveConfig(survey.value.sources);
  if (conflicts.length > 0 || fileProblem !== undefined)
    throw new Error(`dockerd of ${name} takes no such configuration`);
  const value = (flag: string) => flags.find((one) => one.name === flag)?.value;
  const engine = valueOfPart<EngineInfo>(must(cluster, name).engine);
  const loads = take === "restart" || engine.store === undefined;
  const store = loads ? value("cluster-store") : engine.store;
  const said = value("cluster-advertise");
  const advertise = said?.replace(/^ens33:/, `${must(cluster, name).address}:`);
  const next = withEngine(written, name, {
    store,
    advertise: store === undefined ? undefined : loads && advertise !== undefined ? clean(advertise) : engine.advertise,
    mode: store === undefined ? (engine.mode === "swarm" ? "swarm" : "standalone") : "cluster-store",
  });
  if (joins !== undefined && store !== joins.store) throw new Error(`${name} joined ${store}, not ${joins.store}`);
  const gossip = {
    protocol: "tcp" as const,
    address: must(cluster, name).address,
    port: 7946,
    process: clean("dockerd"),
  };
  const gossips = store === undefined ? [] : [gossip];
  if (take === "reload") {
    return withSurvey(next, name, (before) => ({
      ...before,
      listening: [...before.listening.filter((one) => one.port !== gossip.port), ...gossips],
    }));
  }
  const hosts = flags.filter((flag) => flag.name === "host" && /:\d+$/.test(flag.value));
  const opened = hosts.map((host) => ({
    protocol: "tcp" as const,
    address: "0.0.0.0",
    port: Number(/\d+$/.exec(host.value)?.[0]),
    process: clean("dockerd"),
  }));
  return withSurvey(next, name, (before) => ({ ...before, listening: [...opened, ...gossips] }));
}

/** Writes nothing over anything but what the plan was made from. */
function edited(survey: NodeSurvey, edit: FileEdit, take: "reload" | "restart"): NodeSurvey {
  const { sources, daemonJson } = survey;
  const isJson = edit.path === daemonJson.path;
  const present = isJson
    ? sources.daemonJson?.content
    : sources.unitFiles.find((file) => file.path === edit.path)?.content;
  if (present !== (edit.replaces === "absent" ? undefined : edit.replaces.content)) throw new Error("changed under us");
  const file = edit.content === "removed" ? undefined : { path: edit.path, content: edit.content };
  const units = sources.unitFiles.filter((one) => one.path !== edit.path);
  const next: DaemonSources = isJson
    ? { ...sources, daemonJson: file }
    : { ...sources, unitFiles: file === undefined ? units : [...units, file] };
  const argv = unitCommand(next.unitFiles, next.environmentFiles).map((one) => one.text);
  return {
    ...survey,
    sources: take === "restart" ? { ...next, process: { pid: 500, argv } } : next,
    daemonJson: isJson
      ? {
          ...daemonJson,
          sha256: file === undefined ? undefined : (hex(file.content).padEnd(64, "0").slice(0, 64) as Sha256),
        }
      : daemonJson,
  };
}

function inSwarm(cluster: BareCluster, name: NodeName, role: "manager" | "worker"): BareCluster {
  const { swarm } = cluster.seen;
  const { address } = must(cluster, name);
  const nodes = swarm?.nodes.state === "fresh" ? swarm.nodes.value : [];
  const own: SwarmNode = {
    ...{ id: text`id-of-${name}`, hostname: name, address, role, availability: "active", state: "ready" },
    manager:
      role === "manager"
        ? { leader: nodes.length === 0, reachability: "reachable", address: text`${address}:2377` }
        : undefined,
  };
  const joined = withEngine(cluster, name, {
    mode: "swarm",
    swarm: {
      ...engineInfo().swarm,
      ...{ state: "active", nodeId: own.id, nodeAddress: address, manager: role === "manager" },
      clusterId: role === "manager" ? clean("cluster") : undefined,
    },
  });
  return { ...joined, seen: { ...joined.seen, swarm: { via: swarm?.via ?? name, nodes: fresh([...nodes, own]) } } };
}

function outOfSwarm(cluster: BareCluster, name: NodeName, id: string): BareCluster {
  const { swarm } = cluster.seen;
  const nodes = swarm?.nodes.state === "fresh" ? swarm.nodes.value.filter((one) => one.id !== id) : [];
  const left = withEngine(cluster, name, { mode: "standalone", swarm: engineInfo().swarm });
  const via = nodes.find((one) => one.manager !== undefined)?.hostname;
  return {
    ...left,
    seen: { ...left.seen, swarm: via === undefined ? undefined : { via: via as NodeName, nodes: fresh(nodes) } },
  };
}
