import { bad } from "../domain/trouble.ts";
import { readEngineAndSocket } from "./host/engine-service.ts";
import type { Transport } from "./transport.ts";

/** Whoever dials has a deadline of their own; a link that is dead is found out before this, and is then the answer. */
const askMs = 60_000;

/**
 * A transport that opens no connection to the socket of an engine that is stopped or on its way down. Where systemd's
 * docker.socket listens, one connection would start an engine that somebody stopped on purpose (systemd.socket(5)); and
 * the events of containers that die with their engine are what makes a program ask just then. Without that socket there is
 * nothing to start, and the engine may be a rootless one, which docker.service does not run.
 */
export function guardedDial(transport: Transport): Transport {
  // One question serves those who come while it is under way, and nobody later: an engine may be stopped at any moment.
  let asking: ReturnType<typeof readEngineAndSocket> | undefined;
  const service = (): NonNullable<typeof asking> => {
    asking ??= readEngineAndSocket(transport, { ms: askMs }).finally(() => {
      asking = undefined;
    });
    return asking;
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
      const { service: engine, hasSocket } = seen.value;
      const isStopped = engine.state === "stopped" || engine.state === "failed";
      if (isStopped && hasSocket) return bad({ kind: "docker-stopped", detail: engine.detail });
      return transport.dialDocker(signal, use);
    },
  };
}
