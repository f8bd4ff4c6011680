import type { ContainerId } from "../domain/ids.ts";
import { type LogLine, longestLine } from "../domain/logs/line.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Subscription } from "../ports/engine.ts";
import type { JournalPage, LogListener, LogStart, Logs } from "../ports/logs.ts";
import { call } from "./calls.ts";
import { chance } from "./chance.ts";
import type { DemoContainer } from "./containers.ts";
import type { DemoLink } from "./link.ts";

const lookEveryMs = 250;
/** How many seconds back a container's past is told. */
const pastSeconds = 600;

/** What the containers of one machine write, and its engine. The same moment of the same container always says the same. */
export class DemoLogs implements Logs {
  readonly #link: DemoLink;
  readonly #seed: number;
  readonly #clock: Clock;

  constructor(link: DemoLink, seed: number, clock: Clock) {
    this.#link = link;
    this.#seed = seed;
    this.#clock = clock;
  }

  follow(id: ContainerId, start: LogStart, listener: LogListener): Subscription {
    const { machine } = this.#link;
    const clock = this.#clock;
    let over = false;
    let told: string | undefined;
    let cancel = (): void => {};
    const end = (trouble: Parameters<LogListener["ended"]>[0]): void => {
      if (over) return;
      over = true;
      cancel();
      unlisten();
      listener.ended(trouble);
    };
    let unlisten = (): void => {};
    const tell = (): void => {
      const container = machine.containers.get(id);
      if (container === undefined || machine.engine === undefined) {
        const gone = { kind: "engine-refused", status: 404, detail: text`No such container: ${id}` } as const;
        end(container === undefined ? gone : { kind: "connection-lost", detail: text`the engine ended the stream` });
        return;
      }
      const all = this.#linesOf(container);
      const fresh = told === undefined ? startingAt(all, start) : all.filter((line) => line.at > (told ?? ""));
      if (machine.reachable && fresh.length > 0) {
        told = fresh.at(-1)?.at;
        listener.lines(fresh);
      }
      told ??= isoOf(clock.now());
      if (container.run.state === "running") cancel = clock.after(lookEveryMs, tell);
      else end(undefined);
    };
    cancel = clock.after(this.#link.roundTripMs, () => {
      const trouble = this.#link.trouble();
      if (trouble !== undefined) end(trouble);
      else {
        unlisten = this.#link.whileUp(end);
        tell();
      }
    });
    return {
      close: () => {
        over = true;
        cancel();
        unlisten();
      },
    };
  }

  journal(from: { cursor: string } | LogStart, within: Deadline): Promise<Outcome<JournalPage>> {
    return call(this.#link, this.#clock, text`the engine's journal`, within, () => {
      const all = this.#link.machine.log.all();
      const after =
        "cursor" in from
          ? all.filter((one) => one.number > Number(from.cursor))
          : "since" in from
            ? all.filter((one) => isoOf(one.at) >= from.since)
            : all.slice(Math.max(0, all.length - from.tail));
      const last = after.at(-1)?.number ?? ("cursor" in from ? Number(from.cursor) : undefined);
      const lines = after.map(({ at, line }): LogLine => {
        const isBad = line.includes("level=error") || line.includes("level=warning");
        return { at: isoOf(at), from: isBad ? "stderr" : "stdout", words: clean(line, longestLine) };
      });
      return good({ lines, cursor: last === undefined ? undefined : String(last) });
    });
  }

  /** Its last words, and what a service of its kind says every second or so while it runs. */
  #linesOf(container: DemoContainer): LogLine[] {
    const { run } = container;
    const now = this.#clock.now();
    const said = container.words.map((words): LogLine => ({ at: isoOf(container.createdAt), from: "stderr", words }));
    if (run.state !== "running") return said;
    const first = Math.max(Math.ceil(run.startedAt / 1000), Math.floor(now / 1000) - pastSeconds);
    const lines: LogLine[] = [...said];
    for (let second = first; second * 1000 <= now; second++) {
      const draw = chance(this.#seed, `log ${container.id} ${second}`);
      if (draw.fraction() > 0.6) continue;
      const ms = draw.between(0, 999);
      if (second * 1000 + ms > now) continue;
      const isBad = draw.fraction() < 0.04;
      lines.push({ at: isoOf(second * 1000 + ms), from: isBad ? "stderr" : "stdout", words: spoken(draw, isBad) });
    }
    return lines;
  }
}

const startingAt = (all: readonly LogLine[], start: LogStart): LogLine[] =>
  "tail" in start ? all.slice(Math.max(0, all.length - start.tail)) : all.filter((line) => line.at >= start.since);

/** A line of an imagined web service. */
function spoken(draw: ReturnType<typeof chance>, isBad: boolean): SafeText {
  const path = ["/", "/jobs", "/jobs/42", "/health", "/metrics"][draw.between(0, 4)] ?? "/";
  if (isBad) return text`upstream ${clean(path)}: connection reset by peer, trying again`;
  return text`GET ${clean(path)} 200 ${draw.between(1, 90)} ms from 10.10.10.${draw.between(2, 40)}`;
}

const isoOf = (at: Instant): string => `${new Date(at).toISOString().slice(0, 23)}000000Z`;
