import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { clean, text } from "../../domain/text.ts";
import { bad, good } from "../../domain/trouble.ts";
import type { Loopback } from "../../ports/tunnels.ts";

/** Listeners on 127.0.0.1. */
export const loopback: Loopback = {
  async listen(wanted, accept) {
    const sockets = new Set<Socket>();
    const taken = (socket: Socket): void => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // What breaks is told to the one at the other end by its closing.
      socket.on("error", () => socket.destroy());
      accept(socket as Duplex);
    };
    try {
      const server = await listening(wanted, taken).catch(() => listening(0, taken));
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : wanted;
      const close = (): void => {
        server.close();
        for (const socket of sockets) socket.destroy();
      };
      return good({ port, close });
    } catch (error) {
      return bad({
        kind: "misconfigured",
        detail: text`nothing can listen on 127.0.0.1: ${clean((error as Error).message, 200)}`,
        remedy: text`Look at "ip address show lo" on this machine.`,
      });
    }
  },
};

async function listening(port: number, taken: (socket: Socket) => void): Promise<Server> {
  const server = createServer(taken);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
