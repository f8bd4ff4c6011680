import type { Container } from "../../domain/engine.ts";
import type { ContainerId } from "../../domain/ids.ts";
import type { ConnectContainer, CreateContainer, RemoveContainer, StartContainer } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import {
  awaited,
  callMs,
  done,
  type Executing,
  type Executor,
  failed,
  impossible,
  isUnknown,
  pause,
  type Result,
  reconnectMs,
  unchanged,
  undone,
} from "./executor.ts";

/** Seconds that a container gets to stop by itself. */
const stopSeconds = 10;
/** A container that falls over does so at once, or is none of our business. */
const steadyMs = 500;

const named = async (on: Executing, name: string): Promise<Outcome<Container | undefined>> => {
  const all = await on.here.engine.containers({ ms: callMs });
  return all.ok ? good(all.value.find((one) => one.name === name)) : all;
};

/** The same question until the node can be asked again. */
const afterwards = <T>(on: Executing, ask: () => Promise<Outcome<T>>): Promise<Outcome<T> | undefined> =>
  awaited(on.clock, reconnectMs, 1000, async () => {
    const answer = await ask();
    return answer.ok || !isUnknown(answer.trouble) ? answer : undefined;
  });

export const createContainer: Executor<CreateContainer> = async ({ definition }, on) => {
  const { control } = on.here;
  const before = await named(on, definition.name);
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value?.state === "running") return unchanged;
  let id = before.value?.id;
  if (id === undefined) {
    on.says(text`creating it`);
    const created = await control.engine.createContainer(definition, { ms: callMs });
    if (created.ok) id = created.value;
    else {
      if (!isUnknown(created.trouble)) return undone(created.trouble, on.node);
      // Whether it was made can only be seen.
      const made = await afterwards(on, () => named(on, definition.name));
      if (made === undefined || !made.ok) {
        return failed(created.trouble, on.node, text`nobody knows whether ${clean(definition.name)} was made`);
      }
      id = made.value?.id;
      if (id === undefined) return undone(created.trouble, on.node);
    }
  }
  on.says(text`starting it`);
  const started = await running(on, id, clean(definition.name));
  if (started.ok) return done;
  if (before.value === undefined) {
    const removed = await afterwards(on, () => control.engine.removeContainer(id, true, { ms: callMs }));
    if (removed?.ok !== true) {
      return failed(started.trouble, on.node, text`the container ${clean(definition.name)} is there and does not run`);
    }
  }
  return undone(started.trouble, on.node);
};

export const startContainer: Executor<StartContainer> = async ({ id, name }, on) => {
  const before = await on.here.engine.container(id, { ms: callMs });
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value === undefined) return impossible(text`${name} is not on ${on.node} any more`);
  if (before.value.state === "running") return unchanged;
  const started = await running(on, id, name);
  return started.ok ? done : undone(started.trouble, on.node);
};

/** Starts it and looks a little later whether it still runs. */
async function running(on: Executing, id: ContainerId, name: SafeText): Promise<Outcome<void>> {
  const started = await on.here.control.engine.startContainer(id, { ms: callMs });
  if (!started.ok && !isUnknown(started.trouble)) return started;
  await pause(on.clock, steadyMs);
  const after = await afterwards(on, () => on.here.engine.container(id, { ms: callMs }));
  if (after === undefined) return bad({ kind: "timed-out", what: text`${name} after its start`, afterMs: reconnectMs });
  if (!after.ok) return after;
  if (after.value?.state === "running" || after.value?.state === "restarting") return good(undefined);
  return bad(notUp(name, after.value, on.node));
}

function notUp(name: SafeText, container: Container | undefined, node: SafeText): Trouble {
  const how = container === undefined ? text`and was removed` : clean(container.status);
  return {
    kind: "misconfigured",
    detail: text`${name} did not stay up: ${how}`,
    remedy: text`Run "docker logs ${name}" on ${node}; look at the command and image of ${name} in ovl.yaml.`,
  };
}

export const connectContainer: Executor<ConnectContainer> = async ({ id, name, network, address }, on) => {
  const attached = async (): Promise<Outcome<boolean>> => {
    const found = await on.here.engine.container(id, { ms: callMs });
    return found.ok ? good(found.value?.attachments.some((one) => one.network === network) ?? false) : found;
  };
  const before = await attached();
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value) return unchanged;
  const connected = await on.here.control.engine.connect(network, id, address, { ms: callMs });
  if (!connected.ok && !isUnknown(connected.trouble)) return undone(connected.trouble, on.node);
  const after = await afterwards(on, attached);
  if (after?.ok === true && after.value) return done;
  const trouble: Trouble = connected.ok
    ? { kind: "bad-answer", from: on.node, detail: text`${name} is not on ${clean(network)}` }
    : connected.trouble;
  return undone(trouble, on.node);
};

export const removeContainer: Executor<RemoveContainer> = async ({ id, name }, on) => {
  const before = await on.here.engine.container(id, { ms: callMs });
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value === undefined) return unchanged;
  const { engine } = on.here.control;
  on.says(text`stopping it`);
  const stopped = await engine.stopContainer(id, stopSeconds, { ms: callMs + stopSeconds * 1000 });
  if (!stopped.ok && stopped.trouble.kind === "engine-refused" && stopped.trouble.status !== 404) {
    return undone(stopped.trouble, on.node);
  }
  const removed = await engine.removeContainer(id, true, { ms: callMs });
  const after = await afterwards(on, () => on.here.engine.container(id, { ms: callMs }));
  if (after?.ok === true && after.value === undefined) return done;
  return stillThere(removed, name, on);
};

function stillThere(removed: Outcome<void>, name: SafeText, on: Executing): Result {
  const trouble: Trouble = removed.ok
    ? { kind: "bad-answer", from: on.node, detail: text`${name} is still there` }
    : removed.trouble;
  return failed(trouble, on.node, text`${name} is stopped and still there`);
}
