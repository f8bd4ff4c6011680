import type { Container, EngineEvent, EngineInfo, EngineNetwork, SwarmNode, Usage } from "../domain/engine.ts";
import type { ContainerId } from "../domain/ids.ts";
import { text } from "../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Engine, Subscription } from "../ports/engine.ts";
import { call } from "./calls.ts";
import { asListed } from "./containers.ts";
import { engineInfo } from "./engine-info.ts";
import type { DemoLink } from "./link.ts";
import type { Machine } from "./machine.ts";
import { refused } from "./refusal.ts";
import { usageStream } from "./usage.ts";

/** How often an engine sends a container's use (moby daemon/stats: once a second). */
const usageEveryMs = 1000;

/** How an engine that shuts down ends a stream: the answer is over, which says no more than that. */
const streamEnded: Trouble = { kind: "connection-lost", detail: text`the engine ended the stream` };

/** The engine of one machine, over its link. */
export class DemoEngine implements Engine {
  readonly #link: DemoLink;
  readonly #seed: number;
  readonly #clock: Clock;

  constructor(link: DemoLink, seed: number, clock: Clock) {
    this.#link = link;
    this.#seed = seed;
    this.#clock = clock;
  }

  info(within: Deadline): Promise<Outcome<EngineInfo>> {
    return this.#ask(within, () => good(engineInfo(this.#link.machine)));
  }

  ping(within: Deadline): Promise<Outcome<number>> {
    const before = this.#clock.now();
    return this.#ask(within, () => good(this.#clock.now() - before));
  }

  containers(within: Deadline): Promise<Outcome<readonly Container[]>> {
    const { machine } = this.#link;
    return this.#ask(within, () => {
      const now = this.#clock.now();
      return good([...machine.containers.values()].map((container) => asListed(container, this.#link.node, now)));
    });
  }

  container(id: ContainerId, within: Deadline): Promise<Outcome<Container | undefined>> {
    const { machine } = this.#link;
    return this.#ask(within, () => {
      const container = machine.containers.get(id);
      return good(container === undefined ? undefined : asListed(container, this.#link.node, this.#clock.now()));
    });
  }

  networks(within: Deadline): Promise<Outcome<readonly EngineNetwork[]>> {
    return this.#ask(within, () => good(this.#link.machine.listNetworks(this.#link.node)));
  }

  swarmNodes(within: Deadline): Promise<Outcome<readonly SwarmNode[]>> {
    return this.#ask(within, () => swarmNodes(this.#link.machine));
  }

  events(
    sinceNano: string | undefined,
    listener: { opened(): void; event(event: EngineEvent): void; ended(trouble: Trouble): void },
  ): Subscription {
    const { machine } = this.#link;
    return this.#stream(listener.ended, (end) => {
      /** Said while no packet gets through; TCP delivers them when the way opens before the connection is given up. */
      const held: EngineEvent[] = [];
      const flush = (): void => {
        if (machine.reachable) for (const event of held.splice(0)) listener.event(event);
      };
      const event = (said: EngineEvent): void => {
        held.push(said);
        flush();
      };
      const cut = (): void => end({ kind: "connection-lost", detail: text`the stream was cut inside a line` });
      listener.opened();
      for (const said of machine.events.since(sinceNano)) event(said);
      const undo = [machine.events.listen({ event, cut }), machine.listen(flush)];
      return {
        stop: () => {
          for (const one of undo) one();
        },
      };
    });
  }

  usage(id: ContainerId, listener: { usage(usage: Usage): void; ended(trouble: Trouble): void }): Subscription {
    const { machine } = this.#link;
    return this.#stream(listener.ended, (end) => {
      const container = machine.containers.get(id);
      if (container === undefined) {
        end({ kind: "engine-refused", status: 404, detail: text`No such container: ${id}` });
        return { stop: () => {} };
      }
      const next = usageStream(container, this.#seed);
      let cancel = (): void => {};
      const tell = (): void => {
        if (!machine.containers.has(id)) {
          end(streamEnded);
          return;
        }
        cancel = this.#clock.after(usageEveryMs, tell);
        if (machine.reachable) listener.usage(next(this.#clock.now()));
      };
      tell();
      return { stop: () => cancel() };
    });
  }

  #ask<T>(within: Deadline, answer: () => Outcome<T>): Promise<Outcome<T>> {
    const { machine, node } = this.#link;
    return call(this.#link, this.#clock, text`the engine on ${node}`, within, () =>
      machine.engine === undefined ? bad(engineStopped(machine)) : answer(),
    );
  }

  /** A stream that opens after a round trip and ends, once, with the engine process, the connection, or by `close`. */
  #stream(
    ended: (trouble: Trouble) => void,
    open: (end: (trouble: Trouble) => void) => { stop(): void },
  ): Subscription {
    const { machine } = this.#link;
    const undo: (() => void)[] = [];
    let over = false;
    const close = (): void => {
      over = true;
      for (const one of undo) one();
    };
    const end = (trouble: Trouble): void => {
      if (over) return;
      close();
      ended(trouble);
    };
    undo.push(
      this.#clock.after(this.#link.trouble() === undefined ? this.#link.roundTripMs : 0, () => {
        const trouble = this.#link.trouble() ?? (machine.engine === undefined ? engineStopped(machine) : undefined);
        if (trouble !== undefined) return end(trouble);
        const process = machine.engine;
        undo.push(machine.listen(() => machine.engine !== process && machine.reachable && end(streamEnded)));
        const stream = open(end);
        if (over) stream.stop();
        else undo.push(() => stream.stop());
      }),
      this.#link.whileUp(end),
    );
    return { close };
  }
}

/** What is said of an engine that does not run. */
export const engineStopped = ({ failure }: Machine): Trouble => ({
  kind: "docker-stopped",
  detail: failure === undefined ? text`docker.service is inactive` : text`docker.service is failed: ${failure}`,
});

/** `GET /nodes` (moby daemon/cluster/errors.go). */
function swarmNodes({ swarm }: Machine): Outcome<readonly SwarmNode[]> {
  return swarm?.role === "manager" ? swarm.swarm.nodes() : notManager;
}

export const notManager = refused(
  503,
  text`This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.`,
);
