import type { Attachment, Container, ContainerState, PublishedPort } from "../domain/engine.ts";
import type { ContainerId, NodeName } from "../domain/ids.ts";
import type { ContainerDefinition } from "../domain/plan/change.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { ContainerLog } from "./container-log.ts";
import type { Segment } from "./networks.ts";

/** What an engine does with a container that ended by itself (docker run --restart). */
export type RestartPolicy = "no" | "always" | "unless-stopped" | "on-failure";

/** A container's place on one network. It has an address there only while the container runs. */
export interface Place {
  readonly network: string;
  /** A fixed address. */
  readonly wanted: string | undefined;
  /** Undefined until it was found for the first time. */
  segment: Segment | undefined;
  /** Undefined: it does not hold one now. */
  held: Attachment | undefined;
}

export type Run =
  | { state: "created" }
  | { state: "running"; startedAt: Instant; paused: boolean }
  /** It fell over, and is started again at a later time, which `cancel` takes back. */
  | { state: "restarting"; at: Instant; code: number; cancel: () => void }
  /** `byHand`: with `docker stop`, and then no engine that starts brings it back (restart policy "unless-stopped"). */
  | { state: "exited"; at: Instant; code: number; byHand: boolean };

/** A container as its machine holds it. */
export interface DemoContainer {
  readonly id: ContainerId;
  name: SafeText;
  readonly image: SafeText;
  readonly argv: readonly string[];
  readonly places: Place[];
  readonly ports: readonly PublishedPort[];
  readonly restart: RestartPolicy;
  /** `--rm`: gone as soon as it stops. */
  readonly remove: boolean;
  readonly createdAt: Instant;
  readonly labels: Map<SafeText, SafeText>;
  /** What else was asked for when it was made. */
  readonly asked: Pick<ContainerDefinition, "hostname" | "privileged" | "environment" | "mounts" | "stopSignal">;
  /** What it wrote on its standard output and error. */
  readonly log: ContainerLog;
  /** How often it fell over in a row. */
  falls: number;
  run: Run;
}

/** The row that `GET /containers/json` has for it. */
export function asListed(container: DemoContainer, node: NodeName, now: Instant): Container {
  const { run, argv } = container;
  const running = run.state === "running";
  return {
    id: container.id,
    node,
    name: container.name,
    image: container.image,
    command: joined(
      argv.map((word) => clean(/[\s']/.test(word) ? `'${word}'` : word)),
      " ",
    ),
    state: run.state === "running" && run.paused ? "paused" : (run.state satisfies ContainerState),
    status: statusOf(run, now),
    createdAt: container.createdAt,
    startedAt: running ? run.startedAt : undefined,
    exitCode: "code" in run ? run.code : undefined,
    attachments: container.places.map(attachmentOf),
    ports: running ? container.ports : [],
    labels: [...container.labels].map(([name, value]) => ({ name, value })),
  };
}

/** As moby container/state.go (State.String) says it. */
function statusOf(run: Run, now: Instant): SafeText {
  switch (run.state) {
    case "created":
      return text`Created`;
    case "running":
      return text`Up ${humanDuration(now - run.startedAt)}${run.paused ? text` (Paused)` : text``}`;
    case "restarting":
      return text`Restarting (${run.code}) ${humanDuration(now - run.at)} ago`;
    case "exited":
      return text`Exited (${run.code}) ${humanDuration(now - run.at)} ago`;
  }
}

const attachmentOf = ({ held, network, segment }: Place): Attachment =>
  held ?? { network: clean(network), networkId: segment?.id, address: undefined, mac: undefined };

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
