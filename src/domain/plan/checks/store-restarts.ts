import { clean, text } from "../../text.ts";
import type { Preflight } from "./ahead.ts";

/** A restart of the engine that the store itself runs in: it starts without its store, and waits for it up to a minute (moby daemon/daemon.go, waitForNetworks). */
export const storeRestarts: Preflight = ({ layout, steps }) => {
  if (layout === undefined) return [];
  const { kind } = layout.store;
  return steps
    .filter(({ change, disturbs }) => change.kind === "configure-engine" && disturbs.some(({ name }) => name === kind))
    .map((step) => ({
      id: "restart-stops-store",
      severity: "warning",
      title: text`Restarting dockerd on ${step.node} stops ${clean(kind)} for as long`,
      node: step.node,
      evidence: [text`it runs there as the container ${clean(kind)}, and comes back by its restart policy`],
      remedy: text`Overlay traffic goes on, changes wait; the engine may take a minute to come up. "live-restore": true in its daemon.json keeps containers running.`,
    }));
};
