import type { SwarmNode } from "../engine.ts";
import type { Finding } from "../finding.ts";
import { nodeInAnotherSwarm } from "../findings/node-in-another-swarm.ts";
import type { Snapshot } from "../snapshot.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { hostPort } from "./advertise.ts";
import { commandPreview, commandsPreview } from "./command.ts";
import { type Drafted, makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Step, StepId } from "./step.ts";

/** What managers listen on (docker swarm init --listen-addr). */
export const managerPort = 2377;
/** So many survive the loss of one; more cost time at every change. */
const managersWanted = 3;

export interface SwarmDraft extends Drafted {
  /** The manager that networks are made on; undefined when there is no node at all. */
  manager: Site | undefined;
  /** What a node has to wait for before its containers may join networks. */
  joinedBy(site: Site): readonly StepId[];
}

/** Steps that bring the nodes into one swarm. A node that is in another one is never made to leave it. */
export function draftSwarm(sites: readonly Site[], seen: Snapshot): SwarmDraft {
  const steps = new Map<Site, Step>();
  const obstacles = forbidden(sites, seen);
  const members = sites.filter((site) => site.engine.swarm.state === "active");
  const managers = members.filter((site) => site.engine.swarm.manager);
  const standing = managers.find((site) => site.name === seen.swarm?.via) ?? managers[0];
  const first = standing ?? sites[0];
  const draft = {
    manager: first,
    joinedBy: (site: Site) => [steps.get(site)?.id].filter((id) => id !== undefined),
  };
  if (first === undefined || obstacles.some((one) => one.severity === "error")) {
    return { ...draft, steps: [], obstacles };
  }
  const init = standing === undefined ? initStep(first) : undefined;
  if (init !== undefined) steps.set(first, init);
  const joining = sites.filter((site) => site !== first && !members.includes(site));
  const newManagers = managersAmong(joining, Math.max(1, managers.length), sites.length);
  let before = init?.id;
  for (const site of joining) {
    const role = newManagers.includes(site) ? "manager" : "worker";
    const needs = [(role === "manager" ? before : init?.id) ?? []].flat();
    const step = joinStep(site, role, first, addressOf(first, seen), needs);
    steps.set(site, step);
    // Raft takes in one manager at a time; a second one that comes at once may lose the first its majority.
    if (role === "manager") before = step.id;
  }
  return { ...draft, steps: [...steps.values()], obstacles };
}

/** The first of those that join, as many as bring the managers to three; none when they would stop short: two are worse than one. */
function managersAmong(joining: readonly Site[], managers: number, nodes: number): readonly Site[] {
  const wanted = nodes >= managersWanted ? managersWanted - managers : 0;
  return wanted > 0 && joining.length >= wanted ? joining.slice(0, wanted) : [];
}

/** Where a manager is reached: as the swarm knows it, else where it will be. */
function addressOf(site: Site, { swarm }: Snapshot): SafeText {
  const nodes: readonly SwarmNode[] = swarm?.nodes.state === "fresh" ? swarm.nodes.value : [];
  const known = nodes.find((one) => one.id === site.engine.swarm.nodeId)?.manager?.address;
  return known ?? hostPort(site.engine.swarm.nodeAddress ?? site.advertise.address, managerPort);
}

function initStep(site: Site): Step {
  const advertise = site.advertise.said;
  return makeStep({
    id: stepId(site.name, text`swarm`),
    node: site.name,
    title: text`begin a swarm on ${site.name}`,
    needs: [],
    change: { kind: "init-swarm", advertise },
    preview: [commandPreview("docker", "swarm", "init", "--advertise-addr", advertise)],
    proof: text`the engine is an active manager at ${site.advertise.address}`,
    undo: text`the node leaves its new swarm again`,
  });
}

function joinStep(
  site: Site,
  role: "manager" | "worker",
  via: Site,
  manager: SafeText,
  needs: readonly StepId[],
): Step {
  const advertise = site.advertise.said;
  return makeStep({
    id: stepId(site.name, text`swarm`),
    node: site.name,
    title: text`join ${site.name} to the swarm as ${clean(role)}`,
    needs,
    change: { kind: "join-swarm", role, via: via.name, manager, advertise },
    preview: [
      commandsPreview([
        [
          "docker",
          "swarm",
          "join",
          "--advertise-addr",
          advertise,
          "--token",
          `TOKEN-FOR-A-${role.toUpperCase()}`,
          manager,
        ],
      ]),
    ],
    proof: text`${via.name} lists it as ready`,
    undo:
      role === "manager"
        ? text`${via.name} demotes the node, and it leaves the swarm again; if ${via.name} cannot, it stays`
        : text`the node leaves the swarm again`,
  });
}

function forbidden(sites: readonly Site[], seen: Snapshot): Finding[] {
  const members = sites.filter((site) => site.engine.swarm.state === "active");
  const managers = members.filter((site) => site.engine.swarm.manager);
  return [
    ...sites.flatMap((site) => [...inTrouble(site), ...incompatible(site)]),
    ...nodeInAnotherSwarm.find(seen, 0).map((found) => ({ id: nodeInAnotherSwarm.id, ...found })),
    ...(members.length > 0 && managers.length === 0 ? [foreign(members)] : []),
    ...severalSwarms(managers),
    ...(managers.length > 0 && seen.swarm?.nodes.state !== "fresh" ? [unheard(managers)] : []),
  ];
}

function inTrouble({ name, engine }: Site): Finding[] {
  const { state, error } = engine.swarm;
  if (state === "active" || state === "inactive") return [];
  return [
    obstacleOn(name, "swarm-state", text`The swarm on ${name} is in state ${clean(state)}`, {
      evidence: error === undefined ? [] : [error],
      remedy: text`Bring it to active first: "docker info" on ${name} says what it waits for; a locked one needs "docker swarm unlock".`,
    }),
  ];
}

/** What swarm mode refuses (moby daemon/cluster, IsSwarmCompatible). */
function incompatible({ name, engine }: Site): Finding[] {
  if (engine.swarm.state === "active") return [];
  const found: Finding[] = [];
  if (engine.liveRestore) {
    found.push(
      obstacleOn(name, "live-restore", text`live-restore keeps ${name} out of swarm mode`, {
        evidence: [text`"--live-restore daemon configuration is incompatible with swarm mode"`],
        remedy: text`Take live-restore out of dockerd's configuration on ${name} and run "systemctl reload docker": no container stops.`,
      }),
    );
  }
  if (engine.store !== undefined && engine.store !== "") {
    found.push(
      obstacleOn(name, "engine-in-store", text`${name} uses an external store, which keeps it out of swarm mode`, {
        evidence: [text`cluster-store ${engine.store}`],
        remedy: text`Take the node out of its cluster first, or write "mode: cluster-store" in ovl.yaml.`,
      }),
    );
  }
  return found;
}

const foreign = (members: readonly Site[]): Finding =>
  obstacleOn(
    members[0]?.name,
    "node-in-another-swarm",
    text`${joined(members.map((site) => site.name))} already in a swarm whose managers are not in ovl.yaml`,
    {
      evidence: members.map(
        ({ name, engine }) => text`${name}: node id ${engine.swarm.nodeId ?? text`not told`}, a worker`,
      ),
      remedy: text`Add a manager of that swarm to ovl.yaml, or run "docker swarm leave" on the node if it may leave: services of that swarm stop there.`,
    },
  );

function severalSwarms(managers: readonly Site[]): Finding[] {
  const swarms = Map.groupBy(managers, ({ engine }) => engine.swarm.clusterId);
  swarms.delete(undefined);
  if (swarms.size < 2) return [];
  return [
    obstacleOn(undefined, "node-in-another-swarm", text`The nodes are in ${swarms.size} swarms`, {
      evidence: [...swarms].map(([id, those]) => text`${id ?? text``}: ${joined(those.map((site) => site.name))}`),
      remedy: text`Decide for one and run "docker swarm leave --force" on the managers of the other; its services stop with it.`,
    }),
  ];
}

const unheard = (managers: readonly Site[]): Finding =>
  obstacleOn(managers[0]?.name, "swarm-not-answering", text`The swarm's managers do not tell who is in it`, {
    evidence: [text`asked: ${joined(managers.map((site) => site.name))}`],
    remedy: text`Bring managers back until more than half of them answer, then ask for the plan again.`,
  });
