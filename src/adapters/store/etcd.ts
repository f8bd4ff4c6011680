import { z } from "zod";
import type { StoreMember } from "../../domain/membership.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { list, parseAnswer, words } from "../answer.ts";
import { type Follow, Following, gatherMs, keysMs, type Status, statusMs } from "./following.ts";
import { HttpJson, type JsonAnswer } from "./http-json.ts";
import { type Entry, readRecords, root } from "./key-tree.ts";

/** A question that waits for a change is asked anew after this; etcd itself would hold it for ever. */
const waitMs = 60_000;
/** For another member's own word on its state. */
const memberMs = 2000;

/** Error codes of the v2 API (etcd v2 documentation, "errorcode"). */
const keyNotFound = 100;
const eventIndexCleared = 401;

const keysPath = `/v2/keys/${root}?recursive=true`;

/**
 * etcd over its v2 API, the only one that engines write to (libkv store/etcd): `wait=true` pushes every change, and
 * the tree is read again then; members and leader are asked for every few seconds.
 */
export const followEtcd: Follow = (way, { clock }, listener) => {
  const http = new HttpJson((signal) => way.dial(way.host, way.port, signal), clock, text`etcd at ${way.endpoint}`);
  const others = new Map<string, HttpJson>();
  const following = new Following("etcd", way, clock, listener, () => {
    http.close();
    for (const other of others.values()) other.close();
  });
  const { from } = following;

  /** A member's word on itself, asked for from where `way` starts. */
  const askMember = async (url: string): Promise<StoreMember["state"]> => {
    const address = clientAddress(url);
    if (address === undefined) return "unknown";
    const { host, port } = address;
    const other = others.get(url) ?? new HttpJson((signal) => way.dial(host, port, signal), clock, from);
    others.set(url, other);
    const answer = await other.get("/v2/stats/self", { ms: memberMs });
    if (!answer.ok) return "failed";
    const self = parseAnswer(selfAnswer, answer.value.body, from);
    return self.ok ? stateOf(self.value.state) : "unknown";
  };

  const readStatus = async (): Promise<Outcome<Status>> => {
    const [version, members, self] = await Promise.all(
      ["/version", "/v2/members", "/v2/stats/self"].map((path) => http.get(path, { ms: statusMs })),
    );
    const known = { version: answerOf(versionAnswer, version, from), members: answerOf(membersAnswer, members, from) };
    const own = answerOf(selfAnswer, self, from);
    if (!known.members.ok) return known.members;
    if (!known.version.ok) return known.version;
    if (!own.ok) return own;
    const { id, leaderInfo } = own.value;
    const listed = await Promise.all(
      known.members.value.members.map(
        async (member): Promise<StoreMember> => ({
          name: clean(member.name === "" ? member.id : member.name),
          role: "server",
          state: member.id === id ? stateOf(own.value.state) : await askMember(member.clientURLs[0] ?? ""),
          address: member.id === id ? way.endpoint : clean((member.clientURLs[0] ?? "").replace(/^https?:\/\//, "")),
        }),
      ),
    );
    const leader = known.members.value.members.findIndex((member) => member.id === leaderInfo?.leader);
    return good({
      version: clean(known.version.value.etcdserver),
      leader: listed[leader]?.address,
      latencyMs: self?.ok ? self.value.latencyMs : 0,
      members: listed,
    });
  };

  const followKeys = async () => {
    while (!following.over) {
      const tree = await http.get(keysPath, { ms: keysMs });
      const index = tree.ok ? readTree(tree.value, from) : tree;
      if (!index.ok) return following.fail(index.trouble);
      following.saw(readRecords(index.value.entries));
      const change = await nextChange(http, index.value.index, from, following);
      if (!change.ok) return following.fail(change.trouble);
      await following.pause(gatherMs);
    }
  };

  following.keepAsking(readStatus);
  followKeys();
  return following;
};

/** Resolves when a key changed after `index`; a registration that is only renewed, every 20 s and engine, is none. */
async function nextChange(
  http: HttpJson,
  index: number,
  from: SafeText,
  following: Following,
): Promise<Outcome<undefined>> {
  let next = index + 1;
  while (!following.over) {
    const answer = await http.get(`${keysPath}&wait=true&waitIndex=${next}`, { ms: waitMs });
    if (!answer.ok) {
      if (answer.trouble.kind === "timed-out") continue;
      return answer;
    }
    // The server closed the question without an answer (it is being stopped, or its own limit is over).
    if (answer.value.body === undefined) return good(undefined);
    const event = parseAnswer(eventAnswer, answer.value.body, from);
    if (!event.ok) return event;
    if (event.value.errorCode === eventIndexCleared) return good(undefined);
    if (answer.value.status !== 200) return bad(refused(answer.value, from));
    const { node, prevNode } = event.value;
    const renewed = node !== undefined && prevNode !== undefined && node.value === prevNode.value && node.value !== "";
    if (!renewed) return good(undefined);
    next = node.modifiedIndex + 1;
  }
  return good(undefined);
}

const versionAnswer = z.object({ etcdserver: words });
const membersAnswer = z.object({ members: list(z.object({ id: words, name: words, clientURLs: list(z.string()) })) });
const selfAnswer = z.object({ id: words, state: words, leaderInfo: z.object({ leader: words }).nullish() });
const eventAnswer = z.object({
  errorCode: z.number().optional(),
  node: z.object({ value: words, modifiedIndex: z.number() }).optional(),
  prevNode: z.object({ value: words }).optional(),
});

const treeAnswer = z.object({ errorCode: z.number().optional(), node: z.unknown().optional() });
/** One key; those below it are looked at one by one, since nobody promises how deep they go. */
const keyNode = z.object({ key: words, value: z.string().optional(), nodes: list(z.unknown()) });

/** The keys with the index at which they were so: changes after it are the ones to wait for. */
function readTree(answer: JsonAnswer, from: SafeText): Outcome<{ entries: Entry[]; index: number }> {
  const tree = parseAnswer(treeAnswer, answer.body ?? {}, from);
  if (!tree.ok) return tree;
  const empty = answer.status === 404 && tree.value.errorCode === keyNotFound;
  if (answer.status !== 200 && !empty) return bad(refused(answer, from));
  const index = Number(answer.headers["x-etcd-index"]);
  if (!Number.isSafeInteger(index)) return bad({ kind: "bad-answer", from, detail: text`no X-Etcd-Index` });
  const entries: Entry[] = [];
  const unread = empty ? [] : [tree.value.node];
  while (unread.length > 0) {
    const node = parseAnswer(keyNode, unread.pop(), from);
    if (!node.ok) return node;
    const { key, value, nodes } = node.value;
    if (value !== undefined) entries.push({ key, value });
    for (const below of nodes) unread.push(below);
  }
  return good({ entries, index });
}

function answerOf<Schema extends z.ZodType>(
  schema: Schema,
  answer: Outcome<JsonAnswer> | undefined,
  from: SafeText,
): Outcome<z.output<Schema>> {
  if (answer === undefined) return bad({ kind: "cancelled" });
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return bad(refused(answer.value, from));
  return parseAnswer(schema, answer.value.body, from);
}

const refusal = z.object({ message: words, cause: words });

function refused(answer: JsonAnswer, from: SafeText): Trouble {
  const said = refusal.safeParse(answer.body);
  // A server without the v2 API knows none of its paths: "404 page not found", and no JSON.
  if (answer.status === 404 && !said.success) {
    const detail = text`its v2 API is off, and engines speak no other: start etcd 3.4 or 3.5 with --enable-v2 (3.6 has none)`;
    return { kind: "store-refused", from, detail };
  }
  const words = said.success ? clean(`${said.data.message} ${said.data.cause}`.trim()) : text``;
  return { kind: "store-refused", from, detail: words === "" ? text`HTTP status ${answer.status}` : words };
}

/** etcd's raft states (etcdserver/api/v2stats/server.go). */
function stateOf(word: string): StoreMember["state"] {
  if (word === "StateLeader") return "leader";
  return word === "StateFollower" ? "follower" : "unknown";
}

/** Where a member's clients connect, of a URL like http://10.0.0.1:2379; undefined for TLS, which needs certificates. */
function clientAddress(url: string): { host: string; port: number } | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol !== "http:") return undefined;
  return { host: parsed.hostname.replace(/^\[|\]$/g, ""), port: Number(parsed.port || "80") };
}
