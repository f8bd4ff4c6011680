import type { EngineInfo } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import type { InitSwarm, JoinSwarm, LeaveSwarm } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { NodeAccess } from "../../ports/world.ts";
import {
  awaited,
  callMs,
  done,
  type Executing,
  type Executor,
  failed,
  impossible,
  isRefused,
  isUnknown,
  leftToOthers,
  patiently,
  type Result,
  unchanged,
  undone,
} from "./executor.ts";

/** Raft and gossip settle within seconds; joining pulls certificates first. */
const swarmMs = 60_000;

const info = async (on: Executing): Promise<EngineInfo | undefined> => {
  const answer = await on.here.engine.info({ ms: callMs });
  return answer.ok ? answer.value : undefined;
};

const lookAt = (on: Executing): Promise<Outcome<EngineInfo>> =>
  patiently(on, () => on.here.engine.info({ ms: callMs }));

const active = (on: Executing, isSo: (one: EngineInfo) => boolean): Promise<EngineInfo | undefined> =>
  awaited(on.clock, swarmMs, 250, async () => {
    const one = await info(on);
    return one !== undefined && isSo(one) ? one : undefined;
  });

/** Makes the engine the first manager of a new swarm. */
export const initSwarm: Executor<InitSwarm> = async ({ advertise }, on) => {
  const before = await lookAt(on);
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value.swarm.state === "active") return unchanged;
  if (before.value.swarm.state !== "inactive") return inAnother(before.value, on);
  const made = await on.here.control.engine.initSwarm(advertise, { ms: swarmMs });
  if (!made.ok && !isUnknown(made.trouble)) return undone(made.trouble, on.node);
  on.says(text`waiting until it manages`);
  const ready = await active(on, ({ swarm }) => swarm.state === "active" && swarm.manager);
  return ready === undefined ? leftAgain(on, made.ok ? notWithin(on) : made.trouble) : done;
};

/** Joins the swarm of `via` by its token, and waits until that one lists the node as ready. */
export const joinSwarm: Executor<JoinSwarm> = async (change, on) => {
  const { role, via, manager, advertise } = change;
  const before = await lookAt(on);
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value.swarm.state === "active") return unchanged;
  if (before.value.swarm.state !== "inactive") return inAnother(before.value, on);
  const other = on.other(via);
  if (other === undefined) return impossible(text`${via} is not there to ask for a token`);
  const tokens = await other.control.engine.swarmTokens({ ms: callMs });
  if (!tokens.ok) return undone(tokens.trouble, via);
  const joined = await on.here.control.engine.joinSwarm(manager, tokens.value[role], advertise, { ms: swarmMs });
  if (!joined.ok && !isUnknown(joined.trouble)) return joinTakenBack(joined.trouble, change, other, on);
  on.says(text`waiting until ${via} lists it as ready`);
  const id = (await active(on, ({ swarm }) => swarm.state === "active"))?.swarm.nodeId;
  const ready = await awaited(on.clock, swarmMs, 250, async () => {
    const nodes = await other.engine.swarmNodes({ ms: callMs });
    return nodes.ok && nodes.value.some((one) => one.id === id && one.state === "ready") ? true : undefined;
  });
  return ready === undefined ? joinTakenBack(joined.ok ? notWithin(on) : joined.trouble, change, other, on) : done;
};

const notTakenBack = (trouble: Trouble, others: SafeText, on: Executing): Result =>
  leftToOthers(
    explain(trouble, on.node).what,
    others,
    text`${on.node} is in the swarm as "docker node ls" tells it now`,
  );

/** A manager that leaves with its vote counts as a lost one, and two managers stand no loss: it is demoted first, or stays. */
async function joinTakenBack(
  trouble: Trouble,
  { role, via }: JoinSwarm,
  other: NodeAccess,
  on: Executing,
): Promise<Result> {
  const others = await on.taken();
  if (others !== undefined) return notTakenBack(trouble, others, on);
  if (role === "worker") return leftAgain(on, trouble);
  const now = await lookAt(on);
  if (!now.ok) return managesOn(trouble, now.trouble, via, on);
  const { nodeId } = now.value.swarm;
  // Without an id the swarm never let it in, and it has no vote.
  if (nodeId === undefined) return leftAgain(on, trouble);
  const demoted = await withoutVote(nodeId, via, other, on);
  return demoted.ok ? leftAgain(on, trouble) : managesOn(trouble, demoted.trouble, via, on);
}

/** Has `via` demote the node, and waits until it is no member of raft any more: what it shall be, and what it is, are two things. */
async function withoutVote(id: SafeText, via: NodeName, manager: NodeAccess, on: Executing): Promise<Outcome<void>> {
  on.says(text`waiting until ${via} has demoted it`);
  const asked = await patiently({ ...on, node: via }, () =>
    manager.control.engine.updateSwarmNode(id, { role: "worker" }, { ms: callMs }),
  );
  // The swarm knows no such node.
  if (!asked.ok) return isRefused(asked.trouble, 404) ? good(undefined) : asked;
  const isOut = await awaited(on.clock, swarmMs, 250, async () => {
    const nodes = await manager.engine.swarmNodes({ ms: callMs });
    return nodes.ok && nodes.value.every((one) => one.id !== id || one.manager === undefined) ? true : undefined;
  });
  return isOut === undefined ? bad(demotionLate) : good(undefined);
}

const demotionLate: Trouble = { kind: "timed-out", what: text`its demotion`, afterMs: swarmMs };

const managesOn = (trouble: Trouble, why: Trouble, via: NodeName, on: Executing): Result => ({
  state: "failed",
  error: explain(trouble, on.node).what,
  remedy: text`See that ${via} and ${on.node} reach each other, then apply again; or take it back by hand: "docker node demote ${on.node}" on ${via}, then "docker swarm leave" on ${on.node}.`,
  stands: text`${on.node} may be a manager of the swarm, and was not made to leave it: without a demotion the swarm could lose its majority (${explain(why, via).what})`,
});

/** Locked, in error or still joining: which swarm that is, nobody can tell from here, and it is not left for it. */
const inAnother = ({ swarm }: EngineInfo, on: Executing): Result => ({
  state: "undone",
  error: text`${on.node} is in a swarm already, and that is ${clean(swarm.state)}${swarm.error === undefined ? text`` : text`: ${swarm.error}`}`,
  remedy: text`Run "docker swarm unlock" on ${on.node}, or "docker swarm leave --force" if that swarm is of no use any more.`,
});

/** A join that failed leaves the engine "pending": it would go on trying for ever. */
async function leftAgain(on: Executing, trouble: Trouble): Promise<Result> {
  const others = await on.taken();
  if (others !== undefined) return notTakenBack(trouble, others, on);
  const left = await patiently(on, () => on.here.control.engine.leaveSwarm(true, { ms: callMs }));
  return left.ok ? undone(trouble, on.node) : failed(trouble, on.node, text`${on.node} is half in the swarm`);
}

const notWithin = (on: Executing): Trouble => ({
  kind: "timed-out",
  what: text`the swarm on ${on.node}`,
  afterMs: swarmMs,
});

/** Drains the node, has it leave, and has the manager `via` forget it. Until it has left, it is taken back. */
export const leaveSwarm: Executor<LeaveSwarm> = async (change, on) => {
  const { via, id, role } = change;
  const manager = on.other(via);
  if (manager === undefined) return impossible(text`${via} is not there to forget ${on.node}`);
  const before = await lookAt(on);
  if (!before.ok) return undone(before.trouble, on.node);
  const isIn = before.value.swarm.state !== "inactive";
  const kept = isIn ? await drainAndLeave(change, manager, on) : await demoteGone(change, manager, on);
  if (kept !== undefined) return kept;
  // The managers notice after some seconds that it is gone, and refuse to forget it before.
  const forgotten = await awaited(on.clock, swarmMs, 500, async () => {
    const removed = await manager.control.engine.removeSwarmNode(id, false, { ms: callMs });
    return removed.ok ? true : undefined;
  });
  if (forgotten !== undefined) return done;
  return failed(
    { kind: "timed-out", what: text`forgetting it`, afterMs: swarmMs },
    via,
    text`${on.node} has left, and is still listed${role === "manager" ? text` as a worker` : text``}`,
  );
};

/** One that has left already is only told of to the managers; undefined once it can be forgotten. */
async function demoteGone({ via, id, role }: LeaveSwarm, manager: NodeAccess, on: Executing) {
  if (role === "worker") return undefined;
  const demoted = await withoutVote(clean(id), via, manager, on);
  return demoted.ok ? undefined : failed(demoted.trouble, via, text`${on.node} has left, and is still listed`);
}

/** Undefined once the node is in no swarm any more. */
async function drainAndLeave(change: LeaveSwarm, manager: NodeAccess, on: Executing): Promise<Result | undefined> {
  const { via, id, role } = change;
  const listed = await patiently({ ...on, node: via }, () => manager.engine.swarmNodes({ ms: callMs }));
  if (!listed.ok) return undone(listed.trouble, via);
  const was = listed.value.find((one) => one.id === id)?.availability ?? "active";
  const to = (wanted: Parameters<typeof manager.control.engine.updateSwarmNode>[1]) =>
    patiently({ ...on, node: via }, () => manager.control.engine.updateSwarmNode(id, wanted, { ms: callMs }));
  const takenBack = async (trouble: Trouble, node: NodeName): Promise<Result> => {
    const others = await on.taken();
    if (others !== undefined) return notTakenBack(trouble, others, on);
    on.says(text`making it available again`);
    const back = await to({ availability: was, ...(role === "manager" ? { role } : {}) });
    if (back.ok) return undone(trouble, node);
    return failed(
      trouble,
      node,
      text`${on.node} may be drained${role === "manager" ? text` and demoted` : text``}, and is still in the swarm`,
    );
  };
  on.says(text`moving its tasks away`);
  const drained = await to({ availability: "drain" });
  if (!drained.ok) return isUnknown(drained.trouble) ? takenBack(drained.trouble, via) : undone(drained.trouble, via);
  if (role === "manager") {
    const demoted = await withoutVote(clean(id), via, manager, on);
    if (!demoted.ok) return takenBack(demoted.trouble, via);
    if ((await active(on, ({ swarm }) => !swarm.manager)) === undefined) return takenBack(demotionLate, on.node);
  }
  on.says(text`leaving`);
  const left = await on.here.control.engine.leaveSwarm(false, { ms: swarmMs });
  if (left.ok) return undefined;
  if (!isUnknown(left.trouble)) return takenBack(left.trouble, on.node);
  const now = await lookAt(on);
  if (!now.ok) return failed(left.trouble, on.node, text`it is drained, and nobody knows whether it has left`);
  return now.value.swarm.state === "inactive" ? undefined : takenBack(left.trouble, on.node);
}
