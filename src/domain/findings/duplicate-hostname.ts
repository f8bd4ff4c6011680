import { joined, text } from "../text.ts";
import { type Check, knownEngines, knownFacts, namesOf, sharing } from "./check.ts";

/**
 * Two machines with one hostname: in cluster-store mode their engines' gossip takes it for a conflict, and the loser
 * stops listening on 7946 without anything else telling (serf resolveNodeConflict). In a swarm it only confuses people.
 */
export const duplicateHostname: Check = {
  id: "duplicate-hostname",
  find: (seen) => {
    const classic = knownEngines(seen).some(({ value }) => value.mode === "cluster-store");
    return sharing(knownFacts(seen), ({ value }) => value.hostname).map((same) => ({
      severity: classic ? "error" : "warning",
      title: text`${joined(namesOf(same))} have the same hostname`,
      node: undefined,
      evidence: same.map(({ node, value }) => text`${node.name} at ${node.address}: hostname ${value.hostname}`),
      remedy: text`Give each its own with "hostnamectl set-hostname NAME", then "systemctl restart docker" there: the engine reads the name when it starts.`,
    }));
  },
};
