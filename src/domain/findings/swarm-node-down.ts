import { clean, text } from "../text.ts";
import type { Check } from "./check.ts";

/** A node that the swarm's managers do not hear; about 15 s after its last word. */
export const swarmNodeDown: Check = {
  id: "swarm-node-down",
  find: ({ swarm }) => {
    if (swarm?.nodes.state !== "fresh") return [];
    return swarm.nodes.value
      .filter(
        (node) =>
          node.state === "down" || node.state === "disconnected" || node.manager?.reachability === "unreachable",
      )
      .map((node) => ({
        severity: "error",
        title: text`${node.hostname} is ${clean(node.state === "ready" ? "unreachable as manager" : node.state)} in the swarm`,
        node: undefined,
        evidence: [text`${clean(node.role)} at ${node.manager?.address ?? node.address}, as ${swarm.via} sees it`],
        remedy: text`See that its engine runs and that 2377/tcp, 7946/tcp+udp and 4789/udp pass between the nodes; if it is gone for good, "docker node rm --force ${node.hostname}" on a manager.`,
      }));
  },
};
