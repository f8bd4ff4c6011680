import { isUp } from "../link.ts";
import { text } from "../text.ts";
import { type Check, nodesOf } from "./check.ts";

/** A node that is in a swarm, and not in the one that the others are in. */
export const nodeInAnotherSwarm: Check = {
  id: "node-in-another-swarm",
  find: (seen) => {
    const { swarm } = seen;
    if (swarm?.nodes.state !== "fresh") return [];
    const { via, nodes } = swarm;
    const members = new Set(nodes.value.map((node) => node.id));
    return nodesOf(seen).flatMap((node) => {
      if (!isUp(node.link) || node.engine.state !== "fresh" || node.name === via) return [];
      const { state, nodeId } = node.engine.value.swarm;
      // A list that is older than the node's own word may just not know it yet.
      if (state !== "active" || nodeId === undefined || members.has(nodeId) || nodes.at < node.engine.at) return [];
      return [
        {
          severity: "error",
          title: text`${node.name} is in another swarm than ${via}`,
          node: node.name,
          evidence: [text`its swarm node id ${nodeId} is not among the ${members.size} that ${via} lists`],
          remedy: text`Run "docker swarm leave --force" on ${node.name}, then the command that "docker swarm join-token worker" prints on ${via}; services of the other swarm stop there.`,
        },
      ];
    });
  },
};
