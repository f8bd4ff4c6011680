import type { Container, EngineInfo } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { ContainerId } from "../../domain/ids.ts";
import type { EngineMember } from "../../domain/plan/change.ts";
import type { Reach, ReachAsked } from "../../domain/plan/survey.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { awaited, callMs, type Executing, patiently } from "./executor.ts";

/** libnetwork's gossip (moby libnetwork/drivers/overlay/ov_serf.go). */
const gossipPort = 7946;
/** The first registration is tried again every 500 ms; gossip begins when the engine has seen itself in the store. */
const joinMs = 30_000;
const askEveryMs = 150;
/** dockerd's log is asked whether it gave up this often, ms. */
const logEveryMs = 2000;
/** An engine with a store that is away waits a minute for it before it serves. */
const engineUpMs = 120_000;
/** Containers with a restart policy are back within this after the engine, ms. */
const containersBackMs = 30_000;

/** That the engine answers. One that is not running at all is not waited for. */
export async function engineIsUp(on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting for dockerd to answer`);
  const answer = await awaited(on.clock, engineUpMs, askEveryMs, async () => {
    const one = await on.here.engine.ping({ ms: callMs });
    return one.ok || one.trouble.kind === "docker-stopped" ? one : undefined;
  });
  if (answer === undefined) return notWithin(text`dockerd`, engineUpMs);
  return answer.ok ? good(undefined) : answer;
}

/** A reload that ends in another process was a crash and a restart. */
export async function sameProcess(pid: number | undefined, on: Executing): Promise<Outcome<void>> {
  const facts = await patiently(on, () => on.here.host.facts({ ms: callMs }));
  if (!facts.ok) return facts;
  if (facts.value.dockerd?.pid === pid) return good(undefined);
  return bad({
    kind: "misconfigured",
    detail: text`dockerd restarted although it was only told to load its configuration anew`,
    remedy: text`Read "journalctl -u docker" on ${on.node}.`,
  });
}

/** Whether the engine is in the store already, as wanted. */
export async function isMember(member: EngineMember, on: Executing): Promise<boolean> {
  const info = await on.here.engine.info({ ms: callMs });
  return info.ok && knows(info.value, member) && (await gossips(member, on));
}

const knows = ({ store, advertise }: EngineInfo, member: EngineMember): boolean =>
  store === member.store && advertise !== undefined && hostOf(advertise) === member.address;

const hostOf = (advertised: string): string => advertised.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");

async function gossips({ address }: EngineMember, on: Executing): Promise<boolean> {
  const sockets = await on.here.control.listening({ ms: callMs });
  return sockets.ok && sockets.value.some((one) => one.port === gossipPort && one.address === address);
}

/** That the engine has the store, is registered there, and gossips with its peers. `since`: when the change began. */
export async function hasJoined(
  member: EngineMember,
  peers: readonly EngineMember[],
  since: number,
  on: Executing,
): Promise<Outcome<void>> {
  const known = await knowsStore(member, since, on);
  if (!known.ok) return known;
  on.says(text`waiting for its registration and for gossip on ${clean(member.address)}:${gossipPort}`);
  const gossip = await awaited(on.clock, joinMs, askEveryMs, async () =>
    (await gossips(member, on)) ? true : undefined,
  );
  if (gossip === undefined) return notJoined(text`gossip on ${clean(member.address)}:${gossipPort}`, member, on);
  const registered = await awaited(on.clock, joinMs, askEveryMs, async () => {
    const membership = await on.store()?.ask({ ms: callMs });
    if (membership === undefined) return true;
    if (!membership.ok) return undefined;
    return membership.value.registrations.some((one) => hostOf(one) === member.address) ? true : undefined;
  });
  if (registered === undefined) return notJoined(text`the key of ${on.node} under docker/nodes`, member, on);
  return reachedByPeers(member, peers, on);
}

/** What did not come about, and whether that is for want of the store. */
async function notJoined(what: SafeText, member: EngineMember, on: Executing): Promise<Outcome<void>> {
  const store = clean(member.store);
  const missing = text`${what}: none in ${joinMs / 1000} s`;
  const membership = await on.store()?.ask({ ms: callMs });
  if (membership === undefined || membership.ok) {
    const remedy = text`Read "journalctl -u docker -n 50" there, and see that it reaches ${store}; then apply again.`;
    return bad({ kind: "misconfigured", detail: missing, remedy });
  }
  return bad({
    kind: "misconfigured",
    detail: text`${missing}, and the store ${store} does not answer: ${explain(membership.trouble, store).what}`,
    remedy: text`Bring the store back first ("docker ps -a" on its node shows whether it runs), then apply again.`,
  });
}

/** dockerd takes it within a moment or says at once why it will not (moby cmd/dockerd/daemon.go, reloadConfig). */
async function knowsStore(member: EngineMember, since: number, on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting until it knows the store`);
  let last: EngineInfo | undefined;
  let refusal: SafeText | undefined;
  let nextLook = on.clock.now() + logEveryMs;
  const settled = await awaited(on.clock, joinMs, askEveryMs, async () => {
    const info = await on.here.engine.info({ ms: callMs });
    last = info.ok ? info.value : last;
    if (info.ok && knows(info.value, member)) return true;
    if (on.clock.now() < nextLook) return undefined;
    nextLook = on.clock.now() + logEveryMs;
    refusal = await refusalInLog(since, on);
    return refusal === undefined ? undefined : true;
  });
  if (settled === true && refusal === undefined) return good(undefined);
  const says =
    last === undefined
      ? text`it did not answer`
      : text`it says "${last.store ?? text`none`}", advertised as "${last.advertise ?? text`nothing`}"`;
  return bad({
    kind: "misconfigured",
    detail: text`dockerd did not take the store: ${says}`,
    remedy: text`Read "journalctl -u docker" on ${on.node}.`,
  });
}

async function refusalInLog(since: number, on: Executing): Promise<SafeText | undefined> {
  const log = await on.here.control.services.engineLog(since, 50, { ms: callMs });
  const line = log.ok
    ? log.value.findLast((one) => /Error reconfiguring|unable to configure|service not supported/i.test(one))
    : undefined;
  return line === undefined ? undefined : clean(line);
}

/** Gossip is both ways: each peer has to reach this engine, and this one each peer. */
async function reachedByPeers(
  member: EngineMember,
  peers: readonly EngineMember[],
  on: Executing,
): Promise<Outcome<void>> {
  let blocked: { from: SafeText; reach: Reach }[] = [];
  // One silent try may be a packet that was lost.
  for (let attempt = 0; attempt < 2; attempt++) {
    blocked = (await triedBothWays(member, peers, on)).filter(
      ({ reach }) => reach.result === "silent" || reach.result === "rejected",
    );
    if (blocked.length === 0) return good(undefined);
  }
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

async function triedBothWays(member: EngineMember, peers: readonly EngineMember[], on: Executing) {
  const at = ({ node, address }: EngineMember): ReachAsked => ({ node, address, protocol: "tcp", port: gossipPort });
  const within = { ms: callMs };
  const tries = await Promise.all([
    on.here.control.reaches(peers.map(at), within).then((all) => all.map((reach) => ({ from: on.node, reach }))),
    ...peers.map(async ({ node }) => {
      const tried = (await on.other(node)?.control.reaches([at(member)], within)) ?? [];
      return tried.map((reach) => ({ from: node, reach }));
    }),
  ]);
  return tries.flat();
}

/**
 * Those that the engine brings back by itself come back; the others are started, for the restart stopped them, and paused
 * where they were. None is started twice: one that then ends well had no more to do.
 */
export async function containersBack(before: readonly Container[], on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting for its containers`);
  const { engine } = on.here.control;
  const started = new Set<ContainerId>();
  let left: readonly Container[] = before;
  await awaited(on.clock, containersBackMs, 500, async () => {
    const listed = await on.here.engine.containers({ ms: callMs });
    if (!listed.ok) return undefined;
    const now = new Map<ContainerId, Container>(listed.value.map((one) => [one.id, one]));
    left = before.filter((one) => !isBack(one, now.get(one.id), started.has(one.id)));
    for (const { id } of left) {
      const state = now.get(id)?.state;
      if (state === "running") await engine.pauseContainer(id, { ms: callMs });
      else if (state !== "restarting" && !started.has(id)) {
        // One that the engine could not start did not run, and is tried again.
        if ((await engine.startContainer(id, { ms: callMs })).ok) started.add(id);
      }
    }
    return left.length === 0 ? true : undefined;
  });
  if (left.length === 0) return good(undefined);
  return bad({
    kind: "misconfigured",
    detail: text`dockerd runs again, and these containers do not: ${joined(left.map((one) => one.name))}`,
    remedy: text`Run "docker start" for them on ${on.node}, and "docker logs" where they do not stay up.`,
  });
}

/** Whether it is as it was before the restart. One that is gone ran with --rm: the plan said that it would be stopped. */
function isBack(before: Container, now: Container | undefined, isStarted: boolean): boolean {
  if (now === undefined) return true;
  if (isStarted && now.state === "exited" && now.exitCode === 0) return true;
  return now.state === "paused" || (now.state === "running" && before.state === "running");
}

const notWithin = (what: SafeText, ms: number): Outcome<void> => bad({ kind: "timed-out", what, afterMs: ms });
