import type { NodeName } from "../../ids.ts";
import { clean, text } from "../../text.ts";
import { stepId } from "../make-step.ts";
import type { Site } from "../site.ts";
import type { Preflight } from "./ahead.ts";

/** A restart of the engine that the store itself runs in: it starts without its store, and waits for it up to a minute (moby daemon/daemon.go, waitForNetworks). */
export const storeRestarts: Preflight = ({ layout, sites, steps }) => {
  if (layout === undefined) return [];
  const { kind } = layout.store;
  // It runs there now, or is started by the same plan.
  const nodes = new Set(steps.filter((step) => step.id === stepId(step.node, text`store`)).map((step) => step.node));
  return steps
    .filter(
      ({ change, disturbs, node }) =>
        change.kind === "configure-engine" &&
        change.take === "restart" &&
        (disturbs.some(({ name }) => name === kind) || (nodes.has(node) && !liveRestore(sites, node))),
    )
    .map((step) => ({
      id: "restart-stops-store",
      severity: "warning",
      title: text`Restarting dockerd on ${step.node} stops ${clean(kind)} for as long`,
      node: step.node,
      evidence: [text`it runs there as the container ${clean(kind)}, and comes back by its restart policy`],
      remedy: text`Overlay traffic goes on, changes wait; the engine may take a minute to come up. "live-restore": true in its daemon.json keeps containers running.`,
    }));
};

const liveRestore = (sites: readonly Site[], node: NodeName): boolean =>
  sites.find((site) => site.name === node)?.engine.liveRestore === true;
