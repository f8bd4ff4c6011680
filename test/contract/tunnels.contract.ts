import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Arena, Connections, twoNodes, value } from "./arena.ts";

/** What connections that begin on a node promise; the store's first server answers on one. */
export function tunnelsContract(arena: () => Arena): void {
  describe("a connection that begins on a node", () => {
    let connections: Connections;
    beforeEach(() => {
      connections = new Connections(arena());
    });
    afterEach(() => connections.close());

    const opened = async () => {
      const { spec } = arena();
      const [node, other] = twoNodes(spec);
      const port = spec.store?.port;
      if (port === undefined) throw new Error("the contract needs a store");
      return { node, other, port, access: await connections.to(node) };
    };
    const never = () => new AbortController().signal;

    test("carries what is sent to who listens there, and the whole answer back to its end", async () => {
      const { node, port, access } = await opened();
      const stream = await value(access.tunnels.open(node.ssh.host, port, never()));
      stream.write("GET /v1/status/leader HTTP/1.1\r\nHost: consul\r\nConnection: close\r\n\r\n");
      let answer = "";
      for await (const bytes of stream) answer += String(bytes);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      expect(body.length).toBe(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    });

    test("reaches other nodes as its own does", async () => {
      const { node, port } = await opened();
      const [, other] = twoNodes(arena().spec);
      const { tunnels } = await connections.to(other);
      (await value(tunnels.open(node.ssh.host, port, never()))).destroy();
    });

    test("is refused where nothing listens", async () => {
      const { access, other } = await opened();
      for (const host of ["127.0.0.1", other.ssh.host]) {
        expect(await access.tunnels.open(host, 1, never())).toMatchObject({
          ok: false,
          trouble: { kind: "connection-refused", host, port: 1 },
        });
      }
    });

    test("that nobody waits for any more is cancelled", async () => {
      const { access, port } = await opened();
      expect(await access.tunnels.open("127.0.0.1", port, AbortSignal.abort())).toEqual({
        ok: false,
        trouble: { kind: "cancelled" },
      });
    });

    test("is not to be had over a link that is closed", async () => {
      const { access, port } = await opened();
      await access.link.close();
      expect(await access.tunnels.open("127.0.0.1", port, never())).toMatchObject({
        ok: false,
        trouble: { kind: "connection-lost" },
      });
    });
  });
}
