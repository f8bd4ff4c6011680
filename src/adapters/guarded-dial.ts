import type { EngineService } from "../domain/host.ts";
import { bad, type Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import { readEngineService } from "./host/engine-service.ts";
import type { Transport } from "./transport.ts";

/** One answer serves the connections that are opened together at a start, and no later one, ms. */
const freshMs = 300;
/** Whoever dials has a deadline of their own; a link that is dead is found out before this, and is then the answer. */
const askMs = 60_000;

/**
 * A transport that opens no connection to the socket of an engine that is stopped or on its way down. Where systemd's
 * docker.socket listens, one connection would start an engine that somebody stopped on purpose (systemd.socket(5)); and
 * the events of containers that die with their engine are what makes a program ask just then.
 */
export function guardedDial(transport: Transport, clock: Clock): Transport {
  let asked: { at: number; answer: Promise<Outcome<EngineService>> } | undefined;
  const service = (): Promise<Outcome<EngineService>> => {
    const now = clock.now();
    if (asked === undefined || now - asked.at > freshMs) {
      asked = { at: now, answer: readEngineService(transport, { ms: askMs }) };
    }
    return asked.answer;
  };
  return {
    node: transport.node,
    get user() {
      return transport.user;
    },
    get fewStreams() {
      return transport.fewStreams ?? false;
    },
    script: (script, args, within, options) => transport.script(script, args, within, options),
    dialTcp: (host, port, signal) => transport.dialTcp(host, port, signal),
    async dialDocker(signal, use) {
      const seen = await service();
      if (!seen.ok) return seen;
      const { state, detail } = seen.value;
      if (state === "stopped" || state === "failed") return bad({ kind: "docker-stopped", detail });
      return transport.dialDocker(signal, use);
    },
  };
}
