import type { Container, EngineInfo } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { ContainerId } from "../../domain/ids.ts";
import type { ConfigureEngine, EngineMember, FileEdit } from "../../domain/plan/change.ts";
import type { ReachAsked } from "../../domain/plan/survey.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { awaited, callMs, done, type Executing, type Executor, type Result, undone } from "./executor.ts";

/** libnetwork's gossip (moby libnetwork/drivers/overlay/ov_serf.go). */
const gossipPort = 7946;
/** The first registration is tried again every 500 ms; gossip begins when the engine has seen itself in the store. */
const joinMs = 30_000;
const askEveryMs = 150;
/** An engine with a store that is away waits a minute for it before it serves. */
const engineUpMs = 120_000;
const stopStartMs = 150_000;
/** Containers with a restart policy are back within this after the engine, ms. */
const containersBackMs = 30_000;

/** What the engine was like before. */
interface Before {
  pid: number | undefined;
  running: readonly Container[];
}

export const configureEngine: Executor<ConfigureEngine> = async (change, on) => {
  const before = await lookBefore(on);
  if (!before.ok) return undone(before.trouble, on.node);
  const written: FileEdit[] = [];
  for (const edit of change.edits) {
    const outcome = await on.here.control.files.write(edit, { ms: callMs });
    if (outcome.ok && outcome.value.result === "written") written.push(edit);
    if (outcome.ok && outcome.value.result !== "changed") continue;
    const result = outcome.ok ? changedMeanwhile(edit, on) : undone(outcome.trouble, on.node);
    return takenBack(result, written, "nothing", change, before.value, on);
  }
  on.says(change.take === "reload" ? text`reloading dockerd` : text`restarting dockerd`);
  const taken = await take(change.take, on);
  const proven = taken.ok ? await proof(change, before.value, on) : taken;
  if (proven.ok) return done;
  const reason = await inEnginesWords(proven.trouble, on);
  return takenBack(undone(reason, on.node), written, change.take, change, before.value, on);
};

async function lookBefore(on: Executing): Promise<Outcome<Before>> {
  const [facts, containers] = await Promise.all([
    on.here.host.facts({ ms: callMs }),
    on.here.engine.containers({ ms: callMs }),
  ]);
  if (!facts.ok) return facts;
  if (!containers.ok) return containers;
  return good({
    pid: facts.value.dockerd?.pid,
    running: containers.value.filter((one) => one.state === "running" || one.state === "paused"),
  });
}

const changedMeanwhile = ({ path }: FileEdit, on: Executing): Result => ({
  state: "undone",
  error: text`${clean(path)} on ${on.node} was changed by somebody else since this plan was made; nothing was written over it`,
  remedy: text`Plan again: the new plan starts from the file as it is now.`,
});

const take = (how: ConfigureEngine["take"], on: Executing): Promise<Outcome<void>> => {
  const { services } = on.here.control;
  return how === "reload" ? services.reloadEngine({ ms: callMs }) : services.restartEngine({ ms: stopStartMs });
};

/** That the engine serves, has the store, is registered, and gossips with its peers; and that nobody was disturbed who should not be. */
async function proof(change: ConfigureEngine, before: Before, on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting for dockerd to answer`);
  const up = await awaited(on.clock, engineUpMs, askEveryMs, async () =>
    (await on.here.engine.ping({ ms: callMs })).ok ? true : undefined,
  );
  if (up === undefined) return notWithin(text`dockerd`, engineUpMs);
  if (change.take === "restart") {
    const back = await containersBack(before.running, on);
    if (!back.ok) return back;
  }
  if (change.joins !== undefined) {
    const member = await hasJoined(change.joins, change.peers, on);
    if (!member.ok) return member;
  }
  if (change.take === "restart") return good(undefined);
  const facts = await on.here.host.facts({ ms: callMs });
  if (!facts.ok || facts.value.dockerd?.pid === before.pid) return good(undefined);
  return bad({
    kind: "misconfigured",
    detail: text`dockerd restarted although it was only told to load its configuration anew`,
    remedy: text`Read "journalctl -u docker" on ${on.node}.`,
  });
}

async function hasJoined(member: EngineMember, peers: readonly EngineMember[], on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting until it knows the store`);
  let last: EngineInfo | undefined;
  const known = await awaited(on.clock, joinMs, askEveryMs, async () => {
    const info = await on.here.engine.info({ ms: callMs });
    last = info.ok ? info.value : last;
    return info.ok && info.value.store === member.store ? true : undefined;
  });
  if (known === undefined) {
    return bad({
      kind: "misconfigured",
      detail: text`dockerd did not take the store: it says "${last?.store ?? text`none`}"`,
      remedy: text`Read "journalctl -u docker" on ${on.node}.`,
    });
  }
  on.says(text`waiting for its registration and for gossip on ${clean(member.address)}:${gossipPort}`);
  const gossip = await awaited(on.clock, joinMs, askEveryMs, async () => {
    const sockets = await on.here.control.listening({ ms: callMs });
    const here = sockets.ok && sockets.value.some((one) => one.port === gossipPort && one.address === member.address);
    return here ? true : undefined;
  });
  if (gossip === undefined) return notWithin(text`gossip on ${clean(member.address)}:${gossipPort}`, joinMs);
  const registered = await awaited(on.clock, joinMs, askEveryMs, async () => {
    const membership = await on.store()?.ask({ ms: callMs });
    if (membership === undefined) return true;
    if (!membership.ok) return undefined;
    return membership.value.registrations.some((one) => one.startsWith(`${member.address}:`)) ? true : undefined;
  });
  if (registered === undefined) return notWithin(text`the key of ${on.node} under docker/nodes in the store`, joinMs);
  return reachedByPeers(member, peers, on);
}

/** Gossip is both ways: each peer has to reach this engine, and this one each peer. */
async function reachedByPeers(
  member: EngineMember,
  peers: readonly EngineMember[],
  on: Executing,
): Promise<Outcome<void>> {
  const at = ({ node, address }: EngineMember): ReachAsked => ({ node, address, protocol: "tcp", port: gossipPort });
  const within = { ms: callMs };
  const tries = await Promise.all([
    on.here.control.reaches(peers.map(at), within).then((all) => all.map((reach) => ({ from: on.node, reach }))),
    ...peers.map(async ({ node }) => {
      const tried = (await on.other(node)?.control.reaches([at(member)], within)) ?? [];
      return tried.map((reach) => ({ from: node, reach }));
    }),
  ]);
  const results = tries.flat();
  const blocked = results.filter(({ reach }) => reach.result === "silent" || reach.result === "rejected");
  if (blocked.length === 0) return good(undefined);
  return bad({
    kind: "misconfigured",
    detail: joined(
      blocked.map(
        ({ from, reach }) => text`${from} does not reach ${gossipPort}/tcp of ${reach.node}: ${reach.detail}`,
      ),
    ),
    remedy: text`Open ${gossipPort} tcp and udp and 4789 udp between the nodes.`,
  });
}

/** Those that the engine brings back by itself come back; the others are started, for we stopped them. */
async function containersBack(before: readonly Container[], on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting for its containers`);
  const missing = async (): Promise<Container[] | undefined> => {
    const now = await on.here.engine.containers({ ms: callMs });
    if (!now.ok) return undefined;
    const states = new Map<ContainerId, Container>(now.value.map((one) => [one.id, one]));
    for (const one of before) {
      const state = states.get(one.id)?.state;
      // One that is gone ran with --rm: the plan said that it would be stopped.
      if (state === "exited" || state === "created")
        await on.here.control.engine.startContainer(one.id, { ms: callMs });
    }
    return before.filter((one) => {
      const container = states.get(one.id);
      return container !== undefined && container.state !== "running" && container.state !== "paused";
    });
  };
  let left: Container[] = [];
  const all = await awaited(on.clock, containersBackMs, 500, async () => {
    const some = await missing();
    left = some ?? left;
    return some?.length === 0 ? true : undefined;
  });
  if (all !== undefined) return good(undefined);
  return bad({
    kind: "misconfigured",
    detail: text`dockerd runs again, and these containers do not: ${joined(left.map((one) => one.name))}`,
    remedy: text`Run "docker start" for them on ${on.node}, and "docker logs" where they do not stay up.`,
  });
}

const notWithin = (what: SafeText, ms: number): Outcome<void> => bad({ kind: "timed-out", what, afterMs: ms });

/** What dockerd itself said of its configuration tells more than what we saw of it. */
async function inEnginesWords(trouble: Trouble, on: Executing): Promise<Trouble> {
  const log = await on.here.control.services.engineLog(on.clock.now() - 120_000, 50, { ms: callMs });
  const telling = log.ok
    ? log.value.findLast(
        (line) =>
          /discovery|cluster|serf|configuration|listen/i.test(line) &&
          /error|fail|warn|cannot|unable|not support/i.test(line),
      )
    : undefined;
  if (telling === undefined) return trouble;
  const said = clean(/msg="((?:[^"\\]|\\.)*)"/.exec(telling)?.[1]?.replaceAll('\\"', '"') ?? telling, 400);
  const { what, remedy } = explain(trouble, on.node);
  return { kind: "misconfigured", detail: text`${what}; dockerd says: ${said}`, remedy };
}

/** The files as they were, the newest first, and the engine with them. */
async function takenBack(
  result: Result,
  written: readonly FileEdit[],
  taken: ConfigureEngine["take"] | "nothing",
  change: ConfigureEngine,
  before: Before,
  on: Executing,
): Promise<Result> {
  if (result.state !== "undone") return result;
  on.says(text`putting the files back`);
  const left: SafeText[] = [];
  for (const edit of written.toReversed()) {
    const back = await on.here.control.files.read(edit.path, { ms: callMs });
    const outcome = back.ok
      ? await on.here.control.files.write(
          {
            ...edit,
            replaces: back.value,
            content: edit.replaces === "absent" ? "removed" : edit.replaces.content,
          },
          { ms: callMs },
        )
      : back;
    if (!outcome.ok || outcome.value.result === "changed") left.push(clean(edit.path));
  }
  const { error, remedy } = result;
  if (left.length > 0) {
    return {
      state: "failed",
      error,
      remedy,
      stands: text`these files are as written: ${joined(left)}; the old ones are beside them`,
    };
  }
  if (taken === "nothing") return result;
  // A store that was taken cannot be given up by SIGHUP; it stays until the next restart, and the file rules that.
  const again = await take(taken, on);
  const up = again.ok
    ? await awaited(on.clock, engineUpMs, askEveryMs, async () =>
        (await on.here.engine.ping({ ms: callMs })).ok ? true : undefined,
      )
    : undefined;
  if (up === undefined) {
    const last = again.ok ? text`dockerd does not answer` : explain(again.trouble, on.node).what;
    return { state: "failed", error, remedy, stands: text`the files are as before, and ${last}` };
  }
  if (change.take === "restart") await containersBack(before.running, on);
  return result;
}
