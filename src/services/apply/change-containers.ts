import type { Container } from "../../domain/engine.ts";
import type { ContainerId } from "../../domain/ids.ts";
import type {
  ConnectContainer,
  ContainerDefinition,
  CreateContainer,
  RemoveContainer,
  StartContainer,
} from "../../domain/plan/change.ts";
import { notMadeFrom, stopSeconds } from "../../domain/plan/containers.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Removal } from "../../ports/engine-control.ts";
import {
  callMs,
  done,
  type Executing,
  failed,
  impossible,
  isRefused,
  isUnknown,
  patiently,
  pause,
  type Result,
  takenMeanwhile,
  unchanged,
  undone,
  type Waiting,
} from "./executor.ts";

/** A container that falls over does so at once, or is none of our business. */
const steadyMs = 500;
/** So many of its last lines tell why it fell over. */
const lastLines = 3;

/** What a plan removes may have kept its data in a volume without a name: that stays. */
const asPlanned: Removal = { force: true, volumes: false };
/** One that was made a moment ago has nothing of anybody's in it. */
const asIfNeverMade: Removal = { force: true, volumes: true };

/** What a change to a container takes. */
export type OnNode = Waiting & Pick<Executing, "here">;

const named = (on: OnNode, name: string): Promise<Outcome<Container | undefined>> =>
  patiently(on, async () => {
    const all = await on.here.engine.containers({ ms: callMs });
    return all.ok ? good(all.value.find((one) => one.name === name && one.state !== "removing")) : all;
  });

const seen = (on: OnNode, id: ContainerId): Promise<Outcome<Container | undefined>> =>
  patiently(on, () => on.here.engine.container(id, { ms: callMs }));

/** Makes it and starts it. One that a run before made and did not get to start is started; one that runs is "unchanged". */
export async function createContainer({ definition }: CreateContainer, on: OnNode): Promise<Result> {
  const { control } = on.here;
  const name = clean(definition.name);
  const before = await named(on, definition.name);
  if (!before.ok) return undone(before.trouble, on.node);
  const foreign = before.value && (await notOurs(definition, before.value, on));
  if (foreign !== undefined) return foreign;
  if (before.value?.state === "running") return unchanged;
  let id = before.value?.id;
  if (id === undefined) {
    on.says(text`creating it`);
    const created = await control.engine.createContainer(definition, { ms: callMs });
    if (created.ok) id = created.value;
    else {
      if (!isUnknown(created.trouble)) return undone(created.trouble, on.node);
      // Whether it was made can only be seen.
      const made = await named(on, definition.name);
      if (!made.ok) return failed(created.trouble, on.node, text`nobody knows whether ${name} was made`);
      if (made.value === undefined) return undone(created.trouble, on.node);
      const others = await notOurs(definition, made.value, on);
      if (others !== undefined) return others;
      id = made.value.id;
    }
  }
  on.says(text`starting it`);
  const started = await running(on, id, name);
  if (started.ok) return done;
  // One that was there before is not ours to remove.
  if (before.value !== undefined) return undone(withWayOut(started.trouble, on.node), on.node);
  const made = id;
  const removed = await patiently(on, () => control.engine.removeContainer(made, asIfNeverMade, { ms: callMs }));
  return removed.ok
    ? undone(withWayOut(started.trouble, on.node), on.node)
    : failed(started.trouble, on.node, text`the container ${name} is there and does not run`);
}

/** The end for a container that has the name and is another; undefined for one that the definition may have made. */
async function notOurs(definition: ContainerDefinition, there: Container, on: OnNode): Promise<Result | undefined> {
  const images = await patiently(on, () => on.here.control.engine.images({ ms: callMs }));
  if (!images.ok) return undone(images.trouble, on.node);
  const wrong = notMadeFrom(definition, there, images.value);
  return wrong.length === 0 ? undefined : takenMeanwhile(text`a container ${there.name}`, wrong, on.node);
}

/**
 * A store that was lost while a container joined keeps its place there, and no container of that name can join any more
 * (moby libnetwork/network.go createEndpoint). Taking it away is safe only where no such container runs, which is for a
 * person to know.
 */
function withWayOut(trouble: Trouble, node: SafeText): Trouble {
  const found =
    trouble.kind === "engine-refused"
      ? /endpoint with name (\S+) already exists in network (\S+)/.exec(trouble.detail)
      : undefined;
  if (trouble.kind !== "engine-refused" || !found) return trouble;
  const [, name = "", network = ""] = found;
  return {
    kind: "misconfigured",
    detail: trouble.detail,
    remedy: text`The store still has a place for it: see that no container ${clean(name)} runs on any node, run "docker network disconnect -f ${clean(network)} ${clean(name)}" on ${node}, then try again.`,
  };
}

/** Starts it and looks whether it stays up; what ends at once is stopped again. */
export async function startContainer({ id, name }: StartContainer, on: OnNode): Promise<Result> {
  const before = await seen(on, id);
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value === undefined) return impossible(text`${name} is not on ${on.node} any more`);
  if (before.value.state === "running") return unchanged;
  const started = await running(on, id, name);
  if (started.ok) return done;
  const stopped = await patiently(on, () =>
    on.here.control.engine.stopContainer(id, stopSeconds, { ms: callMs + stopSeconds * 1000 }),
  );
  // One with --rm is gone once it has ended.
  if (stopped.ok || isRefused(stopped.trouble, 404)) {
    return undone(started.trouble, on.node);
  }
  return failed(started.trouble, on.node, text`${name} is started again and again`);
}

/** Starts it and looks a little later whether it still runs. */
async function running(on: OnNode, id: ContainerId, name: SafeText): Promise<Outcome<void>> {
  // A second start of one that runs does nothing.
  const started = await patiently(on, () => on.here.control.engine.startContainer(id, { ms: callMs }));
  if (!started.ok) return started;
  await pause(on.clock, steadyMs);
  const after = await seen(on, id);
  if (!after.ok) return after;
  return after.value?.state === "running" ? good(undefined) : bad(await notUp(id, name, after.value, on));
}

async function notUp(id: ContainerId, name: SafeText, container: Container | undefined, on: OnNode): Promise<Trouble> {
  const how = container === undefined ? text`it ended and was removed, as --rm says` : container.status;
  return {
    kind: "misconfigured",
    detail: text`${name} did not stay up: ${how}${await lastWords(id, on)}`,
    remedy: text`Look at the command, image and mounts of ${name}; "docker run" by hand on ${on.node} shows more.`,
  };
}

/** "; it said: ADDRESS in use", or nothing when it said nothing. */
export async function lastWords(id: ContainerId, on: OnNode): Promise<SafeText> {
  const words = await on.here.control.engine.lastWords(id, lastLines, { ms: callMs });
  return words.ok && words.value.length > 0 ? text`; it said: ${joined(words.value, " | ")}` : text``;
}

/** Connects it to the network, and looks whether it is when nobody could tell. */
export async function connectContainer({ id, name, network, address }: ConnectContainer, on: OnNode): Promise<Result> {
  const attached = async (): Promise<Outcome<boolean>> => {
    const found = await seen(on, id);
    return found.ok ? good(found.value?.attachments.some((one) => one.network === network) ?? false) : found;
  };
  const before = await attached();
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value) return unchanged;
  const connected = await on.here.control.engine.connect(network, id, address, { ms: callMs });
  if (!connected.ok && !isUnknown(connected.trouble)) return undone(connected.trouble, on.node);
  const after = await attached();
  if (after.ok && after.value) return done;
  const trouble: Trouble = connected.ok
    ? { kind: "bad-answer", from: on.node, detail: text`${name} is not on ${clean(network)}` }
    : connected.trouble;
  if (after.ok) return undone(trouble, on.node);
  return failed(trouble, on.node, text`nobody knows whether ${name} is on ${clean(network)}`);
}

/** Has it stop by itself if it does, then removes it in any case; done when the engine has it no more. */
export async function removeContainer({ id, name }: RemoveContainer, on: OnNode): Promise<Result> {
  const before = await seen(on, id);
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value === undefined) return unchanged;
  const { engine } = on.here.control;
  on.says(text`stopping it`);
  // Whatever comes of it, the removal kills; one with --rm is gone already.
  const stopped = await engine.stopContainer(id, stopSeconds, { ms: callMs + stopSeconds * 1000 });
  const removed = await patiently(on, () => engine.removeContainer(id, asPlanned, { ms: callMs }));
  const after = await seen(on, id);
  if (after.ok && after.value === undefined) return done;
  return stillThere(removed.ok ? stopped : removed, name, on);
}

function stillThere(last: Outcome<void>, name: SafeText, on: OnNode): Result {
  const trouble: Trouble = last.ok
    ? { kind: "bad-answer", from: on.node, detail: text`${name} is still there` }
    : last.trouble;
  return failed(trouble, on.node, text`${name} was told to stop, and is still there`);
}
