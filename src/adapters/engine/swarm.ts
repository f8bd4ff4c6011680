import { z } from "zod";
import type { SwarmNode } from "../../domain/engine.ts";
import { clean, type SafeText } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { flag, parseAnswer, words } from "../answer.ts";

/** `GET /nodes` (Docker Engine API, Node). */
const answer = z.array(
  z.object({
    ID: words,
    Description: z.object({ Hostname: words }).nullish(),
    Spec: z.object({ Role: words, Availability: words }).nullish(),
    Status: z.object({ State: words, Addr: words }).nullish(),
    ManagerStatus: z.object({ Leader: flag, Reachability: words, Addr: words }).nullish(),
  }),
);

const availabilities = ["active", "pause", "drain"] as const;
const states = ["unknown", "down", "ready", "disconnected"] as const;
const reachabilities = ["unknown", "unreachable", "reachable"] as const;

/** The swarm's nodes as a manager tells them. */
export function parseSwarmNodes(raw: unknown, from: SafeText): Outcome<readonly SwarmNode[]> {
  const parsed = parseAnswer(answer, raw, from);
  if (!parsed.ok) return parsed;
  return good(
    parsed.value.map((node) => ({
      id: clean(node.ID),
      hostname: clean(node.Description?.Hostname ?? ""),
      address: clean(node.Status?.Addr ?? ""),
      role: node.Spec?.Role === "manager" ? "manager" : "worker",
      availability: availabilities.find((word) => word === node.Spec?.Availability) ?? "active",
      state: states.find((word) => word === node.Status?.State) ?? "unknown",
      manager:
        node.ManagerStatus == null
          ? undefined
          : {
              leader: node.ManagerStatus.Leader,
              reachability: reachabilities.find((word) => word === node.ManagerStatus?.Reachability) ?? "unknown",
              address: clean(node.ManagerStatus.Addr),
            },
    })),
  );
}
