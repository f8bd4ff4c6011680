import { z } from "zod";
import type { Attachment, Container, ContainerState } from "../../domain/engine.ts";
import { asContainerId, asNetworkId, type NodeName } from "../../domain/ids.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { count, list, map, optional, parseAnswer, words } from "../answer.ts";
import { coarseAge } from "./status-words.ts";

/** `GET /containers/json` (Docker Engine API, ContainerSummary). */
const answer = z.array(
  z.object({
    Id: z.string(),
    Names: list(z.string()),
    Image: words,
    Command: words,
    /** Seconds since 1970. */
    Created: count,
    State: words,
    Status: words,
    Ports: list(z.object({ IP: words, PrivatePort: count, PublicPort: count, Type: words })),
    Labels: map(words),
    NetworkSettings: z
      .object({ Networks: map(z.object({ NetworkID: words, IPAddress: words, MacAddress: words }).nullable()) })
      .nullish(),
  }),
);
type Summary = z.output<typeof answer>[number];

const states: readonly ContainerState[] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

/** The containers of `node` as its engine listed them at `now`. */
export function parseContainers(
  raw: unknown,
  from: SafeText,
  node: NodeName,
  now: Instant,
): Outcome<readonly Container[]> {
  const parsed = parseAnswer(answer, raw, from);
  if (!parsed.ok) return parsed;
  const containers: Container[] = [];
  for (const summary of parsed.value) {
    const id = asContainerId(summary.Id);
    if (id === undefined) {
      return bad({ kind: "bad-answer", from, detail: text`not a container's id: ${clean(summary.Id, 80)}` });
    }
    const state = stateOf(summary);
    const upFor = state === "running" || state === "paused" ? coarseAge(summary.Status) : undefined;
    const exited = /^(?:Exited|Restarting) \((-?\d{1,10})\)/.exec(summary.Status);
    containers.push({
      id,
      node,
      name: nameOf(summary),
      image: clean(summary.Image),
      command: clean(summary.Command),
      state,
      status: clean(summary.Status),
      createdAt: summary.Created * 1000,
      startedAt: upFor === undefined ? undefined : now - upFor,
      exitCode: exited === null ? undefined : Number(exited[1]),
      attachments: attachmentsOf(summary),
      ports: summary.Ports.map((port) => ({
        container: port.PrivatePort,
        protocol: clean(port.Type),
        host: port.PublicPort === 0 ? undefined : { address: clean(port.IP), port: port.PublicPort },
      })),
      labels: [...summary.Labels].map(([name, value]) => ({ name: clean(name), value: clean(value) })),
    });
  }
  return good(containers);
}

/** The state's word; an engine newer than this program may have one that it does not know, and then `Status` tells enough. */
function stateOf(summary: Summary): ContainerState {
  const known = states.find((state) => state === summary.State);
  if (known !== undefined) return known;
  return summary.Status.startsWith("Up ") ? "running" : "exited";
}

/** "/node1"; "/other/alias" is a link's name for it. A container being removed may have none: its short id then. */
function nameOf(summary: Summary): SafeText {
  const own = summary.Names.find((name) => name.lastIndexOf("/") <= 0) ?? summary.Names[0] ?? summary.Id.slice(0, 12);
  return clean(own.replace(/^\//, ""));
}

function attachmentsOf(summary: Summary): Attachment[] {
  return [...(summary.NetworkSettings?.Networks ?? [])].map(([name, settings]) => ({
    network: clean(name),
    networkId: asNetworkId(settings?.NetworkID ?? ""),
    address: optional(settings?.IPAddress ?? ""),
    mac: optional(settings?.MacAddress ?? ""),
  }));
}
