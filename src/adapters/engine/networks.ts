import { z } from "zod";
import type { EngineNetwork } from "../../domain/engine.ts";
import { asNetworkId, type NodeName } from "../../domain/ids.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { flag, list, map, optional, parseAnswer, words } from "../answer.ts";

/** `GET /networks` (Docker Engine API, Network). */
const answer = z.array(
  z.object({
    Id: z.string(),
    Name: words,
    Driver: words,
    Scope: words,
    Created: words,
    Internal: flag,
    Attachable: flag,
    IPAM: z.object({ Config: list(z.object({ Subnet: words, Gateway: words, IPRange: words })) }).nullish(),
    Options: map(words),
  }),
);

/** Options by which drivers are told things (moby libnetwork/netlabel, libnetwork/drivers). */
const option = {
  vnis: "com.docker.network.driver.overlay.vxlanid_list",
  mtu: "com.docker.network.driver.mtu",
  parent: "parent",
  encrypted: "encrypted",
} as const;

/** The networks that the engine of `node` lists. */
export function parseNetworks(raw: unknown, from: SafeText, node: NodeName): Outcome<readonly EngineNetwork[]> {
  const parsed = parseAnswer(answer, raw, from);
  if (!parsed.ok) return parsed;
  const networks: EngineNetwork[] = [];
  for (const network of parsed.value) {
    const id = asNetworkId(network.Id);
    if (id === undefined) {
      return bad({ kind: "bad-answer", from, detail: text`not a network's id: ${clean(network.Id, 80)}` });
    }
    const encrypted = network.Options.get(option.encrypted);
    networks.push({
      id,
      node,
      name: clean(network.Name),
      driver: clean(network.Driver),
      scope: clean(network.Scope),
      subnets: (network.IPAM?.Config ?? []).map((config) => ({
        subnet: clean(config.Subnet),
        // Engines of the cluster store write the gateway they chose with its prefix length.
        gateway: optional(config.Gateway.replace(/\/\d+$/, "")),
        range: optional(config.IPRange),
      })),
      vnis: wholeNumbers(network.Options.get(option.vnis) ?? ""),
      mtu: wholeNumbers(network.Options.get(option.mtu) ?? "")[0],
      parent: optional(network.Options.get(option.parent) ?? ""),
      attachable: network.Attachable,
      internal: network.Internal,
      // Present means yes; newer engines also read a boolean there (moby libnetwork/drivers/overlay/ov_network.go).
      encrypted: encrypted !== undefined && !/^(?:0|f|false)$/i.test(encrypted),
      createdAt: instantOf(network.Created),
    });
  }
  return good(networks);
}

/** "4097,4098" */
function wholeNumbers(raw: string): number[] {
  return raw
    .split(",")
    .map((part) => part.trim())
    .filter((part) => /^\d{1,9}$/.test(part))
    .map(Number);
}

/** RFC 3339; Go's zero time, year 1, means that nobody knows. */
function instantOf(raw: string): Instant | undefined {
  const instant = Date.parse(raw);
  return Number.isNaN(instant) || instant <= 0 ? undefined : instant;
}
