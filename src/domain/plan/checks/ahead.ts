import type { Finding } from "../../finding.ts";
import type { NodeName } from "../../ids.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { Spec } from "../../spec/spec.ts";
import type { Site } from "../site.ts";
import type { Step } from "../step.ts";
import type { StoreLayout } from "../store-layout.ts";

/** What lies ahead: a plan with its steps, and what was seen of the nodes that they change. */
export interface Ahead {
  spec: Spec;
  seen: Snapshot;
  sites: readonly Site[];
  /** How the nodes are joined; undefined where nothing needs them to be. */
  mode: "cluster-store" | "swarm" | undefined;
  layout: StoreLayout | undefined;
  /** Never empty: without a step there is nothing to check for. */
  steps: readonly Step[];
}

/** Looks for one thing that would make a step fail or do harm. Asked only when there is something to do. */
export type Preflight = (ahead: Ahead) => Finding[];

/** The nodes that join, or change how they are joined, by this plan. */
export const joiningNodes = ({ steps }: Ahead): ReadonlySet<NodeName> =>
  new Set(
    steps
      .filter(({ change }) => ["init-swarm", "join-swarm"].includes(change.kind) || joinsStore(change))
      .map((step) => step.node),
  );

const joinsStore = (change: Step["change"]): boolean =>
  change.kind === "configure-engine" && change.joins !== undefined;
