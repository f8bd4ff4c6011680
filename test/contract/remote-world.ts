import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import type { LinkState } from "../../src/domain/link.ts";
import type { NodeSpec, Spec } from "../../src/domain/spec/spec.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Deadline } from "../../src/ports/clock.ts";
import type { Engine, Subscription } from "../../src/ports/engine.ts";
import type { Host } from "../../src/ports/host.ts";
import type { Link } from "../../src/ports/link.ts";
import type { Logs } from "../../src/ports/logs.ts";
import type { NodeControl } from "../../src/ports/node-control.ts";
import type { Prompter } from "../../src/ports/prompter.ts";
import type { Shells } from "../../src/ports/shells.ts";
import type { StoreWatch } from "../../src/ports/store.ts";
import type { Tunnels } from "../../src/ports/tunnels.ts";
import type { NodeAccess, World } from "../../src/ports/world.ts";
import { type Drawn, remoteControl } from "./remote-control.ts";
import { remoteShells } from "./remote-shells.ts";
import { remoteTunnels } from "./remote-tunnels.ts";
import type { Asked, Report, Request } from "./wire.ts";

/** Longer than a tunnel takes that opens at all. */
const tunnelMs = 60_000;

/**
 * The real world as a process in the lab's network has it: hosts of the lab can be reached from there only, and a process
 * cannot move. What is called here is called there, and what is told there is told here, in the same order.
 */
export class RemoteWorld implements World {
  readonly clock = systemClock;
  readonly #child: ChildProcess;
  readonly #links = new Map<number, RemoteLink>();
  readonly #calls = new Map<number, { resolve(outcome: Outcome<unknown>): void; reject(error: Error): void }>();
  readonly #streams = new Map<number, (method: string, value: unknown) => void>();
  readonly #offered = new Map<number, AsyncIterator<Uint8Array>>();
  readonly #numbers = new WeakMap<Link, number>();
  #next = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (report: Report) => this.#heard(report));
    child.once("exit", (code) => this.#ended(code));
  }

  /** `inSwitch`: the words before a command that run it in the lab's network. */
  static async start(inSwitch: readonly string[]): Promise<RemoteWorld> {
    const [execPath = "", ...words] = inSwitch;
    const { SSH_AUTH_SOCK: _, ...env } = process.env;
    const child = fork(path.join(import.meta.dirname, "world-in-switch.ts"), [], {
      execPath,
      execArgv: [...words, process.execPath, "--import", "tsx"],
      serialization: "advanced",
      env,
    });
    const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (typeof first !== "object") throw new Error(`the process in the lab's network ended with ${first}`);
    return new RemoteWorld(child);
  }

  async close(): Promise<void> {
    if (!this.#child.connected) return;
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }

  node(node: NodeSpec, spec: Spec, prompter: Prompter): NodeAccess {
    const number = this.#next++;
    this.#send({ kind: "connect", access: number, node, spec });
    const link = new RemoteLink(node.name, prompter, (kind) => this.#send({ kind, access: number }));
    this.#links.set(number, link);
    this.#numbers.set(link, number);
    return {
      link,
      engine: this.#engine(number),
      host: this.#host(number),
      control: this.#control(number),
      logs: this.#logs(number),
      probes: {
        probe: (asked, within) => this.#ask(number, { of: "probes", method: "probe", asked }, within),
        echoesReceived: (containers, within) =>
          this.#ask(number, { of: "probes", method: "echoesReceived", containers }, within),
      },
      shells: this.#shells(number),
      tunnels: this.#tunnels(number),
    };
  }

  store(spec: Spec, nodes: ReadonlyMap<NodeName, NodeAccess>): StoreWatch | undefined {
    if (spec.store === undefined) return undefined;
    const numbers = new Map<NodeName, number>();
    for (const [name, { link }] of nodes) numbers.set(name, this.#numbers.get(link) ?? -1);
    return {
      watch: (listener) =>
        this.#stream(
          (stream) => ({ kind: "watch", stream, spec, nodes: numbers }),
          (_, value) => listener(value as Parameters<typeof listener>[0]),
        ),
      ask: (within) =>
        this.#call(within, (call, aborted) => ({
          kind: "ask-store",
          call,
          spec,
          nodes: numbers,
          ms: within.ms,
          aborted,
        })),
    };
  }

  #engine(access: number): Engine {
    const ask = <T>(asked: Asked, within: Deadline) => this.#ask<T>(access, asked, within);
    return {
      info: (within) => ask({ of: "engine", method: "info" }, within),
      ping: (within) => ask({ of: "engine", method: "ping" }, within),
      containers: (within) => ask({ of: "engine", method: "containers" }, within),
      container: (id, within) => ask({ of: "engine", method: "container", id }, within),
      networks: (within) => ask({ of: "engine", method: "networks" }, within),
      swarmNodes: (within) => ask({ of: "engine", method: "swarmNodes" }, within),
      events: (since, listener) =>
        this.#stream(
          (stream) => ({ kind: "events", stream, access, since }),
          (method, value) => {
            if (method === "opened") listener.opened();
            else if (method === "event") listener.event(value as Parameters<typeof listener.event>[0]);
            else listener.ended(value as Parameters<typeof listener.ended>[0]);
          },
        ),
      usage: (id, listener) =>
        this.#stream(
          (stream) => ({ kind: "usage", stream, access, id }),
          (method, value) => {
            if (method === "usage") listener.usage(value as Parameters<typeof listener.usage>[0]);
            else listener.ended(value as Parameters<typeof listener.ended>[0]);
          },
        ),
    };
  }

  #logs(access: number): Logs {
    return {
      follow: (id, start, listener) =>
        this.#stream(
          (stream) => ({ kind: "logs", stream, access, id, start }),
          (method, value) => {
            if (method === "lines") listener.lines(value as Parameters<typeof listener.lines>[0]);
            else listener.ended(value as Parameters<typeof listener.ended>[0]);
          },
        ),
      journal: (from, within) => this.#ask(access, { of: "logs", method: "journal", from }, within),
    };
  }

  #host(access: number): Host {
    const ask = <T>(method: keyof Host, within: Deadline) => this.#ask<T>(access, { of: "host", method }, within);
    return {
      facts: (within) => ask("facts", within),
      daemonSources: (within) => ask("daemonSources", within),
      engineService: (within) => ask("engineService", within),
    };
  }

  #control(access: number): NodeControl {
    const numbered = <T>(kept: Map<number, T>, one: T) => {
      const number = this.#next++;
      kept.set(number, one);
      return { number, close: () => void kept.delete(number) };
    };
    return remoteControl({
      ask: (asked, within) => this.#ask(access, asked, within),
      listen: (listener) => numbered(this.#streams, (_method: string, value: unknown) => listener(value)),
      offer: (source) => numbered(this.#offered, source),
    });
  }

  #shells(access: number): Shells {
    return remoteShells({
      listen: (told) => this.#listen(told),
      open: (session, asked, within) =>
        this.#call(within, (call, aborted) => ({
          kind: "shell",
          call,
          session,
          access,
          asked,
          ms: within.ms,
          aborted,
        })),
      call: (session, act, within) => this.#call(within, (call) => ({ kind: "session", session, act: act(call) })),
      send: (session, act) => this.#send({ kind: "session", session, act }),
    });
  }

  #tunnels(access: number): Tunnels {
    return remoteTunnels({
      listen: (told) => this.#listen(told),
      open: (tunnel, host, port, signal) =>
        this.#call({ ms: tunnelMs, signal }, (call, aborted) => ({
          ...{ kind: "open-tunnel", call, tunnel, access, host, port, ms: tunnelMs, aborted },
        })),
      send: (tunnel, act) => this.#child.connected && this.#send({ kind: "tunnel", tunnel, act }),
    });
  }

  /** A piece of what is offered, for the other process; a source that fails ends there as it does here. */
  async #draw(source: number, draw: number): Promise<void> {
    const send = (drawn: Drawn) => this.#send({ kind: "drawn", draw, drawn });
    try {
      const next = await this.#offered.get(source)?.next();
      send({ done: next === undefined || next.done, value: next?.value });
    } catch (error) {
      send({ broken: (error as { trouble?: never }).trouble });
    }
  }

  #ask<T>(access: number, asked: Asked, within: Deadline): Promise<Outcome<T>> {
    return this.#call(within, (call, aborted) => ({ kind: "ask", call, access, asked, ms: within.ms, aborted }));
  }

  #call<T>(within: Deadline, request: (call: number, aborted: boolean) => Request): Promise<Outcome<T>> {
    const call = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve: (outcome) => resolve(outcome as Outcome<T>), reject });
      this.#send(request(call, within.signal?.aborted ?? false));
      within.signal?.addEventListener("abort", () => this.#send({ kind: "cancel", call }), { once: true });
    });
  }

  #listen(told: (method: string, value: unknown) => void): number {
    const number = this.#next++;
    this.#streams.set(number, told);
    return number;
  }

  #stream(request: (stream: number) => Request, told: (method: string, value: unknown) => void): Subscription {
    const stream = this.#listen(told);
    this.#send(request(stream));
    // What the other process says after this is dropped there: it must not be hidden here.
    return { close: () => this.#child.connected && this.#send({ kind: "end", stream }) };
  }

  #send(request: Request): void {
    if (!this.#child.connected) throw new Error("the process in the lab's network has ended");
    this.#child.send(request);
  }

  /** After a crash there, what its message says is on standard error; nothing here may wait for it any longer. */
  #ended(code: number | null): void {
    for (const { reject } of this.#calls.values()) {
      reject(new Error(`the process in the lab's network ended with ${code}`));
    }
    this.#calls.clear();
    for (const link of this.#links.values()) link.closed();
  }

  #heard(report: Report): void {
    switch (report.kind) {
      case "ready":
        return;
      case "state":
        this.#links.get(report.access)?.changed(report.state);
        return;
      case "closed":
        this.#links.get(report.access)?.closed();
        return;
      case "outcome":
        this.#calls.get(report.call)?.resolve(report.outcome);
        this.#calls.delete(report.call);
        return;
      case "told":
        this.#streams.get(report.stream)?.(report.method, report.value);
        return;
      case "draw":
        void this.#draw(report.source, report.draw);
        return;
      case "question":
        void this.#links
          .get(report.access)
          ?.prompter.ask(report.asks, new AbortController().signal)
          .then((answer) => this.#send({ kind: "answer", question: report.question, answer }));
        return;
    }
  }
}

/** A link's last state that was told, and its listeners. */
class RemoteLink implements Link {
  readonly node: NodeName;
  readonly prompter: Prompter;
  readonly #send: (kind: "retry" | "close") => void;
  readonly #listeners = new Set<(state: LinkState) => void>();
  #state: LinkState = { state: "connecting", since: systemClock.now(), attempt: 1 };
  #told = false;
  readonly #gone: Promise<void>;
  #closing = false;
  #over = false;
  #resolve: () => void = () => {};

  constructor(node: NodeName, prompter: Prompter, send: (kind: "retry" | "close") => void) {
    this.node = node;
    this.prompter = prompter;
    this.#send = send;
    this.#gone = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    this.#send("retry");
  }

  close(): Promise<void> {
    if (!this.#closing && !this.#over) this.#send("close");
    this.#closing = true;
    return this.#gone;
  }

  /** The first report is the state that it had when it was made, which changed nothing. */
  changed(state: LinkState): void {
    const first = !this.#told;
    this.#told = true;
    const same = JSON.stringify(state) === JSON.stringify(this.#state);
    if (same) return;
    this.#state = state;
    if (!first) for (const listener of [...this.#listeners]) listener(state);
  }

  closed(): void {
    this.#over = true;
    this.#resolve();
  }
}
