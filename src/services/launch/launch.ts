import type { ContainerId, NodeName } from "../../domain/ids.ts";
import type { LaunchGround } from "../../domain/launch/ground.ts";
import { wayOf } from "../../domain/launch/images.ts";
import type { LoadImage } from "../../domain/plan/change.ts";
import { definitionOf } from "../../domain/plan/containers.ts";
import type { ContainerSpec } from "../../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Transfer } from "../../ports/engine-control.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { createContainer } from "../apply/change-containers.ts";
import { callMs, type Result } from "../apply/executor.ts";
import { loadImage } from "../apply/load-image.ts";
import { type LockOptions, Locks, type NotLocked } from "../apply/locks.ts";
import type { Audit, AuditEntry } from "../audit.ts";
import type { ReadOnly } from "../read-only.ts";
import { Holder, type State } from "../state.ts";
import { answers, type CheckContext, checkLaunch } from "./launch-check.ts";
import type { Launched, LaunchRefusal, LaunchState } from "./launch-state.ts";

/** What a launch needs of the rest of the program. */
export interface LaunchContext extends Omit<CheckContext, "seen"> {
  watch: { state: State<CheckContext["seen"]> };
  clock: Clock;
  audit: Pick<Audit, "write">;
  readOnly: Pick<ReadOnly, "state">;
  lock: LockOptions;
}

export interface Launch {
  readonly state: State<LaunchState>;
  /** What has not begun does not begin; images on their way are broken off. */
  cancel(): void;
  /** Resolves when nothing of it runs any more. */
  readonly ended: Promise<void>;
}

/** More copies than this only share the operator's line. */
const copiesAtOnce = 3;
/** Containers of one node that are made side by side. */
const atOnce = 4;

/**
 * Begins to launch the containers: asks every node again whether names, addresses and images are still as they were, and
 * refuses all of it before anything is touched when one is not. Then each has its own end, whatever becomes of the others.
 */
export const startLaunch = (containers: readonly ContainerSpec[], context: LaunchContext): Launch =>
  new Run(containers, context);

class Run implements Launch {
  readonly state: State<LaunchState>;
  readonly ended: Promise<void>;
  readonly #state: Holder<LaunchState>;
  readonly #context: LaunchContext;
  readonly #cancelled = new AbortController();
  /** Why no more may be begun: another operator has a lock of ours. */
  #lost: () => SafeText | undefined = () => undefined;

  constructor(containers: readonly ContainerSpec[], context: LaunchContext) {
    this.#context = context;
    this.#state = new Holder<LaunchState>({
      phase: "checking",
      containers: containers.map((container) => ({ container, now: { state: "waits" } })),
    });
    this.state = this.#state;
    this.ended = this.#run(containers);
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  async #run(containers: readonly ContainerSpec[]): Promise<void> {
    const { readOnly, access, lock, clock, watch, spec } = this.#context;
    if (readOnly.state.get()) {
      this.#refuse({ why: [text`read-only: every change is refused`], remedy: text`Turn read-only off first.` });
      return;
    }
    const seen = watch.state.get();
    // A node where nobody may lock is launched on all the same: the lock only keeps two operators apart. One that does not
    // answer is not waited for.
    const lockable = [...access].flatMap(([name, node]) =>
      answers(seen, name) ? [[name, { node, needed: false }] as const] : [],
    );
    const locks = new Locks(new Map(lockable), lock, clock, () => {});
    this.#lost = () => locks.lost;
    const notLocked = await locks.take();
    if (notLocked !== undefined) {
      this.#refuse(lockedWords(notLocked));
      return;
    }
    try {
      const checked = await checkLaunch(containers, { spec, access, seen: watch.state.get() });
      if (!checked.ok) {
        this.#refuse({ why: checked.why, remedy: text`Nothing was touched: go back, correct it and launch again.` });
        return;
      }
      this.#state.set({ ...this.#state.get(), phase: "running" });
      await this.#launchAll(containers, checked.ground);
      this.#state.set({ phase: "ended", containers: this.#state.get().containers });
    } finally {
      await locks.release();
    }
  }

  #refuse(refusal: LaunchRefusal): void {
    this.#state.set({ phase: "refused", containers: this.#state.get().containers, refusal });
  }

  async #launchAll(containers: readonly ContainerSpec[], ground: LaunchGround): Promise<void> {
    const images = new Images(containers, ground, (load, node) => this.#load(load, node, containers));
    const lanes = Map.groupBy(containers, (one) => one.node);
    await Promise.all([
      images.run(),
      ...[...lanes.values()].flatMap((lane) => {
        const queue = lane.values();
        const worker = async (): Promise<void> => {
          for (const container of queue) this.#become(container, await this.#launch(container, images));
        };
        return Array.from({ length: Math.min(atOnce, lane.length) }, worker);
      }),
    ]);
  }

  async #launch(container: ContainerSpec, images: Images): Promise<Launched> {
    const { name, node } = container;
    const loaded = await images.of(container);
    if (loaded !== undefined && loaded.state !== "done" && loaded.state !== "unchanged") return after(loaded);
    const here = this.#context.access.get(node);
    if (this.#cancelled.signal.aborted || here === undefined) return { state: "skipped" };
    const lost = this.#lost();
    if (lost !== undefined) return after(stoppedBy(lost));
    const { clock } = this.#context;
    const since = clock.now();
    const says = (words: SafeText): void => this.#become(container, { ...running(since), says: words });
    says(text`creating it`);
    const line = {
      node,
      step: clean(`${node}/container/${name}`),
      title: text`run ${name} from ${clean(container.image)} on ${node}`,
    };
    const change = { kind: "create-container", definition: definitionOf(container) } as const;
    const result = await this.#recorded(line, () => createContainer(change, { node, here, clock, says }));
    if (result.state !== "done") return after(result);
    return { state: "up", ms: clock.now() - since, ...(await placeOf(container, here)) };
  }

  /** The image for all containers of the node that wait for it. */
  #load(load: LoadImage, node: NodeName, containers: readonly ContainerSpec[]): Promise<Result> {
    const { access, clock } = this.#context;
    const here = access.get(node);
    if (this.#cancelled.signal.aborted || here === undefined) return Promise.resolve({ state: "skipped" });
    const lost = this.#lost();
    if (lost !== undefined) return Promise.resolve(stoppedBy(lost));
    const since = clock.now();
    const mine = containers.filter((one) => one.node === node && one.image === load.image);
    const { from } = load;
    const doing = from.kind === "node" ? text`copying its image from ${from.node}` : text`pulling its image`;
    const show = (says: SafeText, transfer?: Transfer): void => {
      for (const one of mine) this.#become(one, { ...running(since), says, transfer });
    };
    show(doing);
    const image = clean(load.image);
    const title =
      from.kind === "node" ? text`copy ${image} from ${from.node} to ${node}` : text`pull ${image} on ${node}`;
    return this.#recorded({ node, step: clean(`${node}/image/${image}`), title }, () =>
      loadImage(load, {
        ...{ node, here, clock, cancelled: this.#cancelled.signal },
        other: (name) => access.get(name),
        says: (words) => show(words),
        transferred: (transfer) => show(doing, transfer),
      }),
    );
  }

  /** A line in the journal before it, and one when its end is known. */
  async #recorded(line: Omit<AuditEntry, "event">, work: () => Promise<Result>): Promise<Result> {
    const { audit } = this.#context;
    await audit.write({ ...line, event: "begun" });
    const result = await work().catch(defect);
    const error = "error" in result ? { error: result.error } : {};
    await audit.write({ ...line, event: result.state === "skipped" ? "cancelled" : result.state, ...error });
    return result;
  }

  #become(container: ContainerSpec, now: Launched): void {
    const before = this.#state.get();
    const containers = before.containers.map((one) => (one.container === container ? { container, now } : one));
    this.#state.set({ ...before, containers });
  }
}

/** The images that nodes lack, each brought once, a few at a time. */
class Images {
  readonly #waiting: { load: LoadImage; node: NodeName; done: (result: Result) => void }[] = [];
  readonly #results = new Map<string, Promise<Result>>();
  readonly #bring: (load: LoadImage, node: NodeName) => Promise<Result>;

  constructor(
    containers: readonly ContainerSpec[],
    ground: LaunchGround,
    bring: (load: LoadImage, node: NodeName) => Promise<Result>,
  ) {
    this.#bring = bring;
    for (const { image, node } of containers) {
      const way = wayOf(image, node, ground);
      if (way.way !== "load" || this.#results.has(keyOf(image, node))) continue;
      const { promise, resolve } = Promise.withResolvers<Result>();
      this.#results.set(keyOf(image, node), promise);
      this.#waiting.push({ load: way.change, node, done: resolve });
    }
  }

  async run(): Promise<void> {
    const queue = this.#waiting.values();
    const worker = async (): Promise<void> => {
      for (const { load, node, done } of queue) done(await this.#bring(load, node));
    };
    await Promise.all(Array.from({ length: copiesAtOnce }, worker));
  }

  /** What came of the container's image; undefined when its node had it. */
  of({ image, node }: ContainerSpec): Promise<Result> | undefined {
    return this.#results.get(keyOf(image, node));
  }
}

const keyOf = (image: string, node: NodeName): string => `${node} ${image}`;

const running = (since: number): Extract<Launched, { state: "running" }> => ({
  ...{ state: "running", since, says: undefined, transfer: undefined },
});

/** What a change that did not come about means for its container. */
function after(result: Result): Launched {
  switch (result.state) {
    case "skipped":
      return { state: "skipped" };
    case "undone":
      return { state: "not-made", error: result.error, remedy: result.remedy };
    case "failed": {
      const { error, remedy, stands } = result;
      return { state: result.isUnsure === true ? "unknown" : "failed", error, remedy, stands };
    }
    default:
      return {
        state: "failed",
        error: text`somebody else made a container of that name at the same moment`,
        remedy: text`Look at it in the containers pane before you launch under another name.`,
        stands: text`theirs runs; this one was not made`,
      };
  }
}

/** Its id and address, as its engine lists it now; without them it runs all the same. */
async function placeOf(
  { name, network }: ContainerSpec,
  here: NodeAccess,
): Promise<{ id: ContainerId | undefined; address: SafeText | undefined }> {
  const listed = await here.engine.containers({ ms: callMs });
  const one = listed.ok ? listed.value.find((each) => each.name === name) : undefined;
  return { id: one?.id, address: one?.attachments.find((each) => each.network === network)?.address };
}

function lockedWords(notLocked: NotLocked): LaunchRefusal {
  if (notLocked.kind === "refused") return { why: [notLocked.why], remedy: notLocked.remedy };
  const { by, node } = notLocked;
  return {
    why: [text`${by.operator} works on ${node} (${by.doing}), last heard of ${Math.round(by.idleMs / 1000)} s ago`],
    remedy: text`Nothing was touched. Wait for them; the lock of a run that is dead goes by itself.`,
  };
}

const stoppedBy = (lost: SafeText): Result => ({
  state: "undone",
  error: lost,
  remedy: text`Talk to them, then launch again: what runs is left as it is.`,
});

const defect = (error: unknown): Result => ({
  state: "failed",
  error: text`ovl-tui met a defect of its own: ${clean(error instanceof Error ? error.message : String(error))}`,
  remedy: text`Please report it; the containers pane shows what is there.`,
  stands: text`nobody knows what of it is on the node`,
  isUnsure: true,
});
