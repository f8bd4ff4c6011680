import { hasClusterStore } from "../engine-version.ts";
import { lastSeen } from "../part.ts";
import { text } from "../text.ts";
import { type Check, nodesOf } from "./check.ts";

/** dockerd from 23.0 does not start with one of these (moby v23.0.0 cmd/dockerd checkDeprecatedOptions). */
const dropped = ["cluster-store", "cluster-advertise", "cluster-store-opt"];

/** An engine was upgraded past the external store while its configuration still names one. */
export const engineDroppedClusterStore: Check = {
  id: "engine-dropped-cluster-store",
  find: (seen) =>
    nodesOf(seen).flatMap((node) => {
      // While none runs, the version on disk is the one that would start.
      const version = lastSeen(node.facts)?.installedEngine ?? lastSeen(node.engine)?.version;
      if (version === undefined || hasClusterStore(version) !== false) return [];
      const left = (lastSeen(node.daemon)?.flags ?? []).filter((flag) => dropped.includes(flag.name));
      if (left.length === 0) return [];
      return [
        {
          severity: "error",
          title: text`dockerd ${version} on ${node.name} does not start with cluster-store`,
          node: node.name,
          evidence: left.map(({ name, value, origin }) =>
            origin.kind === "process" ? text`${name} ${value}` : text`${name} ${value} in ${origin.path}`,
          ),
          remedy: text`Take these out on ${node.name} and use swarm mode, or install an engine up to 20.10; overlays of the store cannot be used by later ones.`,
        },
      ];
    }),
};
