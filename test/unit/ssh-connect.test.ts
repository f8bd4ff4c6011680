import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { connect } from "../../src/adapters/ssh/connect.ts";
import { Limit } from "../../src/adapters/ssh/limit.ts";
import { createSshShared, type SshShared } from "../../src/adapters/ssh/shared.ts";
import { targetOf } from "../../src/adapters/ssh/ssh-config.ts";
import { text } from "../../src/domain/text.ts";
import { nodeNamed } from "../snapshots.ts";

const patience = { timeout: 30_000 };
const over = new AbortController();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A host that accepts connections and says nothing; what it heard on them. */
async function host() {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const server = createServer((socket) => {
    const at = sockets.push(socket) - 1;
    heard.push("");
    socket.on("data", (chunk) => {
      heard[at] += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, sockets, heard };
}

function connected(port: number, shared: SshShared, signal: AbortSignal = over.signal) {
  const wanted = { host: text`127.0.0.1`, user: "root", port, identityFile: undefined, knownHostsFile: undefined };
  const resolved = targetOf({ ...wanted, jump: undefined }, new Map([["identityfile", ["none"]]]), {
    ...{ home: "/nowhere", user: "root", environment: {} },
  });
  const target = resolved.ok ? resolved.value : expect.fail();
  const prompter = { ask: () => expect.fail("nothing is asked") };
  return connect({ node: nodeNamed("node103"), target, prompter, shared, signal });
}

const withPlaces = (count: number): SshShared => ({ ...createSshShared(), handshakes: new Limit(count) });

describe("a handshake", () => {
  test("takes its place once the host has answered, so that hosts that are down delay no other", async () => {
    const shared = withPlaces(1);
    const place = (await shared.handshakes.enter(over.signal)) ?? expect.fail();
    const one = await host();
    const ends = new AbortController();
    const attempt = connected(one.port, shared, ends.signal);
    await expect.poll(() => one.sockets.length, patience).toBe(1);
    expect(one.heard).toEqual([""]);
    place();
    await expect.poll(() => one.heard[0], patience).toMatch(/^SSH-2\.0-/);
    ends.abort();
    expect(await attempt).toMatchObject({ trouble: { kind: "cancelled" } });
  });

  test("gives its place to the next where the host says nothing", async () => {
    const shared = withPlaces(1);
    const [silent, next] = [await host(), await host()];
    const ends = new AbortController();
    const first = connected(silent.port, shared, ends.signal);
    await expect.poll(() => silent.heard[0], patience).toMatch(/^SSH-2\.0-/);
    const second = connected(next.port, shared, ends.signal);
    await expect.poll(() => next.heard[0], patience).toMatch(/^SSH-2\.0-/);
    ends.abort();
    expect([await first, await second]).toMatchObject([{ ok: false }, { ok: false }]);
  });

  test("whose connection is reset while it waits for its place says so, and keeps none", async () => {
    const shared = withPlaces(1);
    const place = (await shared.handshakes.enter(over.signal)) ?? expect.fail();
    const one = await host();
    const attempt = connected(one.port, shared);
    await expect.poll(() => one.sockets.length, patience).toBe(1);
    one.sockets[0]?.resetAndDestroy();
    place();
    expect(await attempt).toMatchObject({ trouble: { kind: "connection-lost" } });
    expect(await shared.handshakes.enter(over.signal)).toBeTypeOf("function");
  });

  test("with a port where nobody listens is refused", async () => {
    const one = await host();
    servers.pop()?.close();
    expect(await connected(one.port, withPlaces(1))).toMatchObject({ trouble: { kind: "connection-refused" } });
  });
});
