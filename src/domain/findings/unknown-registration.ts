import { lastSeen } from "../part.ts";
import { clean, text } from "../text.ts";
import { registrationOf } from "../views/membership.ts";
import { type Check, nodesOf } from "./check.ts";

/** An engine takes part in the overlays that the file does not know: forgotten, or somebody else's. */
export const unknownRegistration: Check = {
  id: "unknown-registration",
  find: (seen) => {
    const { membership } = seen;
    const nodes = nodesOf(seen);
    // Whose an address is can only be told once every machine has told its addresses.
    if (membership?.state !== "fresh" || nodes.some((node) => lastSeen(node.facts) === undefined)) return [];
    const { kind, registrations } = membership.value;
    const unclaimed = new Set(registrations);
    for (const node of nodes) {
      for (let own = registrationOf(node, unclaimed); own !== undefined; own = registrationOf(node, unclaimed)) {
        unclaimed.delete(own);
      }
    }
    return [...unclaimed].map((address) => ({
      severity: "info",
      title: text`${address} is registered in ${clean(kind)} and not in ovl.yaml`,
      node: undefined,
      evidence: [text`docker/nodes/${address}`],
      remedy: text`If it belongs to the cluster, add it to ovl.yaml; if not, take cluster-store out of its daemon.json. An engine that is gone disappears by itself within two minutes.`,
    }));
  },
};
