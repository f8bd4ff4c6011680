import type Consul from "consul";
import { z } from "zod";
import type { StoreMember } from "../../domain/membership.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { count, map, parseAnswer, words } from "../answer.ts";
import { withDeadline } from "../deadline.ts";
import { DialedAgent } from "../dialed-agent.ts";
import { consulTrouble } from "./consul-trouble.ts";
import { type Follow, Following, gatherMs, keysMs, type Status, statusMs } from "./following.ts";
import { readRecords, root } from "./key-tree.ts";
import type { Way } from "./servers.ts";

/** How long a blocking query is held open when nothing changes. */
const wait = "30s";

/**
 * Consul over its HTTP API: one wide blocking query on the keys pushes every change; leader, peers and members cannot
 * be waited for (`/v1/agent/members` has no index) and are asked for every few seconds, which also finds a server
 * that hangs while the blocking query would still be waiting.
 */
export const followConsul: Follow = (way, { clock }, listener) => {
  const agent = new DialedAgent((signal) => way.dial(way.host, way.port, signal), {
    keepAlive: true,
    maxFreeSockets: 2,
  });
  let keys: ReturnType<Consul["watch"]> | undefined;
  const following = new Following("consul", way, clock, listener, () => {
    keys?.end();
    agent.destroy();
  });
  const watchKeys = (client: Consul) => {
    let answeredAt = Number.NEGATIVE_INFINITY;
    const method = async (options: object) => {
      // The client asks again at once after every answer: under a storm of changes for the whole tree, every time.
      const pause = answeredAt + gatherMs - clock.now();
      if (pause > 0) await following.pause(pause);
      try {
        return await client.kv.get(options);
      } finally {
        answeredAt = clock.now();
      }
    };
    keys = client.watch({ method, options: { key: `${root}/`, recurse: "true", wait } });
    keys.on("error", (error) => following.fail(consulTrouble(error, way.endpoint, keysMs)));
    keys.on("change", (raw: unknown) => {
      const entries = parseAnswer(keyList, raw, text`the keys of ${following.from}`);
      if (entries.ok) following.saw(readRecords(entries.value));
      else following.fail(entries.trouble);
    });
  };
  connect(agent).then((client) => {
    if (following.over) return;
    following.keepAsking(() =>
      withDeadline(clock, { ms: statusMs }, following.from, () => readStatus(client, way, following.from)),
    );
    watchKeys(client);
  });
  return following;
};

/** The client; host and port only fill the Host header, `agent` does the connecting. */
async function connect(agent: DialedAgent): Promise<Consul> {
  const { default: Client } = await import("consul");
  return new Client({ host: "localhost", port: 8500, agent });
}

/** `GET /v1/kv/docker/?recurse`: undefined when there is no such key. */
const keyList = z
  .array(z.object({ Key: z.string(), Value: words }))
  .nullish()
  .transform((keys) => (keys ?? []).map((one) => ({ key: one.Key, value: one.Value })));

/** `GET /v1/agent/members` (serf's view from this agent). */
const memberList = z.array(z.object({ Name: words, Addr: words, Port: count, Tags: map(words), Status: count }));
type Member = z.output<typeof memberList>[number];

/** `GET /v1/agent/self`. */
const selfAnswer = z.object({
  Config: z.object({ Version: words, NodeName: words }).nullish(),
});

/** By serf's MemberStatus (hashicorp/serf serf/serf.go). */
const serfStates = ["unknown", "alive", "leaving", "left", "failed"] as const;

async function readStatus(client: Consul, way: Way, from: SafeText): Promise<Outcome<Status>> {
  try {
    const [peers, members, self] = await Promise.all([
      client.status.peers().then((raw) => parseAnswer(z.array(z.string()).nullish(), raw, from)),
      client.agent.members().then((raw) => parseAnswer(memberList, raw, from)),
      client.agent.self().then((raw) => parseAnswer(selfAnswer, raw, from)),
    ]);
    // Last, over a connection that stands by now, so that its time is the server's and not the handshake's.
    const start = performance.now();
    // Undefined when there is none: the client drops an empty answer.
    const leader = parseAnswer(words, await client.status.leader(), from);
    const latencyMs = performance.now() - start;
    if (!leader.ok) return leader;
    if (!peers.ok) return peers;
    if (!members.ok) return members;
    if (!self.ok) return self;
    if (leader.value === "") return bad({ kind: "store-refused", from, detail: text`no cluster leader` });
    const own = self.value.Config?.NodeName;
    const listed = members.value.map((member) => memberOf(member, leader.value, peers.value ?? [], own, way.endpoint));
    return good({
      // The address that the operator can reach it by, where that is known; else the one it has in the raft.
      leader: listed.find((member) => member.state === "leader")?.address ?? clean(leader.value),
      version: clean(self.value.Config?.Version ?? ""),
      latencyMs,
      members: listed,
    });
  } catch (error) {
    return bad(consulTrouble(error, way.endpoint, statusMs));
  }
}

function memberOf(
  member: Member,
  leader: string,
  peers: readonly string[],
  own: string | undefined,
  endpoint: SafeText,
): StoreMember {
  const server = member.Tags.get("role") === "consul";
  const raftAddress = hostPort(member.Addr, member.Tags.get("port") ?? "");
  const serf = serfStates[member.Status] ?? "unknown";
  const inRaft = server && peers.includes(raftAddress);
  return {
    name: clean(member.Name),
    role: server ? "server" : "client",
    state: serf !== "alive" || !inRaft ? serf : raftAddress === leader ? "leader" : "follower",
    // A Consul in a container knows itself by an address inside its host; the one that just answered is better.
    address: member.Name === own ? endpoint : clean(hostPort(member.Addr, String(member.Port))),
  };
}

const hostPort = (host: string, port: string): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
