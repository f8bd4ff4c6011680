import { z } from "zod";
import type { EngineInfo, EngineMode, EngineSwarm } from "../../domain/engine.ts";
import { clean, type SafeText } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { count, flag, list, optional, parseAnswer, words } from "../answer.ts";

/** `GET /info` (Docker Engine API, SystemInfo). ClusterStore and ClusterAdvertise: engines up to 20.10. */
const answer = z.object({
  ID: words,
  Name: words,
  ServerVersion: words,
  KernelVersion: words,
  OperatingSystem: words,
  NCPU: count,
  MemTotal: count,
  ContainersRunning: count,
  Images: count,
  LiveRestoreEnabled: flag,
  SecurityOptions: list(z.string()),
  /** Of Podman only (podman pkg/api/handlers/types.go, Info). */
  BuildahVersion: words,
  ClusterStore: words,
  ClusterAdvertise: words,
  Warnings: list(z.string()),
  Swarm: z
    .object({
      LocalNodeState: words,
      NodeID: words,
      NodeAddr: words,
      ControlAvailable: flag,
      Error: words,
      Cluster: z.object({ ID: words }).nullish(),
    })
    .nullish(),
});
type Info = z.output<typeof answer>;

const swarmStates = ["inactive", "pending", "active", "error", "locked"] as const;

/** The engine by its `/info`, spoken to in `apiVersion`. */
export function parseInfo(raw: unknown, from: SafeText, apiVersion: SafeText): Outcome<EngineInfo> {
  const parsed = parseAnswer(answer, raw, from);
  if (!parsed.ok) return parsed;
  const info = parsed.value;
  const swarm = swarmOf(info);
  return good({
    product: info.BuildahVersion === "" ? "docker" : "podman",
    version: clean(info.ServerVersion),
    apiVersion,
    mode: modeOf(info, swarm),
    store: optional(info.ClusterStore),
    advertise: optional(info.ClusterAdvertise),
    hostname: clean(info.Name),
    engineId: clean(info.ID),
    kernel: clean(info.KernelVersion),
    os: clean(info.OperatingSystem),
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    containersRunning: info.ContainersRunning,
    images: info.Images,
    liveRestore: info.LiveRestoreEnabled,
    rootless: info.SecurityOptions.some((option) => option.split(",").includes("name=rootless")),
    swarm,
    warnings: info.Warnings.map((warning) => clean(warning)),
  });
}

function swarmOf(info: Info): EngineSwarm {
  const swarm = info.Swarm;
  return {
    // Absent before engine 1.12 and on engines built without it.
    state: swarmStates.find((state) => state === swarm?.LocalNodeState) ?? "inactive",
    nodeId: optional(swarm?.NodeID ?? ""),
    nodeAddress: optional(swarm?.NodeAddr ?? ""),
    clusterId: optional(swarm?.Cluster?.ID ?? ""),
    manager: swarm?.ControlAvailable ?? false,
    error: optional(swarm?.Error ?? ""),
  };
}

/** The two exclude each other (moby daemon/cluster, "incompatible with swarm mode"). */
function modeOf(info: Info, swarm: EngineSwarm): EngineMode {
  if (info.ClusterStore !== "") return "cluster-store";
  return swarm.state === "inactive" ? "standalone" : "swarm";
}
