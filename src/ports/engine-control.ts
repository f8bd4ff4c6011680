import type { ContainerId, NetworkId } from "../domain/ids.ts";
import type { ContainerDefinition, NetworkDefinition } from "../domain/plan/change.ts";
import type { Image } from "../domain/plan/survey.ts";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** How far a transfer is. `total` is undefined while nobody knows it. */
export interface Transfer {
  bytes: number;
  total: number | undefined;
  /** The engine's own word for what it does: "Pulling fs layer", "Loading layer". */
  doing: SafeText | undefined;
}

/** Changes to one engine, over its API. None is sent twice by itself: a connection that breaks after sending is `connection-lost`. */
export interface EngineControl extends ImageChanges, ContainerChanges, NetworkChanges, SwarmChanges {}

/** Images, as `docker images`, `pull`, `save` and `load` handle them. */
export interface ImageChanges {
  images(within: Deadline): Promise<Outcome<readonly Image[]>>;
  /** Resolves when the image is there. A refusal in the midst of the stream is `engine-refused` with the engine's words. */
  pullImage(image: string, within: Deadline, progress: (transfer: Transfer) => void): Promise<Outcome<void>>;
  /** The image as a tar stream, chunk by chunk: the reader's pace is the engine's. Breaking off ends it. Fails by throwing a `TransferBroken`. */
  exportImage(image: string, within: Deadline): Promise<Outcome<AsyncIterable<Uint8Array>>>;
  importImage(tar: AsyncIterable<Uint8Array>, within: Deadline): Promise<Outcome<void>>;
}

/** Containers, as `docker create`, `start`, … change them. */
export interface ContainerChanges {
  createContainer(definition: ContainerDefinition, within: Deadline): Promise<Outcome<ContainerId>>;
  /** Good also when it runs already. */
  startContainer(id: ContainerId, within: Deadline): Promise<Outcome<void>>;
  /** Good also when it is stopped already. After `seconds` the engine kills it. */
  stopContainer(id: ContainerId, seconds: number, within: Deadline): Promise<Outcome<void>>;
  restartContainer(id: ContainerId, seconds: number, within: Deadline): Promise<Outcome<void>>;
  pauseContainer(id: ContainerId, within: Deadline): Promise<Outcome<void>>;
  unpauseContainer(id: ContainerId, within: Deadline): Promise<Outcome<void>>;
  /** `signal`: "SIGTERM", "SIGHUP", … */
  killContainer(id: ContainerId, signal: string, within: Deadline): Promise<Outcome<void>>;
  renameContainer(id: ContainerId, name: string, within: Deadline): Promise<Outcome<void>>;
  /** Good also when it is gone already. */
  removeContainer(id: ContainerId, how: Removal, within: Deadline): Promise<Outcome<void>>;
  /** What a container said last, at most `lines`, the newest last. Empty when it is gone. */
  lastWords(id: ContainerId, lines: number, within: Deadline): Promise<Outcome<readonly SafeText[]>>;
}

/** `docker rm`: with `force` (-f) a running one is killed, with `volumes` (-v) those without a name go with it. */
export interface Removal {
  force: boolean;
  volumes: boolean;
}

/** Networks, as `docker network create`, `rm`, `connect` and `disconnect` change them. */
export interface NetworkChanges {
  createNetwork(definition: NetworkDefinition, within: Deadline): Promise<Outcome<NetworkId>>;
  /** Good also when it is gone already. */
  removeNetwork(id: NetworkId, within: Deadline): Promise<Outcome<void>>;
  /** `network`: id or name. */
  connect(network: string, id: ContainerId, address: string | undefined, within: Deadline): Promise<Outcome<void>>;
  disconnect(network: string, id: ContainerId, force: boolean, within: Deadline): Promise<Outcome<void>>;
  /** Takes away what the store kept of a container that is gone: its endpoint by name, and with it its address. */
  dropEndpoint(network: NetworkId, endpoint: string, within: Deadline): Promise<Outcome<void>>;
}

/** The swarm, as `docker swarm` and `docker node` change it. */
export interface SwarmChanges {
  /** The new swarm's id of this node. */
  initSwarm(advertise: string, within: Deadline): Promise<Outcome<void>>;
  joinSwarm(manager: string, token: SwarmToken, advertise: string, within: Deadline): Promise<Outcome<void>>;
  /** Of a manager. */
  swarmTokens(within: Deadline): Promise<Outcome<{ worker: SwarmToken; manager: SwarmToken }>>;
  leaveSwarm(force: boolean, within: Deadline): Promise<Outcome<void>>;
  /** Of a manager: role or availability of the node `id`. */
  updateSwarmNode(
    id: string,
    to: { role?: "manager" | "worker"; availability?: "active" | "pause" | "drain" },
    within: Deadline,
  ): Promise<Outcome<void>>;
  /** Of a manager: takes a node that has left off the list. */
  removeSwarmNode(id: string, force: boolean, within: Deadline): Promise<Outcome<void>>;
}

/** A secret: never printed, journalled or shown. */
export interface SwarmToken {
  readonly secret: string;
}
