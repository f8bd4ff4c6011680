import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { NodeName } from "../../domain/ids.ts";
import type { StoreSpec } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Transport } from "../transport.ts";

/** A byte stream to host:port. */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Outcome<Duplex>>;

/** One way to a server of the store: which address, and from where. */
export interface Way {
  /** host:port, for the screen; an address that only means something on a node carries the node's name instead. */
  endpoint: SafeText;
  host: string;
  port: number;
  /** Also to other members, from the same place. */
  dial: Dial;
}

/** A server of the store as the spec names it, and every way to it that is worth trying, the best first. */
export interface Server {
  name: SafeText;
  ways: readonly Way[];
}

/** Where the store's servers are, and how they can be reached now: addresses of nodes become known only as they answer. */
export function serversOf(
  spec: StoreSpec,
  transports: ReadonlyMap<NodeName, Transport>,
  advertise: (node: NodeName) => string | undefined,
): Server[] {
  if (spec.at === "endpoints") {
    return spec.endpoints.map(({ host, port }) => {
      const endpoint = text`${clean(host)}:${port}`;
      return { name: endpoint, ways: [{ endpoint, host, port, dial: dialFromHere }] };
    });
  }
  const { port } = spec;
  return spec.nodes.map((node) => {
    const address = advertise(node);
    const ways: Way[] = [];
    const from = (transport: Transport | undefined, host: string, endpoint: SafeText) => {
      if (transport === undefined) return;
      const dial: Dial = (to, at, signal) => transport.dialTcp(to, at, signal);
      ways.push({ endpoint, host, port, dial });
    };
    // A store may listen on the address that others use, on loopback, or on both.
    if (address !== undefined) from(transports.get(node), address, text`${clean(address)}:${port}`);
    from(transports.get(node), "127.0.0.1", text`${node}:${port}`);
    // When its own node cannot be logged in to, the store may still be there for the others.
    const others = [...transports].filter(([other]) => other !== node).slice(0, otherNodes);
    if (address !== undefined) {
      for (const [, transport] of others) from(transport, address, text`${clean(address)}:${port}`);
    }
    return { name: node, ways };
  });
}

/** From how many other nodes a server is tried at most. */
const otherNodes = 2;

/** A plain TCP connection from this machine. */
const dialFromHere: Dial = (host, port, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const abort = () => socket.destroy();
    const settle = (outcome: Outcome<Duplex>) => {
      signal.removeEventListener("abort", abort);
      socket.off("error", failed);
      resolve(outcome);
    };
    const failed = (error: NodeJS.ErrnoException) => settle(bad(troubleOf(error, host, port)));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => settle(good(socket)));
    socket.on("error", failed);
    socket.once("close", () => settle(bad({ kind: "cancelled" })));
    if (signal.aborted) abort();
  });

function troubleOf(error: NodeJS.ErrnoException, host: string, port: number) {
  switch (error.code) {
    case "ECONNREFUSED":
      return { kind: "connection-refused", host: clean(host), port } as const;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { kind: "name-unresolved", host: clean(host) } as const;
    default:
      return { kind: "unreachable", host: clean(host), detail: clean(error.message) } as const;
  }
}
