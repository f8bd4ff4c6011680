import type { Finding } from "../finding.ts";
import type { ContainerId, NodeName } from "../ids.ts";
import type { SafeText } from "../text.ts";
import type { Change } from "./change.ts";

/** "node103/engine", "node104/container/node1": made of names, so the same plan has the same ids whenever it is made. */
export type StepId = SafeText & { readonly stepId: unique symbol };

/** What a step would do, as an operator reads it. */
export type Preview =
  /** A unified diff of one file, without its two header lines. */
  | { kind: "diff"; path: SafeText; lines: readonly SafeText[] }
  /** The command that does the same by hand, to copy; one entry a line. */
  | { kind: "command"; lines: readonly SafeText[] };

export interface Step {
  id: StepId;
  node: NodeName;
  /** "merge cluster-store into /etc/docker/daemon.json" */
  title: SafeText;
  /** Runs after these; all else runs beside it. */
  needs: readonly StepId[];
  change: Change;
  preview: readonly Preview[];
  /** Running containers that it stops, for however short. */
  disturbs: readonly { id: ContainerId; name: SafeText }[];
  /** Containers that run on and whose HTCondor jobs it ends. */
  endsJobsIn: readonly SafeText[];
  /** How it is proven that it worked. */
  proof: SafeText;
  /** How it is taken back when it fails, or that it is not. */
  undo: SafeText;
}

/** What takes the cluster from what was seen to what is wanted. */
export interface Plan {
  /** In an order in which they could run one by one. */
  steps: readonly Step[];
  /** What was checked and is not right. One of severity error forbids the whole plan. */
  obstacles: readonly Finding[];
}

/** Whether the plan may be carried out. */
export const isAllowed = (plan: Plan): boolean => plan.obstacles.every((one) => one.severity !== "error");
