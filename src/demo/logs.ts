import type { ContainerId } from "../domain/ids.ts";
import { type LogLine, longestLine } from "../domain/logs/line.ts";
import { clean, text } from "../domain/text.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock, Deadline } from "../ports/clock.ts";
import type { Subscription } from "../ports/engine.ts";
import type { JournalPage, LogListener, LogStart, Logs } from "../ports/logs.ts";
import { call } from "./calls.ts";
import { isoOf } from "./container-log.ts";
import type { DemoContainer } from "./containers.ts";
import type { Dockerd } from "./dockerd.ts";
import { engineStopped } from "./engine.ts";
import type { DemoLink } from "./link.ts";

const lookEveryMs = 250;

/** What is followed: one life of the container's process, in one of the engine's. */
interface Followed {
  container: DemoContainer;
  run: DemoContainer["run"];
  engine: Dockerd;
  /** The time of the last line that was told. */
  told: string;
}

/** What the containers of one machine write, and its engine. */
export class DemoLogs implements Logs {
  readonly #link: DemoLink;
  readonly #clock: Clock;

  constructor(link: DemoLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  follow(id: ContainerId, start: LogStart, listener: LogListener): Subscription {
    const { machine } = this.#link;
    const clock = this.#clock;
    let over = false;
    let followed: Followed | undefined;
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
      cancel = clock.after(lookEveryMs, tell);
      if (!machine.reachable) return;
      if (machine.engine === undefined || (followed !== undefined && followed.engine !== machine.engine)) {
        const ended = { kind: "connection-lost", detail: text`the engine ended the stream` } as const;
        end(followed === undefined ? engineStopped(machine) : ended);
        return;
      }
      const container = followed?.container ?? machine.containers.get(id);
      if (container === undefined) {
        end({ kind: "engine-refused", status: 404, detail: text`No such container: ${id}` });
        return;
      }
      const { log, run } = container;
      const now = clock.now();
      const fresh =
        followed === undefined
          ? startingAt(log.lines(now), start)
          : linesAfter(log.lines(now, Date.parse(followed.told)), followed.told);
      const told = fresh.at(-1)?.at ?? followed?.told ?? isoOf(now);
      followed = { container, told, engine: machine.engine, run: followed?.run ?? run };
      if (fresh.length > 0) listener.lines(fresh);
      // The stream ends with the process, also where another one was started since.
      if (run.state !== "running" || run !== followed.run) end(undefined);
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
}

const startingAt = (all: readonly LogLine[], start: LogStart): LogLine[] =>
  "tail" in start ? all.slice(Math.max(0, all.length - start.tail)) : all.filter((line) => line.at >= start.since);

const linesAfter = (lines: readonly LogLine[], told: string): LogLine[] => lines.filter((line) => line.at > told);
