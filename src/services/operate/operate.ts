import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type Operation, operationWords, stopSeconds } from "../../domain/operate/operation.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { bad, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { callMs, isUnknown } from "../apply/executor.ts";
import { loadImage } from "../apply/load-image.ts";
import type { ChangeContext } from "../change-context.ts";
import { Holder, type State } from "../state.ts";
import { dropEndpoint } from "./drop-endpoint.ts";

/** Where one operation is. After "unknown" only a look at the node tells: the connection broke after it was sent. */
export type OperationState =
  | { state: "waiting" }
  | { state: "running"; since: Instant; says: SafeText | undefined }
  | { state: "done"; ms: number }
  | { state: "failed"; error: SafeText; remedy: SafeText }
  | { state: "unknown"; error: SafeText; remedy: SafeText }
  /** Not sent. */
  | { state: "refused"; error: SafeText };

export interface OperationProgress {
  operation: Operation;
  now: OperationState;
}

export interface OperationRun {
  /** In the order of what was asked. */
  state: State<readonly OperationProgress[]>;
  ended: Promise<void>;
  /** What has not begun does not begin; a transfer under way ends. */
  cancel(): void;
}

/** Operations of one node that run side by side. */
const atOnce = 4;

/** Carries the operations out, side by side; each has its own end, and none keeps another from being told. */
export function startOperations(operations: readonly Operation[], context: ChangeContext): OperationRun {
  const state = new Holder<readonly OperationProgress[]>(
    operations.map((operation) => ({ operation, now: { state: "waiting" } })),
  );
  const cancelling = new AbortController();
  const become = (index: number, now: OperationState): void =>
    state.set(state.get().map((one, at) => (at === index ? { ...one, now } : one)));
  const lanes = Map.groupBy(operations.entries(), ([, one]) => one.node);
  const ended = Promise.all(
    [...lanes.values()].flatMap((entries) => {
      const queue = entries.values();
      const worker = async (): Promise<void> => {
        for (const [index, operation] of queue) {
          const said = (says: SafeText | undefined): void =>
            become(index, { state: "running", since: context.clock.now(), says });
          become(index, await carriedOut(operation, context, cancelling.signal, said));
        }
      };
      return Array.from({ length: Math.min(atOnce, entries.length) }, worker);
    }),
  ).then(() => undefined);
  return { state, ended, cancel: () => cancelling.abort() };
}

async function carriedOut(
  operation: Operation,
  context: ChangeContext,
  cancelled: AbortSignal,
  said: (words: SafeText | undefined) => void,
): Promise<OperationState> {
  const { access, readOnly, audit, clock } = context;
  if (readOnly.state.get()) return { state: "refused", error: text`read-only refuses every change` };
  if (cancelled.aborted) return { state: "refused", error: text`not begun: cancelled` };
  const here = access.get(operation.node);
  if (here === undefined) return { state: "refused", error: text`${operation.node} is not in the cluster` };
  const line = { node: operation.node, step: operation.kind, title: operationWords(operation) };
  await audit.write({ ...line, event: "begun" });
  const since = clock.now();
  said(undefined);
  const outcome = await sent(operation, here, context, cancelled, said);
  const now = stateAfter(outcome, operation.node, clock.now() - since);
  const error = "error" in now ? { error: now.error } : {};
  await audit.write({ ...line, event: now.state === "done" ? "done" : "failed", ...error });
  return now;
}

function stateAfter(outcome: Outcome<void>, node: NodeName, ms: number): OperationState {
  if (outcome.ok) return { state: "done", ms };
  const { what, remedy } = explain(outcome.trouble, node);
  return isUnknown(outcome.trouble)
    ? {
        state: "unknown",
        error: text`sent, and then: ${what}`,
        remedy: text`Its row shows what became of it once ${node} answers again.`,
      }
    : { state: "failed", error: what, remedy };
}

/** One call each: none is sent twice. */
async function sent(
  operation: Operation,
  here: NodeAccess,
  { access, clock }: ChangeContext,
  cancelled: AbortSignal,
  said: (words: SafeText | undefined) => void,
): Promise<Outcome<void>> {
  const { engine } = here.control;
  const within = { ms: callMs };
  switch (operation.kind) {
    case "start":
      return engine.startContainer(operation.id, within);
    case "stop":
      return engine.stopContainer(operation.id, stopSeconds, { ms: callMs + stopSeconds * 1000 });
    case "restart":
      return engine.restartContainer(operation.id, stopSeconds, { ms: callMs + stopSeconds * 1000 });
    case "pause":
      return engine.pauseContainer(operation.id, within);
    case "unpause":
      return engine.unpauseContainer(operation.id, within);
    case "kill":
      return engine.killContainer(operation.id, operation.signal, within);
    case "remove":
      return engine.removeContainer(operation.id, { force: operation.force, volumes: true }, within);
    case "rename":
      return engine.renameContainer(operation.id, operation.to, within);
    case "connect":
      return engine.connect(operation.network, operation.id, operation.address, within);
    case "disconnect":
      return engine.disconnect(operation.network, operation.id, false, within);
    case "create-network": {
      const made = await engine.createNetwork(operation.definition, within);
      return made.ok ? { ok: true, value: undefined } : made;
    }
    case "remove-network":
      return engine.removeNetwork(operation.id, within);
    case "drop-endpoint":
      return dropEndpoint(operation, here, access);
    case "copy-image":
      return copied(operation, here, { access, clock }, cancelled, said);
  }
}

async function copied(
  { image, from, node }: Extract<Operation, { kind: "copy-image" }>,
  here: NodeAccess,
  { access, clock }: Pick<ChangeContext, "access" | "clock">,
  cancelled: AbortSignal,
  said: (words: SafeText | undefined) => void,
): Promise<Outcome<void>> {
  const result = await loadImage(
    { kind: "load-image", image, from: { kind: "node", node: from, bytes: 0 } },
    {
      ...{ node, here, clock, cancelled },
      other: (name) => access.get(name),
      says: said,
      transferred: ({ bytes, doing }) => said(text`${Math.round(bytes / 1e6)} MB ${doing ?? text`sent`}`),
    },
  );
  switch (result.state) {
    case "done":
    case "unchanged":
      return { ok: true, value: undefined };
    case "skipped":
      return bad({ kind: "cancelled" });
    default: {
      const trouble: Trouble = { kind: "misconfigured", detail: clean(result.error), remedy: result.remedy };
      return bad(trouble);
    }
  }
}
