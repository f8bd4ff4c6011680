import { duplicateHostname } from "../../findings/duplicate-hostname.ts";
import type { Preflight } from "./ahead.ts";

/** Two machines with one hostname: fatal to the gossip of a cluster store, confusing to people elsewhere. */
export const hostnamesShared: Preflight = ({ seen, mode }) =>
  duplicateHostname.find(seen, 0).map((found) => ({
    id: duplicateHostname.id,
    ...found,
    severity: mode === "cluster-store" ? "error" : "warning",
  }));
