import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Transport } from "../src/adapters/transport.ts";
import { clean, text } from "../src/domain/text.ts";
import { bad, good, type Outcome } from "../src/domain/trouble.ts";

/** A transport without SSH, to sockets of this machine; it remembers what it opened, so that a test sees what was left open. */
export interface DirectTransport extends Transport {
  /** How many sockets were ever opened. */
  readonly dialed: number;
  /** How many are open now. */
  readonly open: number;
  /** Ends all of them, as a lost connection would. */
  cut(): void;
}

/** Where a TCP connection really goes: elsewhere, or to a Unix socket that leads there. */
export type Route = (host: string, port: number) => { host: string; port: number } | { path: string };

/** Docker is the Unix socket `socketPath`; TCP goes to `route(host, port)`, or to where it was asked to go. */
export function directTransport(
  name: string,
  socketPath: string,
  route: Route = (host, port) => ({ host, port }),
): DirectTransport {
  const sockets = new Set<Socket>();
  let dialed = 0;
  const keep = (socket: Socket, signal: AbortSignal, host: string, port: number): Promise<Outcome<Duplex>> => {
    dialed += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return new Promise((resolve) => {
      const abort = () => socket.destroy(new Error("aborted"));
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
      socket.once("connect", () => {
        signal.removeEventListener("abort", abort);
        resolve(good(socket));
      });
      socket.once("error", (error: NodeJS.ErrnoException) => {
        resolve(
          error.code === "ECONNREFUSED"
            ? bad({ kind: "connection-refused", host: clean(host), port })
            : bad({ kind: "connection-lost", detail: clean(error.message) }),
        );
      });
    });
  };
  return {
    node: clean(name),
    user: text`root`,
    get dialed() {
      return dialed;
    },
    get open() {
      return sockets.size;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    script: async () => bad({ kind: "misconfigured", detail: text`no shell in this test`, remedy: text`use the lab` }),
    dialDocker: (signal) => keep(connect(socketPath), signal, socketPath, 0),
    dialTcp: (host, port, signal) => {
      return keep(connect(route(host, port)), signal, host, port);
    },
  };
}
