import { Duplex } from "node:stream";
import { good, type Outcome } from "../../src/domain/trouble.ts";
import type { Tunnels } from "../../src/ports/tunnels.ts";

/** What is sent into a byte stream that is open. */
export type TunnelAct = { act: "write"; bytes: Uint8Array } | { act: "end" | "destroy" };

/** How byte streams get to the process in the lab's network, and what comes back. */
export interface TunnelWire {
  /** A number by which the other side speaks to `told`, for the stream that it opens. */
  listen(told: (method: string, value: unknown) => void): number;
  open(tunnel: number, host: string, port: number, signal: AbortSignal): Promise<Outcome<void>>;
  send(tunnel: number, act: TunnelAct): void;
}

/** Tunnels whose real ones are in another process. What a test sends through one is little: nothing waits for room. */
export const remoteTunnels = (wire: TunnelWire): Tunnels => ({
  async open(host, port, signal) {
    const stream = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) => {
        wire.send(tunnel, { act: "write", bytes });
        done();
      },
      final: (done) => {
        wire.send(tunnel, { act: "end" });
        done();
      },
      destroy: (error, done) => {
        wire.send(tunnel, { act: "destroy" });
        done(error);
      },
    });
    const tunnel = wire.listen((_method, value) => stream.push(value as Buffer | null));
    const outcome = await wire.open(tunnel, host, port, signal);
    return outcome.ok ? good(stream) : outcome;
  },
});
