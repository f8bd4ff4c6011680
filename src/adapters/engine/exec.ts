import type { Duplex } from "node:stream";
import { z } from "zod";
import { text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { ExecAsked, Output, Session, SessionEnd, TerminalSize } from "../../ports/shells.ts";
import { withDeadline } from "../deadline.ts";
import { feed } from "../program-input.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { MultiplexedReader } from "./multiplexed.ts";
import { troubleOf } from "./trouble.ts";

const created = z.object({ Id: z.string().regex(/^[0-9a-f]{64}$/) });
/** `GET /exec/ID/json`. `Pid` is the node's own number of the process. */
const inspected = z.object({ Running: z.boolean(), ExitCode: z.number().int().nullish(), Pid: z.number().int() });

/**
 * The engine would keep ctrl-p to itself until the key after it tells whether it was half of ctrl-p ctrl-q. These are
 * pressed by nobody, and the first of them (0x1C) is the key that ends a session here.
 */
const noDetachKeys = "ctrl-\\,ctrl-@,ctrl-\\,ctrl-@,ctrl-\\";

const callMs = 10_000;
/** The output may end a little before the engine knows of the exit. */
const exitTries = 40;
const exitEveryMs = 50;
/** A terminal is there a little after the answer that promises it: docker's own client tries as often. */
const resizeTries = 10;
const resizeEveryMs = 30;

/** What is run; `user` of the container's /etc/passwd, or its own. */
export type ExecMade = ExecAsked & { user?: string | undefined };

/** A program that runs in a container, as the engine knows it. */
export interface RunningExec extends Session {
  /** The program's process on the node; undefined when it has ended. */
  pid(within: Deadline): Promise<Outcome<number | undefined>>;
}

/** Runs a program in a container (Docker Engine API: ContainerExec, ExecStart, ExecResize, ExecInspect). */
export async function openExec(
  calls: EngineCalls,
  clock: Clock,
  { container, command, terminal, user }: ExecMade,
  output: Output,
  within: Deadline,
): Promise<Outcome<RunningExec>> {
  const lifetime = new AbortController();
  const tty = terminal !== undefined;
  const opening = text`${calls.node}: a program in a container`;
  const opened = await withDeadline(clock, within, opening, async (signal) => {
    // Engines before 23.0 do not know it, and give a terminal no size until the first resize.
    const size = terminal === undefined ? {} : { ConsoleSize: [terminal.rows, terminal.columns] };
    const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: tty };
    const body = {
      ...{ ...streams, ...size, Cmd: command, DetachKeys: noDetachKeys },
      ...(user === undefined ? {} : { User: user }),
    };
    const making = { method: "POST", path: `/containers/${container}/exec` } as const;
    const made = await calls.json(created, { ...making, body }, { ms: within.ms, signal });
    if (!made.ok) return made;
    const id = made.value.Id;
    signal.addEventListener("abort", () => lifetime.abort(), { once: true });
    const start = { method: "POST", path: `/exec/${id}/start`, body: { Detach: false, Tty: tty, ...size } } as const;
    const socket = await calls.hijack(start, lifetime.signal);
    return socket.ok ? good({ id, socket: socket.value }) : socket;
  });
  if (!opened.ok) {
    lifetime.abort();
    return opened;
  }
  const { id, socket } = opened.value;
  const exec = new Exec(calls, clock, id, socket, output, tty);
  if (terminal !== undefined) exec.resize(terminal);
  return good(exec);
}

class Exec implements RunningExec {
  readonly ended: Promise<SessionEnd>;
  readonly #calls: EngineCalls;
  readonly #clock: Clock;
  readonly #id: string;
  readonly #socket: Duplex;
  readonly #tty: boolean;
  #closed = false;
  #over = false;
  #size: TerminalSize | undefined;
  #resizing = false;

  constructor(calls: EngineCalls, clock: Clock, id: string, socket: Duplex, output: Output, tty: boolean) {
    this.#calls = calls;
    this.#clock = clock;
    this.#id = id;
    this.#socket = socket;
    this.#tty = tty;
    this.ended = this.#read(output).then((end) => {
      this.#over = true;
      socket.destroy();
      return end;
    });
  }

  write(input: Uint8Array): Promise<void> {
    return this.#over ? Promise.resolve() : feed(this.#socket, input);
  }

  endInput(): void {
    if (!this.#over) this.#socket.end();
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    if (this.#tty && !this.#resizing) void this.#fit();
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  async pid(within: Deadline): Promise<Outcome<number | undefined>> {
    const seen = await this.#inspect(within);
    if (!seen.ok) return seen;
    return good(seen.value.Running && seen.value.Pid > 0 ? seen.value.Pid : undefined);
  }

  async #read(output: Output): Promise<SessionEnd> {
    const frames = this.#tty ? undefined : new MultiplexedReader(text`${this.#calls.node}: output of a program`);
    try {
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        const pieces = frames?.read(chunk) ?? good([{ source: "stdout", bytes: chunk } as const]);
        if (!pieces.ok) return { end: "lost", trouble: pieces.trouble };
        for (const { source, bytes } of pieces.value) await output(bytes, source === "stdout" ? "stdout" : "stderr");
      }
    } catch (error) {
      if (!this.#closed) return { end: "lost", trouble: this.#troubleOf(error) };
    }
    if (this.#closed) return { end: "lost", trouble: { kind: "cancelled" } };
    if (frames?.complete === false) {
      return { end: "lost", trouble: { kind: "connection-lost", detail: text`its output was cut short` } };
    }
    return this.#exit();
  }

  #troubleOf(error: unknown): Trouble {
    return troubleOf(error, this.#calls.asked({ method: "POST", path: `/exec/${this.#id}/start` }));
  }

  async #exit(): Promise<SessionEnd> {
    for (let attempt = 0; attempt < exitTries; attempt++) {
      const seen = await this.#inspect({ ms: callMs });
      if (!seen.ok) return { end: "lost", trouble: seen.trouble };
      const { Running, ExitCode } = seen.value;
      if (!Running && ExitCode !== null && ExitCode !== undefined) return { end: "exited", code: ExitCode };
      await this.#pause(exitEveryMs);
    }
    return { end: "lost", trouble: { kind: "connection-lost", detail: text`its output ended, and it still runs` } };
  }

  #inspect(within: Deadline): Promise<Outcome<z.infer<typeof inspected>>> {
    return this.#calls.json(inspected, { method: "GET", path: `/exec/${this.#id}/json` }, within);
  }

  /** Sizes are told one after the other, the last one surely; a size that cannot be told is no reason to end a session. */
  async #fit(): Promise<void> {
    this.#resizing = true;
    for (let attempt = 0; this.#size !== undefined && !this.#over && attempt < resizeTries; attempt++) {
      const { columns: w, rows: h } = this.#size;
      const wanted = this.#size;
      const told = await this.#calls.done(
        { method: "POST", path: `/exec/${this.#id}/resize`, query: { h, w } },
        { ms: callMs },
      );
      if (told.ok && this.#size === wanted) this.#size = undefined;
      else if (told.ok) attempt = 0;
      else await this.#pause(resizeEveryMs);
    }
    this.#resizing = false;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }
}

/** The process of a running container, as the node numbers it (`GET /containers/ID/json`, State.Pid). */
export async function processOf(
  calls: EngineCalls,
  container: ExecAsked["container"],
  within: Deadline,
): Promise<Outcome<number>> {
  const seen = await calls.json(state, { method: "GET", path: `/containers/${container}/json` }, within);
  if (!seen.ok) return seen;
  const { Pid } = seen.value.State;
  return Pid > 0 ? good(Pid) : bad({ kind: "engine-refused", status: 409, detail: text`the container does not run` });
}

const state = z.object({ State: z.object({ Pid: z.number().int() }) });
