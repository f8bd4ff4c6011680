import type { Attachment, Container, PublishedPort } from "../domain/engine.ts";
import type { ContainerId, NodeName } from "../domain/ids.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { Segment } from "./networks.ts";

/** A container as its machine holds it. */
export interface DemoContainer {
  readonly id: ContainerId;
  readonly name: SafeText;
  readonly image: SafeText;
  readonly command: SafeText;
  readonly network: Segment;
  readonly ports: readonly PublishedPort[];
  /** Comes back when the engine starts; else `--rm`: gone as soon as it stops. */
  readonly restarts: boolean;
  readonly createdAt: Instant;
  readonly labels: Map<SafeText, SafeText>;
  run:
    | { state: "running"; startedAt: Instant; place: Attachment & { address: SafeText } }
    /** `byHand`: with `docker stop`, and then no engine that starts brings it back (restart policy "unless-stopped"). */
    | { state: "exited"; at: Instant; code: number; byHand: boolean };
}

/** The row that `GET /containers/json` has for it. */
export function asListed(container: DemoContainer, node: NodeName, now: Instant): Container {
  const { run, network } = container;
  const running = run.state === "running";
  return {
    id: container.id,
    node,
    name: container.name,
    image: container.image,
    command: container.command,
    state: run.state,
    status: running
      ? text`Up ${humanDuration(now - run.startedAt)}`
      : text`Exited (${run.code}) ${humanDuration(now - run.at)} ago`,
    createdAt: container.createdAt,
    startedAt: running ? run.startedAt : undefined,
    exitCode: running ? undefined : run.code,
    attachments: [
      running ? run.place : { network: network.name, networkId: network.id, address: undefined, mac: undefined },
    ],
    ports: running ? container.ports : [],
    labels: [...container.labels].map(([name, value]) => ({ name, value })),
  };
}

/** A duration in the engine's words (docker/go-units duration.go, HumanDuration). */
export function humanDuration(milliseconds: number): SafeText {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (seconds < 1) return text`Less than a second`;
  if (seconds === 1) return text`1 second`;
  if (seconds < 60) return text`${seconds} seconds`;
  if (minutes === 1) return text`About a minute`;
  if (minutes < 60) return text`${minutes} minutes`;
  if (hours === 1) return text`About an hour`;
  if (hours < 48) return text`${hours} hours`;
  const days = Math.floor(hours / 24);
  if (days < 14) return text`${days} days`;
  if (days < 60) return text`${Math.floor(days / 7)} weeks`;
  if (days < 730) return text`${Math.floor(days / 30)} months`;
  return clean(`${Math.floor(days / 365)} years`);
}
