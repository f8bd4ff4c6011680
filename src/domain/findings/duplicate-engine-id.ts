import { joined, text } from "../text.ts";
import { type Check, knownEngines, namesOf, sharing } from "./check.ts";

/** Two engines with one id, or one swarm node id: /var/lib/docker or key.json was cloned with the machine. */
export const duplicateEngineId: Check = {
  id: "duplicate-engine-id",
  find: (seen) => {
    const engines = knownEngines(seen);
    const swarm = sharing(engines, ({ value }) => value.swarm.nodeId).map((same) => ({
      severity: "error" as const,
      title: text`${joined(namesOf(same))} are the same node to the swarm`,
      node: undefined,
      evidence: same.map(({ node, value }) => text`${node.name}: swarm node id ${value.swarm.nodeId ?? text`none`}`),
      remedy: text`On all but one run "docker swarm leave --force" and join again with a token from "docker swarm join-token worker".`,
    }));
    const ids = sharing(engines, ({ value }) => (value.engineId === "" ? undefined : value.engineId)).map((same) => ({
      severity: "warning" as const,
      title: text`${joined(namesOf(same))} have the same engine id`,
      node: undefined,
      evidence: same.map(({ node, value }) => text`${node.name}: engine id ${value.engineId}`),
      // moby daemon/id.go since 23.0; before that the id is made of the key in key.json.
      remedy: text`On all but one stop docker, delete /var/lib/docker/engine-id (from 23.0) or /etc/docker/key.json (before), and start it again.`,
    }));
    return [...swarm, ...ids];
  },
};
