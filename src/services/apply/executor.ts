import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import type { Change } from "../../domain/plan/change.ts";
import { joined, type SafeText, text } from "../../domain/text.ts";
import type { Outcome, Trouble } from "../../domain/trouble.ts";
import type { Certificates } from "../../ports/certificates.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Transfer } from "../../ports/engine-control.ts";
import type { StoreWatch } from "../../ports/store.ts";
import type { NodeAccess } from "../../ports/world.ts";

/** What an executor works with. */
export interface Executing {
  /** The step's node. */
  node: NodeName;
  here: NodeAccess;
  /** Another node of the cluster; undefined when it is none. */
  other(node: NodeName): NodeAccess | undefined;
  /** The store of the spec, or, with `at`, the store's agent on that one node. */
  store(at?: NodeName): StoreWatch | undefined;
  cluster: SafeText;
  clock: Clock;
  certificates: Certificates;
  /** The operator wants no more: for what can be broken off and leaves nothing half done, such as a transfer. */
  cancelled: AbortSignal;
  /**
   * Who has taken the node's lock from this run meanwhile: asked before an engine is restarted and before anything is
   * taken back that others may build on by then.
   */
  taken(): Promise<SafeText | undefined>;
  /** What the step waits for just now; shown beside it. */
  says(words: SafeText): void;
  /** How far an image is. */
  transferred(transfer: Transfer): void;
}

/** What waiting for a node takes. */
export type Waiting = Pick<Executing, "clock" | "says" | "node">;

/** What became of a change. After "undone" the node is as it was; after "failed" `stands` says what is left. */
export type Result =
  | { state: "done" }
  | { state: "unchanged" }
  /** `isUnsure`: true when the node went away in the midst of it, and nobody saw what stands. */
  | { state: "failed"; error: SafeText; remedy: SafeText; stands: SafeText; isUnsure?: boolean }
  | { state: "undone"; error: SafeText; remedy: SafeText }
  /** Broken off because the operator cancelled; nothing came of it. */
  | { state: "skipped" };

/** Makes one kind of change, proves that it worked, and takes it back when it did not. What is so already is "unchanged". */
export type Executor<C extends Change> = (change: C, on: Executing) => Promise<Result>;

export const done: Result = { state: "done" };
export const unchanged: Result = { state: "unchanged" };

/** A trouble as the result of a step of which nothing is left. */
export const undone = (trouble: Trouble, node: SafeText): Result => {
  const { what, remedy } = explain(trouble, node);
  return { state: "undone", error: what, remedy };
};

/** The same of a step of which something stands. */
export const failed = (trouble: Trouble, node: SafeText, stands: SafeText): Result => {
  const { what, remedy } = explain(trouble, node);
  return { state: "failed", error: what, remedy, stands, isUnsure: isUnknown(trouble) };
};

/** Whether nobody knows if the call was carried out: the node went away, or no answer came. */
export const isUnknown = (trouble: Trouble): boolean =>
  trouble.kind === "connection-lost" || trouble.kind === "timed-out" || trouble.kind === "unreachable";

/** Whether the engine said no with this status. */
export const isRefused = (trouble: Trouble, status: number): boolean =>
  trouble.kind === "engine-refused" && trouble.status === status;

/** Resolves after `ms`. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/** Asks every `everyMs` until there is an answer, for `ms` at the most; undefined then. */
export async function awaited<T>(
  clock: Clock,
  ms: number,
  everyMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = clock.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (clock.now() + everyMs > end) return undefined;
    await pause(clock, everyMs);
  }
}

/**
 * Asks again while the node is away, until it is back or was away for a minute: for questions, and for changes that
 * come to the same when they are made twice.
 */
export async function patiently<T>(on: Waiting, ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const end = on.clock.now() + reconnectMs;
  let answer = await ask();
  while (!answer.ok && isUnknown(answer.trouble) && on.clock.now() < end) {
    on.says(text`waiting until ${on.node} is back`);
    await pause(on.clock, reconnectEveryMs);
    answer = await ask();
  }
  return answer;
}

/** How long calls may take, ms. */
export const callMs = 30_000;
/** A node that was lost in the midst of a step comes back within this, or the step is given up. */
const reconnectMs = 60_000;
const reconnectEveryMs = 500;

/** Another run works on the node by now, and nothing more is done there under its hands. */
export const leftToOthers = (why: SafeText, taken: SafeText, stands: SafeText): Result => ({
  state: "failed",
  error: why.includes(taken) ? why : text`${why}; ${taken}`,
  remedy: text`Talk to them, then plan again: the new plan shows what is missing.`,
  stands,
});

/** Somebody else was there first with another thing of that name: it is left alone. */
export const takenMeanwhile = (what: SafeText, wrong: readonly SafeText[], node: NodeName): Result => ({
  state: "undone",
  error: text`somebody else made ${what} on ${node} meanwhile: ${joined(wrong, "; ")}`,
  remedy: text`Look at it on ${node}, and plan again: it was left as it is.`,
});

/** "node103 has no such thing" for what only a wrong plan can ask for. */
export const impossible = (what: SafeText): Result => ({
  state: "undone",
  error: what,
  remedy: text`Plan again: the cluster is not what it was when this plan was made.`,
});
