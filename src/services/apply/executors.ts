import type { Change } from "../../domain/plan/change.ts";
import { awaitStore } from "./await-store.ts";
import { connectContainer, createContainer, removeContainer, startContainer } from "./change-containers.ts";
import { createNetwork, removeNetwork } from "./change-networks.ts";
import { initSwarm, joinSwarm, leaveSwarm } from "./change-swarm.ts";
import { configureCondor, forgetMachine, installCondor } from "./configure-condor.ts";
import { configureEngine } from "./configure-engine.ts";
import type { Executing, Executor, Result } from "./executor.ts";
import { loadImage } from "./load-image.ts";
import { placeCertificates } from "./place-certificates.ts";

/** How each kind of change is made, proven and taken back: the only place that knows. */
export const executors: { readonly [K in Change["kind"]]: Executor<Extract<Change, { kind: K }>> } = {
  "configure-engine": configureEngine,
  "place-certificates": placeCertificates,
  "load-image": loadImage,
  "create-container": createContainer,
  "start-container": startContainer,
  "connect-container": connectContainer,
  "remove-container": removeContainer,
  "await-store": awaitStore,
  "create-network": createNetwork,
  "remove-network": removeNetwork,
  "init-swarm": initSwarm,
  "join-swarm": joinSwarm,
  "leave-swarm": leaveSwarm,
  "condor-config": configureCondor,
  "condor-install": installCondor,
  "condor-forget": forgetMachine,
};

/** Carries one change out. */
export function execute<K extends Change["kind"]>(
  change: Extract<Change, { kind: K }>,
  on: Executing,
): Promise<Result> {
  const executor: Executor<Extract<Change, { kind: K }>> = executors[change.kind as K];
  return executor(change, on);
}
