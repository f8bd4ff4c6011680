import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type DirectTransport, directTransport } from "../direct-transport.ts";

/** What the fake answers to a request; the path comes without its query. */
export type Answerer = (path: string, response: ServerResponse, request: IncomingMessage) => void;

/** A Docker engine on a Unix socket for what a real one cannot be made to do: break off, hang, talk nonsense. */
export interface FakeEngine {
  transport: DirectTransport;
  /** The URLs it was asked for, in order. */
  asked: string[];
  /** Resolves once it has been asked for a URL that matches. */
  wasAsked(url: RegExp): Promise<void>;
  /** The API version it offers from now on. */
  offer(apiVersion: string): void;
  /** Closes connections that wait for their next request, as a restart does. */
  dropIdle(): void;
  stop(): Promise<void>;
}

/** A connection that the fake gave over, and what was asked for when it was. */
export type Hijacker = (path: string, socket: Duplex) => void;

/**
 * Starts one. `answer` gets every request but `/_ping`, which offers `apiVersion`; `hijacked` those that ask for the
 * connection itself.
 */
export async function fakeEngine(
  answer: Answerer,
  apiVersion: string | undefined,
  hijacked?: Hijacker,
): Promise<FakeEngine> {
  let offered = apiVersion;
  const folder = await mkdtemp(join(tmpdir(), "ovl-fake-engine-"));
  const socketPath = join(folder, "docker.sock");
  const asked: string[] = [];
  const waiting = new Set<{ url: RegExp; done: () => void }>();
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    for (const one of waiting) {
      if (one.url.test(url)) one.done();
    }
    if (url === "/_ping") {
      if (offered !== undefined) response.setHeader("Api-Version", offered);
      response.end("OK");
    } else answer(url.split("?")[0] ?? "", response, request);
  });
  const given = new Set<Duplex>();
  if (hijacked !== undefined) {
    server.on("upgrade", (request, socket: Duplex) => {
      const url = request.url ?? "";
      asked.push(url);
      given.add(socket);
      // A client that lets go of it is no failure of the fake's.
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      hijacked(url.split("?")[0] ?? "", socket);
    });
  }
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    transport: directTransport("node103", socketPath),
    asked,
    wasAsked: (url) =>
      new Promise((resolve) => {
        if (asked.some((one) => url.test(one))) resolve();
        else waiting.add({ url, done: resolve });
      }),
    offer: (version) => {
      offered = version;
    },
    dropIdle: () => server.closeIdleConnections(),
    stop: async () => {
      server.closeAllConnections();
      for (const socket of given) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** Sends a JSON document. */
export const json = (response: ServerResponse, document: unknown): void => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(document));
};
