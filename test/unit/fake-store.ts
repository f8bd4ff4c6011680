import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";

/** A server on loopback in the place of a store, for what a real one cannot be made to do at will. */
export interface FakeStore {
  port: number;
  /** Open connections. */
  readonly open: number;
  stop(): Promise<void>;
}

/** HTTP: `answer` gets every request, the path without its query. */
export function fakeHttp(
  answer: (path: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<FakeStore> {
  return started(
    createServer((request, response) => answer((request.url ?? "").split("?")[0] ?? "", response, request)),
  );
}

/** Bare TCP: `speak` gets every connection. */
export function fakeTcp(speak: (socket: Socket) => void): Promise<FakeStore> {
  return started(createTcpServer(speak));
}

function started(server: Server): Promise<FakeStore> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        get open() {
          return sockets.size;
        },
        stop: () => {
          for (const socket of sockets) socket.destroy();
          return new Promise((stopped) => server.close(() => stopped()));
        },
      });
    });
  });
}

/** Sends a JSON document as Consul and etcd do. */
export const json = (response: ServerResponse, document: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(document));
};
