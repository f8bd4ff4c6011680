import type { SwarmNode } from "../engine.ts";
import { isUp } from "../link.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import type { Trouble } from "../trouble.ts";
import { type Check, type Found, nodesOf } from "./check.ts";

/** What a manager says of itself when too few others answer (swarmkit manager/state/raft ErrLostLeadership, moby daemon/cluster). */
const lostQuorum = /does not have a leader|too few managers/i;

/** A swarm whose managers have no majority: what runs goes on, nothing can be changed. Also one that is locked or failing. */
export const swarmNoQuorum: Check = {
  id: "swarm-no-quorum",
  find: (seen) => {
    const asked = seen.swarm?.nodes;
    const told = asked?.state === "fresh" ? byManagers(asked.value) : [];
    const refusals = asked?.state === "stale" || asked?.state === "missing" ? refusal(asked.trouble, seen) : [];
    const complaints = [...refusals, ...nodesOf(seen).flatMap((node) => complaint(node))];
    if (told.length > 0) return told;
    if (complaints.length > 0) return [{ ...noMajority, evidence: complaints }];
    return nodesOf(seen).flatMap((node): Found[] => {
      if (!isUp(node.link) || node.engine.state !== "fresh") return [];
      const { state, error } = node.engine.value.swarm;
      if (state !== "error" && state !== "locked") return [];
      return [
        {
          severity: "error",
          title: text`The swarm on ${node.name} is in state ${clean(state)}`,
          node: node.name,
          evidence: error === undefined ? [] : [error],
          remedy:
            state === "locked"
              ? text`Run "docker swarm unlock" on ${node.name} with the key that "docker swarm unlock-key" shows on another manager.`
              : text`"journalctl -u docker" on ${node.name} tells more; a worker that cannot mend itself leaves with "docker swarm leave" and joins again.`,
        },
      ];
    });
  },
};

/** The manager answers, though not the question. */
function refusal(trouble: Trouble, seen: Snapshot): SafeText[] {
  const matches = trouble.kind === "engine-refused" && lostQuorum.test(trouble.detail);
  return matches ? [text`${seen.swarm?.via ?? text`a manager`}: ${trouble.detail}`] : [];
}

/** A manager without a majority stays "active" and says so in `Swarm.Error` of /info. */
function complaint(node: NodeSnapshot): SafeText[] {
  if (!isUp(node.link) || node.engine.state !== "fresh") return [];
  const { error } = node.engine.value.swarm;
  return error !== undefined && lostQuorum.test(error) ? [text`${node.name}: ${error}`] : [];
}

const noMajority: Omit<Found, "evidence"> = {
  severity: "error",
  title: text`The swarm has no majority of managers`,
  node: undefined,
  remedy: text`Bring managers back until more than half answer. Only when they are lost for good: "docker swarm init --force-new-cluster --advertise-addr ADDRESS" on one that is left.`,
};

function byManagers(nodes: readonly SwarmNode[]): Found[] {
  const managers = nodes.filter((node) => node.manager !== undefined);
  const reachable = managers.filter((node) => node.manager?.reachability === "reachable");
  if (managers.length === 0 || reachable.length * 2 > managers.length) return [];
  return [
    {
      ...noMajority,
      evidence: [
        text`${reachable.length} of ${managers.length} managers reachable`,
        joined(managers.map((node) => text`${node.hostname} ${clean(node.manager?.reachability ?? "unknown")}`)),
      ],
    },
  ];
}
