import type { FlagValue } from "../daemon.ts";
import type { EngineInfo } from "../engine.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { type SafeText, text } from "../text.ts";
import { type Check, type Found, nodesOf } from "./check.ts";

/** The files were changed since dockerd was started, or it was started by hand: the next start brings something else. */
export const restartPending: Check = {
  id: "restart-pending",
  find: (seen) => nodesOf(seen).flatMap((node) => [...commandLine(node), ...storeNotLoaded(node)]),
};

function commandLine(node: NodeSnapshot): Found[] {
  const flags = lastSeen(node.daemon)?.flags ?? [];
  const written = flags.filter((flag) => flag.running === "absent" || flag.running === "differs");
  const running = flags.filter((flag) => flag.origin.kind === "process");
  // Where no file says anything the process was never meant to follow one.
  if (!flags.some((flag) => flag.origin.kind === "unit" || flag.origin.kind === "drop-in")) return [];
  if (written.length === 0 && running.length === 0) return [];
  return [
    {
      severity: "warning",
      title: text`dockerd on ${node.name} runs with other flags than its unit says`,
      node: node.name,
      evidence: [
        ...written.map((flag) => text`written: ${spelled(flag)}`),
        ...running.map((flag) => text`running: ${spelled(flag)}`),
      ],
      remedy: text`"systemctl daemon-reload && systemctl restart docker" on ${node.name} applies what is written; running containers stop unless live-restore is on.`,
    },
  ];
}

function spelled({ name, value, origin }: FlagValue): SafeText {
  return origin.kind === "process" ? text`--${name}=${value}` : text`--${name}=${value} (${origin.path})`;
}

/** cluster-store in daemon.json that the engine does not use yet. */
function storeNotLoaded(node: NodeSnapshot): Found[] {
  if (node.engine.state !== "fresh" || node.daemon.state !== "fresh") return [];
  const engine: EngineInfo = node.engine.value;
  const file = node.daemon.value.flags.find(
    (flag) => flag.name === "cluster-store" && flag.origin.kind === "daemon.json",
  );
  if (file === undefined || engine.store === file.value || engine.mode === "swarm") return [];
  const first = engine.store === undefined || engine.store === "";
  return [
    {
      severity: "warning",
      title: text`dockerd on ${node.name} has not loaded its cluster-store yet`,
      node: node.name,
      evidence: [text`daemon.json: ${file.value}`, text`engine: ${first ? text`none` : (engine.store ?? text`none`)}`],
      remedy: first
        ? text`Run "systemctl reload docker" on ${node.name}: no container stops.`
        : text`Run "systemctl restart docker" on ${node.name}: a store in use cannot be changed by a reload.`,
    },
  ];
}
