import type { Container, EngineEvent, EngineInfo, EngineNetwork, SwarmNode, Usage } from "../domain/engine.ts";
import type { ContainerId } from "../domain/ids.ts";
import type { Outcome, Trouble } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** A running stream. Its listener is never called before the call that opened it has returned, nor after `close`. */
export interface Subscription {
  close(): void;
}

/** The Docker engine of one node. */
export interface Engine {
  /** Also negotiates the API version anew. */
  info(within: Deadline): Promise<Outcome<EngineInfo>>;
  /** `GET /_ping`: that the engine itself answers; the round trip in ms. */
  ping(within: Deadline): Promise<Outcome<number>>;
  /** All, running or not. */
  containers(within: Deadline): Promise<Outcome<readonly Container[]>>;
  /** One, or undefined when it is gone. */
  container(id: ContainerId, within: Deadline): Promise<Outcome<Container | undefined>>;
  networks(within: Deadline): Promise<Outcome<readonly EngineNetwork[]>>;
  /** Of a swarm manager; others answer `engine-refused`. */
  swarmNodes(within: Deadline): Promise<Outcome<readonly SwarmNode[]>>;
  /**
   * Events from `sinceNano` on (that one included, by the engine's clock), or from now.
   * `ended` comes once, when the stream breaks; opening again is the caller's work.
   */
  events(
    sinceNano: string | undefined,
    listener: { opened(): void; event(event: EngineEvent): void; ended(trouble: Trouble): void },
  ): Subscription;
  /** One container's use, every few seconds; the first samples sooner, until there is a CPU figure. */
  usage(id: ContainerId, listener: { usage(usage: Usage): void; ended(trouble: Trouble): void }): Subscription;
}
