import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { Engine } from "../../ports/engine.ts";
import type { Transport } from "../transport.ts";
import { EngineClient, type Query } from "./client.ts";
import { parseContainers } from "./containers.ts";
import { eventsQuery, parseEvent } from "./events.ts";
import { parseInfo } from "./info.ts";
import { parseNetworks } from "./networks.ts";
import { parseSwarmNodes } from "./swarm.ts";
import { parseUsage } from "./usage.ts";
import { UsageSamples } from "./usage-samples.ts";

/** An engine that can be let go: `close` ends all its sockets, and what is under way fails. */
export interface ConnectedEngine extends Engine {
  /** The API version spoken with it, negotiated by the first call. */
  apiVersion(): Promise<Outcome<SafeText>>;
  close(): void;
}

/** The engine sends a line a second for every container; reading every third is a third of the work, and enough for eyes. */
const usageEveryMs = 2_500;

/** The Docker engine of `node`, over `transport`. Nothing is sent before the first call. */
export function createEngine(transport: Transport, node: NodeName, clock: Clock): ConnectedEngine {
  const client = new EngineClient(transport, node, clock);

  /** `GET path` and what `parse` makes of it. */
  async function ask<T>(
    path: string,
    query: Query,
    within: Deadline,
    parse: (raw: unknown, from: SafeText) => Outcome<T>,
  ): Promise<Outcome<T>> {
    const answer = await client.get(path, query, within);
    return answer.ok ? parse(answer.value, whence(path)) : answer;
  }
  const whence = (path: string): SafeText => text`${node}: GET ${path as SafeText}`;
  const samples = new UsageSamples(client, clock, whence);
  const listed = (query: Query, within: Deadline) =>
    ask("/containers/json", { all: true, ...query }, within, (raw, from) =>
      parseContainers(raw, from, node, clock.now()),
    );

  return {
    info: async (within) => {
      const version = await client.version(true);
      if (!version.ok) return version;
      return ask("/info", {}, within, (raw, from) => parseInfo(raw, from, version.value));
    },
    ping: (within) => client.ping(within),
    containers: (within) => listed({}, within),
    container: async (id, within) => {
      // The list again and not an inspection: one shape, one parser.
      const found = await listed({ filters: { id: [id] } }, within);
      return found.ok ? good(found.value.find((container) => container.id === id)) : found;
    },
    networks: (within) => ask("/networks", {}, within, (raw, from) => parseNetworks(raw, from, node)),
    swarmNodes: (within) => ask("/nodes", {}, within, parseSwarmNodes),
    events: (sinceNano, listener) => {
      const stream = client.lines("/events", eventsQuery(sinceNano), {
        opened: () => listener.opened(),
        ended: (trouble) => listener.ended(trouble),
        line: (line) => {
          const event = parseEvent(line, whence("/events"));
          if (event.ok) return listener.event(event.value);
          stream.close();
          listener.ended(event.trouble);
        },
      });
      return stream;
    },
    usage: (id, listener) => {
      if (transport.fewStreams) return samples.follow(id, listener);
      const path = `/containers/${id}/stats`;
      let known = false;
      let readAt = 0;
      const stream = client.lines(
        path,
        { stream: true },
        {
          opened: () => {},
          ended: (trouble) => listener.ended(trouble),
          line: (line) => {
            const now = clock.now();
            if (known && now - readAt < usageEveryMs) return;
            readAt = now;
            const usage = parseUsage(line, whence(path), now);
            known = usage.ok && usage.value.cpuPercent !== undefined;
            if (usage.ok) return listener.usage(usage.value);
            stream.close();
            listener.ended(usage.trouble);
          },
        },
      );
      return stream;
    },
    apiVersion: () => client.version(false),
    close: () => {
      samples.close();
      client.close();
    },
  };
}
