import type { Duplex } from "node:stream";
import type { StoreMember } from "../../domain/membership.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import { withDeadline } from "../deadline.ts";
import { type Follow, Following, keysMs, type Status, statusMs } from "./following.ts";
import { type Entry, readRecords, root } from "./key-tree.ts";
import type { Server, Way } from "./servers.ts";
import { ZooKeeperSession } from "./zookeeper-session.ts";

/** The keys are read again after this; it also keeps the session alive. */
const keysEveryMs = 5000;
/** For another server's word on itself. */
const memberMs = 2000;
/** Longest answer to a four-letter word, bytes. */
const longestWord = 64 * 1024;

/** Where the engines keep what this program reads: libkv drops the slash at a key's end here. */
const paths = {
  nodes: `/${root}/nodes`,
  networks: `/${root}/network/v1.0/network`,
  overlays: `/${root}/network/v1.0/overlay/network`,
  endpoints: `/${root}/network/v1.0/endpoint`,
} as const;

/**
 * ZooKeeper: its four-letter word `srvr` tells a server's version and role (the only word allowed unless
 * 4lw.commands.whitelist says more), a session reads the keys; both are asked for every few seconds.
 */
export const followZooKeeper: Follow = (way, { servers, clock }, listener) => {
  const controller = new AbortController();
  let session: ZooKeeperSession | undefined;
  const following = new Following("zookeeper", way, clock, listener, () => {
    controller.abort();
    session?.close();
  });
  const { from } = following;

  const openSession = () =>
    withDeadline(clock, { ms: statusMs, signal: controller.signal }, from, async (signal) => {
      const socket = await way.dial(way.host, way.port, signal);
      if (!socket.ok) return socket;
      const opened = new ZooKeeperSession(socket.value, from);
      signal.addEventListener("abort", () => opened.close(), { once: true });
      const connected = await opened.connect();
      if (!connected.ok) opened.close();
      return connected.ok ? good(opened) : connected;
    });

  const followKeys = async (opened: ZooKeeperSession) => {
    while (!following.over) {
      const entries = await withDeadline(clock, { ms: keysMs, signal: controller.signal }, from, () =>
        readKeys(opened),
      );
      if (!entries.ok) return following.fail(entries.trouble);
      following.saw(readRecords(entries.value));
      await following.pause(keysEveryMs);
    }
  };

  const begin = async () => {
    // A server outside a quorum closes sessions without a word, but tells here why.
    const own = await askServer(way, clock, statusMs, controller.signal);
    if (!own.ok) return following.fail(own.trouble);
    const opened = await openSession();
    if (!opened.ok) return following.fail(opened.trouble);
    session = opened.value;
    if (following.over) return session.close();
    followKeys(session);
    following.keepAsking(() => readStatus(way, servers, clock, controller.signal));
  };
  begin();
  return following;
};

async function readKeys(session: ZooKeeperSession): Promise<Outcome<Entry[]>> {
  const [nodes, networks] = await Promise.all([session.children(paths.nodes), session.children(paths.endpoints)]);
  if (!nodes.ok) return nodes;
  if (!networks.ok) return networks;
  const parents = [paths.networks, paths.overlays, ...networks.value.map((network) => `${paths.endpoints}/${network}`)];
  const entries: Entry[] = nodes.value.map((node) => ({ key: `${paths.nodes}/${node}`, value: node }));
  for (const below of await Promise.all(parents.map((path) => readBelow(session, path)))) {
    if (!below.ok) return below;
    entries.push(...below.value);
  }
  return good(entries);
}

/** The values of the nodes right below `path`; those that vanish meanwhile are left out. */
async function readBelow(session: ZooKeeperSession, path: string): Promise<Outcome<Entry[]>> {
  const names = await session.children(path);
  if (!names.ok) return names;
  const entries: Entry[] = [];
  const values = await Promise.all(
    names.value.map(async (name) => ({ key: `${path}/${name}`, value: await session.data(`${path}/${name}`) })),
  );
  for (const { key, value } of values) {
    if (!value.ok) return value;
    if (value.value !== undefined) entries.push({ key, value: value.value });
  }
  return good(entries);
}

interface Word {
  version: SafeText | undefined;
  /** leader, follower, observer or standalone; undefined when the server may not say. */
  mode: string | undefined;
  latencyMs: number;
}

/** The role of every server that the spec names; ZooKeeper has no list of them to be asked for. */
async function readStatus(
  way: Way,
  servers: readonly Server[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome<Status>> {
  const own = await askServer(way, clock, statusMs, signal);
  if (!own.ok) return own;
  const members = await Promise.all(
    servers.map(async (server): Promise<StoreMember> => {
      if (server.ways.includes(way)) return member(server, way.endpoint, own);
      let answer: Outcome<Word> = bad({ kind: "connection-lost", detail: text`no way to it` });
      for (const other of server.ways) {
        answer = await askServer(other, clock, memberMs, signal);
        if (answer.ok) return member(server, other.endpoint, answer);
      }
      return member(server, server.ways[0]?.endpoint ?? server.name, answer);
    }),
  );
  // A follower follows somebody, even when the spec does not name it.
  const followed = own.value.mode === "follower" || own.value.mode === "observer" ? text`elsewhere` : undefined;
  return good({
    version: own.value.version,
    leader: members.find((one) => one.state === "leader")?.address ?? followed,
    latencyMs: own.value.latencyMs,
    members,
  });
}

const memberStates: Readonly<Record<string, StoreMember["state"]>> = {
  leader: "leader",
  // Alone it decides alone.
  standalone: "leader",
  follower: "follower",
  observer: "follower",
};

function member(server: Server, address: SafeText, answer: Outcome<Word>): StoreMember {
  const { name } = server;
  if (answer.ok) return { name, role: "server", state: memberStates[answer.value.mode ?? ""] ?? "alive", address };
  // Not even asked (its node is not connected): nobody knows. Asked in vain: it has failed.
  const asked = ["connection-refused", "timed-out", "store-refused"].includes(answer.trouble.kind);
  return { name, role: "server", state: asked ? "failed" : "unknown", address };
}

/** A server's answer to `srvr`; `store-refused` when it does not serve, as without a quorum. */
function askServer(way: Way, clock: Clock, ms: number, signal: AbortSignal): Promise<Outcome<Word>> {
  const from = text`ZooKeeper at ${way.endpoint}`;
  return withDeadline(clock, { ms, signal }, from, async (ended) => {
    const start = performance.now();
    const socket = await way.dial(way.host, way.port, ended);
    if (!socket.ok) return socket;
    ended.addEventListener("abort", () => socket.value.destroy(), { once: true });
    const said = await exchange(socket.value, "srvr");
    if (!said.ok) return said;
    const latencyMs = performance.now() - start;
    if (said.value.includes("not currently serving requests")) {
      return bad({ kind: "store-refused", from, detail: text`it does not serve: is there a quorum of its servers?` });
    }
    const version = /^Zookeeper version: (\d[\w.]*)/.exec(said.value)?.[1];
    const mode = /^Mode: (\w+)$/m.exec(said.value)?.[1];
    const silent = said.value.includes("not in the whitelist");
    if (mode === undefined && !silent) {
      return bad({ kind: "bad-answer", from, detail: text`to srvr: ${clean(said.value, 120)}` });
    }
    return good({ version: version === undefined ? undefined : clean(version), mode, latencyMs });
  });
}

/** Sends a four-letter word and reads until the server closes, as it does after each. */
function exchange(socket: Duplex, word: string): Promise<Outcome<string>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const said = () => Buffer.concat(chunks).toString("utf8");
    socket.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= longestWord) chunks.push(chunk);
      else socket.destroy();
    });
    socket.on("error", (error) => resolve(bad({ kind: "connection-lost", detail: clean(error.message) })));
    socket.once("end", () => {
      resolve(good(said()));
      socket.destroy();
    });
    socket.once("close", () => resolve(good(said())));
    socket.write(word);
  });
}
