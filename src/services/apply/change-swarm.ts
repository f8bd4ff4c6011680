import type { EngineInfo } from "../../domain/engine.ts";
import type { InitSwarm, JoinSwarm, LeaveSwarm } from "../../domain/plan/change.ts";
import { clean, text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import {
  awaited,
  callMs,
  done,
  type Executing,
  type Executor,
  failed,
  impossible,
  isUnknown,
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
  return ready === undefined ? givenUp(on, made.ok ? undefined : made.trouble) : done;
};

/** Joins the swarm of `via` by its token, and waits until that one lists the node as ready. */
export const joinSwarm: Executor<JoinSwarm> = async ({ role, via, manager, advertise }, on) => {
  const before = await lookAt(on);
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value.swarm.state === "active") return unchanged;
  if (before.value.swarm.state !== "inactive") return inAnother(before.value, on);
  const other = on.other(via);
  if (other === undefined) return impossible(text`${via} is not there to ask for a token`);
  const tokens = await other.control.engine.swarmTokens({ ms: callMs });
  if (!tokens.ok) return undone(tokens.trouble, via);
  const joined = await on.here.control.engine.joinSwarm(manager, tokens.value[role], advertise, { ms: swarmMs });
  if (!joined.ok && !isUnknown(joined.trouble)) return leftAgain(on, joined.trouble);
  on.says(text`waiting until ${via} lists it as ready`);
  const id = (await active(on, ({ swarm }) => swarm.state === "active"))?.swarm.nodeId;
  const ready = await awaited(on.clock, swarmMs, 250, async () => {
    const nodes = await other.engine.swarmNodes({ ms: callMs });
    return nodes.ok && nodes.value.some((one) => one.id === id && one.state === "ready") ? true : undefined;
  });
  return ready === undefined ? givenUp(on, joined.ok ? undefined : joined.trouble) : done;
};

/** Locked, in error or still joining: which swarm that is, nobody can tell from here, and it is not left for it. */
const inAnother = ({ swarm }: EngineInfo, on: Executing): Result => ({
  state: "undone",
  error: text`${on.node} is in a swarm already, and that is ${clean(swarm.state)}${swarm.error === undefined ? text`` : text`: ${swarm.error}`}`,
  remedy: text`Run "docker swarm unlock" on ${on.node}, or "docker swarm leave --force" if that swarm is of no use any more.`,
});

/** A join that failed leaves the engine "pending": it would go on trying for ever. */
async function leftAgain(on: Executing, trouble: Trouble): Promise<Result> {
  const left = await patiently(on, () => on.here.control.engine.leaveSwarm(true, { ms: callMs }));
  return left.ok ? undone(trouble, on.node) : failed(trouble, on.node, text`${on.node} is half in the swarm`);
}

const givenUp = (on: Executing, trouble: Trouble | undefined): Promise<Result> =>
  leftAgain(on, trouble ?? { kind: "timed-out", what: text`the swarm on ${on.node}`, afterMs: swarmMs });

/** Drains the node, has it leave, and has the manager `via` forget it. */
export const leaveSwarm: Executor<LeaveSwarm> = async ({ via, id, role }, on) => {
  const manager = on.other(via)?.control.engine;
  if (manager === undefined) return impossible(text`${via} is not there to forget ${on.node}`);
  const before = await lookAt(on);
  if (!before.ok) return undone(before.trouble, on.node);
  const isIn = before.value.swarm.state !== "inactive";
  if (isIn || role === "manager") {
    on.says(text`moving its tasks away`);
    const drained = await manager.updateSwarmNode(
      id,
      { availability: "drain", ...(role === "manager" ? { role: "worker" } : {}) },
      { ms: callMs },
    );
    if (!drained.ok) return undone(drained.trouble, via);
  }
  if (isIn) {
    if (role === "manager" && (await active(on, ({ swarm }) => !swarm.manager)) === undefined) {
      return failed({ kind: "timed-out", what: text`its demotion`, afterMs: swarmMs }, on.node, text`it is drained`);
    }
    on.says(text`leaving`);
    const left = await on.here.control.engine.leaveSwarm(false, { ms: swarmMs });
    if (!left.ok && !isUnknown(left.trouble))
      return failed(left.trouble, on.node, text`it is drained, and still in the swarm`);
  }
  // The managers notice after some seconds that it is gone, and refuse to forget it before.
  const forgotten = await awaited(on.clock, swarmMs, 500, async () => {
    const removed = await manager.removeSwarmNode(id, false, { ms: callMs });
    return removed.ok ? true : undefined;
  });
  if (forgotten !== undefined) return done;
  return failed(
    { kind: "timed-out", what: text`forgetting it`, afterMs: swarmMs },
    via,
    text`${on.node} has left, and is still listed`,
  );
};
