import type { Finding } from "../finding.ts";
import { swarmNoQuorum } from "../findings/swarm-no-quorum.ts";
import type { Snapshot } from "../snapshot.ts";
import { text } from "../text.ts";
import { commandsPreview } from "./command.ts";
import { type Drafted, makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Step, StepId } from "./step.ts";

/** The node's tasks are moved away, it leaves, and a manager that stays takes it off the list; a manager is demoted first. */
export function leaveSwarm(site: Site, others: readonly Site[], seen: Snapshot, needs: readonly StepId[]): Drafted {
  const { nodeId, manager } = site.engine.swarm;
  const via = others.find(({ engine }) => engine.swarm.state === "active" && engine.swarm.manager);
  const quorum = swarmNoQuorum.find(seen, 0).map((found): Finding => ({ id: swarmNoQuorum.id, ...found }));
  const refused = [...quorum, ...(via === undefined || nodeId === undefined ? [noOther(site)] : [])];
  if (via === undefined || nodeId === undefined || refused.length > 0) return { steps: [], obstacles: refused };
  const commands = [
    ["docker", "node", "update", "--availability", "drain", nodeId],
    ...(manager ? [["docker", "node", "demote", nodeId]] : []),
    ["docker", "swarm", "leave"],
    ["docker", "node", "rm", nodeId],
  ];
  return {
    steps: [
      makeStep({
        id: stepId(site.name, text`swarm`),
        node: site.name,
        title: text`drain ${site.name}, let it leave the swarm, and have ${via.name} forget it`,
        needs,
        change: { kind: "leave-swarm", via: via.name, id: nodeId, role: manager ? "manager" : "worker" },
        preview: [commandsPreview(commands)],
        proof: text`its engine is in no swarm, and ${via.name} does not list it`,
        undo: text`until it has left, it is made available again${manager ? text`, and a manager` : text``}; then it is not`,
      }),
    ],
    obstacles: [],
  };
}

/**
 * A node that has left while nobody told its managers to forget it: by hand, or by a run that did not end. It stays on their
 * list as one that is down.
 */
export function forgetInSwarm(site: Site, others: readonly Site[], seen: Snapshot, needs: readonly StepId[]): Step[] {
  const via = others.find(({ engine }) => engine.swarm.state === "active" && engine.swarm.manager);
  const listed = seen.swarm?.nodes.state === "fresh" ? seen.swarm.nodes.value : [];
  if (via === undefined) return [];
  return listed
    .filter(({ hostname, address }) => hostname === site.facts.hostname && address === site.advertise.address)
    .map(({ id, role }) =>
      makeStep({
        id: stepId(site.name, text`swarm`, id),
        node: site.name,
        title: text`have ${via.name} forget ${site.name}, which has left the swarm`,
        needs,
        change: { kind: "leave-swarm", via: via.name, id, role },
        preview: [
          commandsPreview([
            ...(role === "manager" ? [["docker", "node", "demote", id]] : []),
            ["docker", "node", "rm", id],
          ]),
        ],
        proof: text`${via.name} does not list it`,
        undo: text`it is not: the node is in no swarm`,
      }),
    );
}

const noOther = (site: Site): Finding =>
  obstacleOn(site.name, "last-manager", text`No other manager of the swarm is there to let ${site.name} go`, {
    evidence: [text`with the last manager the swarm ends, and its networks with it`],
    remedy: text`Make another node a manager first: "docker node promote NODE" on ${site.name}.`,
  });
