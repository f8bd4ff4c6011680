import { explain } from "../../domain/explain.ts";
import type { ContainerId, NodeName } from "../../domain/ids.ts";
import { isUp } from "../../domain/link.ts";
import type { LogLine, SourcedLine } from "../../domain/logs/line.ts";
import { LogRing, type RingBounds } from "../../domain/logs/ring.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LogStart } from "../../ports/logs.ts";
import type { NodeAccess } from "../../ports/world.ts";
import { Holder, type State } from "../state.ts";
import { followContainer } from "./follow-container.ts";
import { followJournal } from "./follow-journal.ts";

/** One thing that writes a log. */
export type LogSource = { node: NodeName; label: SafeText } & ({ of: "container"; id: ContainerId } | { of: "engine" });

/** Where one source is. */
export type SourceState =
  | { state: "opening" }
  | { state: "following" }
  /** The container does not run; it is followed again when it does. */
  | { state: "ended" }
  | { state: "gone" }
  | { state: "waiting"; why: SafeText; remedy: SafeText };

export interface LogState {
  /** Grows with every change of what the ring holds. */
  version: number;
  sources: readonly SourceState[];
  /** Lines that came faster than they could be kept, beside those that fell out of the ring. */
  skipped: number;
}

/** What following one source takes. */
export interface FollowParts {
  access: NodeAccess;
  clock: Clock;
  start: LogStart;
  lines(lines: readonly LogLine[]): void;
  become(now: SourceState): void;
  closed: AbortSignal;
}

/** What is kept of all sources together: some minutes of a busy service, 32 MB at the most. */
export const ringBounds: RingBounds = { lines: 50_000, units: 16_000_000 };

/** Lines reach the ring, and with it the screen, this often, ms. */
const flushEveryMs = 100;

/** Follows several logs at once into one bounded ring, in the order of their times. */
export class LogFollow {
  readonly ring: LogRing;
  readonly sources: readonly LogSource[];
  readonly state: State<LogState>;
  readonly #holder: Holder<LogState>;
  readonly #access: ReadonlyMap<NodeName, NodeAccess>;
  readonly #clock: Clock;
  readonly #bounds: RingBounds;
  #closing = new AbortController();
  #pending: SourcedLine[] = [];
  #skipped = 0;
  #flushing = false;

  constructor(
    sources: readonly LogSource[],
    access: ReadonlyMap<NodeName, NodeAccess>,
    clock: Clock,
    bounds: RingBounds = ringBounds,
  ) {
    this.sources = sources;
    this.#access = access;
    this.#clock = clock;
    this.#bounds = bounds;
    this.ring = new LogRing(bounds);
    this.#holder = new Holder<LogState>({ version: 0, sources: sources.map(() => ({ state: "opening" })), skipped: 0 });
    this.state = this.#holder;
  }

  /** Begins, or begins anew, with what `start` says. */
  begin(start: LogStart): void {
    this.close();
    this.#closing = new AbortController();
    this.ring.clear();
    this.#skipped = 0;
    const { signal } = this.#closing;
    this.#holder.set({
      version: this.#holder.get().version + 1,
      sources: this.sources.map(() => ({ state: "opening" })),
      skipped: 0,
    });
    for (const [index, source] of this.sources.entries()) {
      const access = this.#access.get(source.node);
      if (access === undefined) continue;
      const parts: FollowParts = {
        access,
        clock: this.#clock,
        start,
        closed: signal,
        lines: (lines) => this.#take(index, lines),
        become: (now) => this.#become(index, now),
      };
      if (source.of === "container") followContainer(source.id, source.node, parts);
      else followJournal(source.node, parts);
    }
  }

  close(): void {
    this.#closing.abort();
    this.#pending = [];
  }

  #take(source: number, lines: readonly LogLine[]): void {
    for (const { at, from, words } of lines) this.#pending.push({ at, from, words, source });
    // A burst between two flushes is bounded as well; its oldest lines would fall out of the ring anyway.
    if (this.#pending.length > this.#bounds.lines) {
      const over = this.#pending.length - Math.floor(this.#bounds.lines / 2);
      this.#pending = this.#pending.slice(over);
      this.#skipped += over;
    }
    if (this.#flushing) return;
    this.#flushing = true;
    const { signal } = this.#closing;
    this.#clock.after(flushEveryMs, () => {
      this.#flushing = false;
      if (!signal.aborted) this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#pending;
    this.#pending = [];
    this.ring.add(batch);
    const before = this.#holder.get();
    this.#holder.set({ ...before, version: before.version + 1, skipped: this.#skipped });
  }

  #become(index: number, now: SourceState): void {
    const before = this.#holder.get();
    if (before.sources[index]?.state === now.state && now.state !== "waiting") return;
    this.#holder.set({ ...before, sources: before.sources.map((one, at) => (at === index ? now : one)) });
  }
}

/** Calls `then` once the link is up again, or after `ms`, whichever is first. */
export function whenUp({ access, clock, closed }: FollowParts, ms: number, then: () => void): void {
  let over = false;
  const once = (): void => {
    if (over) return;
    over = true;
    unlisten();
    cancel();
    closed.removeEventListener("abort", stop);
    if (!closed.aborted) then();
  };
  const stop = (): void => {
    over = true;
    unlisten();
    cancel();
  };
  const wasUp = isUp(access.link.state);
  const unlisten = access.link.onState((link) => {
    if (!wasUp && isUp(link)) once();
  });
  const cancel = clock.after(ms, once);
  closed.addEventListener("abort", stop);
}

/** What stands in the way, in the operator's words. */
export const waiting = (trouble: Parameters<typeof explain>[0], node: NodeName): SourceState => {
  const { what, remedy } = explain(trouble, node);
  return { state: "waiting", why: what, remedy };
};
