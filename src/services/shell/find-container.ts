import type { Container } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { isUp, type LinkState } from "../../domain/link.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Link } from "../../ports/link.ts";
import type { NodeAccess } from "../../ports/world.ts";

/** A node that could not be asked, and why. */
export interface Unheard {
  node: NodeName;
  why: SafeText;
  remedy: SafeText;
}

/** Which containers were meant by a name or an id. */
export type FoundContainer = { unheard: readonly Unheard[] } & (
  | { state: "found"; container: Container }
  /** Several run under that name, or with ids that begin so. */
  | { state: "ambiguous"; containers: readonly Container[] }
  /** There are some, and none of them runs. */
  | { state: "not-running"; containers: readonly Container[] }
  | { state: "none" }
);

/** Shorter beginnings of ids are more likely a name that was mistyped. */
const shortestId = 4;

/**
 * The running container of that name, or whose id begins so, on whichever of the nodes; every node is asked, since a
 * name may be there twice. A node that does not answer within `ms` is told of and keeps nothing waiting longer.
 */
export async function findContainer(
  wanted: string,
  access: ReadonlyMap<NodeName, NodeAccess>,
  clock: Clock,
  ms: number,
): Promise<FoundContainer> {
  const heard = await Promise.all(
    [...access].map(async ([node, one]) => ({ node, seen: await listed(one, clock, ms) })),
  );
  const unheard = heard.flatMap(({ node, seen }): Unheard[] => {
    if (seen.ok) return [];
    const { what, remedy } = explain(seen.trouble, node);
    return [{ node, why: what, remedy }];
  });
  const all = heard.flatMap(({ seen }) => (seen.ok ? seen.value : []));
  const named = all.filter((one) => one.name === wanted || one.id === wanted);
  const isId = wanted.length >= shortestId && /^[0-9a-f]+$/.test(wanted);
  const meant = named.length > 0 || !isId ? named : all.filter((one) => one.id.startsWith(wanted));
  const running = meant.filter((one) => one.state === "running" || one.state === "paused");
  const [first, ...more] = running;
  if (meant.length === 0) return { state: "none", unheard };
  if (first === undefined) return { state: "not-running", containers: meant, unheard };
  if (more.length > 0) return { state: "ambiguous", containers: running, unheard };
  return { state: "found", container: first, unheard };
}

async function listed({ link, engine }: NodeAccess, clock: Clock, ms: number): Promise<Outcome<readonly Container[]>> {
  const since = clock.now();
  const trouble = await connected(link, clock, ms);
  if (trouble !== undefined) return { ok: false, trouble };
  return engine.containers({ ms: Math.max(1000, ms - (clock.now() - since)) });
}

/** Waits until the link is up; why it is not at its first failure. */
function connected(link: Link, clock: Clock, ms: number): Promise<Trouble | undefined> {
  const { promise, resolve } = Promise.withResolvers<Trouble | undefined>();
  const look = (state: LinkState): void => {
    if (isUp(state)) resolve(undefined);
    else if (state.state === "lost" || state.state === "refused") resolve(state.trouble);
    else if (state.state === "closed") resolve({ kind: "cancelled" });
  };
  const unlisten = link.onState(look);
  const inTime = clock.after(ms, () => resolve({ kind: "timed-out", what: loggingIn, afterMs: ms }));
  look(link.state);
  return promise.finally(() => {
    unlisten();
    inTime();
  });
}

const loggingIn = text`logging in`;
