import type { ContainerId, NodeName } from "../../domain/ids.ts";
import type { LogLine } from "../../domain/logs/line.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { LogStart } from "../../ports/logs.ts";
import { type FollowParts, waiting, whenUp } from "./log-follow.ts";

const callMs = 10_000;
/** A container that ended is looked at this often, to be followed again when it runs. */
const endedEveryMs = 2000;
const retryMs = [500, 1000, 2000, 5000, 10_000] as const;

/** Follows one container: through restarts of the container, of its engine and of the connection, no line twice and none left out. */
export function followContainer(id: ContainerId, node: NodeName, parts: FollowParts): void {
  const { access, become, closed, lines } = parts;
  const resume = new Resume();
  let attempt = 0;
  const retry = (): void => {
    const ms = retryMs[Math.min(attempt, retryMs.length - 1)] ?? 10_000;
    attempt++;
    whenUp(parts, ms, open);
  };
  let stream: Subscription | undefined;
  closed.addEventListener("abort", () => stream?.close(), { once: true });
  const open = (): void => {
    stream = access.logs.follow(id, resume.from(parts.start), {
      lines(all) {
        attempt = 0;
        become({ state: "following" });
        const fresh = resume.fresh(all);
        if (fresh.length > 0) lines(fresh);
      },
      ended(trouble) {
        if (trouble === undefined) void look();
        else if (trouble.kind === "engine-refused" && trouble.status === 404) become({ state: "gone" });
        else {
          become(waiting(trouble, node));
          retry();
        }
      },
    });
    resume.opened();
  };
  /** The stream is over: the container ended, or it is on its way up again. */
  const look = async (): Promise<void> => {
    const seen = await access.engine.container(id, { ms: callMs, signal: closed });
    if (closed.aborted) return;
    if (!seen.ok) {
      become(waiting(seen.trouble, node));
      retry();
    } else if (seen.value === undefined) become({ state: "gone" });
    else if (["running", "paused", "restarting"].includes(seen.value.state)) retry();
    else {
      become({ state: "ended" });
      whenUp(parts, endedEveryMs, () => void look());
    }
  };
  open();
  // A container that says nothing is followed all the same, once its engine has had time to answer.
  parts.clock.after(500, () => {
    if (!closed.aborted && !resume.hasLines && access.link.state.state === "live") become({ state: "following" });
  });
}

type Stream = LogLine["from"];

/** Where each of the two streams is, so that what comes again after a break is known again. */
export class Resume {
  readonly #last = new Map<Stream, { at: string; count: number }>();
  /** Lines of the last moment that came again since the stream was opened. */
  #again = new Map<Stream, number>();
  #since: string | undefined;

  get hasLines(): boolean {
    return this.#last.size > 0;
  }

  /** Where the stream has to begin now: at the older of the two last moments. */
  from(start: LogStart): LogStart {
    const moments = [...this.#last.values()].map((one) => one.at).sort();
    this.#since = moments[0];
    return this.#since === undefined ? start : { since: this.#since };
  }

  opened(): void {
    this.#again = new Map();
  }

  /** Those of the lines that were not seen before. The engine gives the first moment whole once more. */
  fresh(lines: readonly LogLine[]): readonly LogLine[] {
    if (this.#since === undefined) {
      this.#note(lines);
      return lines;
    }
    return lines.filter((line) => {
      const last = this.#last.get(line.from);
      if (last !== undefined && line.at !== "") {
        if (line.at < last.at) return false;
        if (line.at === last.at) {
          const again = (this.#again.get(line.from) ?? 0) + 1;
          this.#again.set(line.from, again);
          if (again <= last.count) return false;
        }
      }
      if (line.at !== "") {
        const count = last?.at === line.at ? last.count + 1 : 1;
        this.#last.set(line.from, { at: line.at, count });
      }
      return true;
    });
  }

  /** A stream that was never broken tells nothing twice; where it is when it breaks is in its last lines. */
  #note(lines: readonly LogLine[]): void {
    for (const from of ["stdout", "stderr"] as const) {
      const newest = lines.findLast((line) => line.from === from && line.at !== "");
      if (newest === undefined) continue;
      const before = this.#last.get(from);
      let count = before?.at === newest.at ? before.count : 0;
      for (let index = lines.length - 1; index >= 0; index--) {
        const line = lines[index];
        if (line === undefined || line.from !== from) continue;
        if (line.at !== newest.at) break;
        count++;
      }
      this.#last.set(from, { at: newest.at, count });
    }
  }
}
