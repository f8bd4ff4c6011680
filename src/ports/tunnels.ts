import type { Duplex } from "node:stream";
import type { Outcome } from "../domain/trouble.ts";

/** TCP connections that begin on a node. */
export interface Tunnels {
  /** A byte stream to host:port as the node reaches it. */
  open(host: string, port: number, signal: AbortSignal): Promise<Outcome<Duplex>>;
}

/** A listener on this machine's loopback that lives until it is closed, with every connection to it. */
export interface LoopbackListener {
  port: number;
  close(): void;
}

/** This machine's own loopback interface; nothing else is ever listened on. */
export interface Loopback {
  /** Listens on 127.0.0.1 and the wanted port, or on another one when that is taken or wants root. */
  listen(wanted: number, accept: (socket: Duplex) => void): Promise<Outcome<LoopbackListener>>;
}
