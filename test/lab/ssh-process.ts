import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { isUp, type LinkState } from "../../src/domain/link.ts";
import type { NodeSpec } from "../../src/domain/spec/spec.ts";
import type { Outcome, Trouble } from "../../src/domain/trouble.ts";
import type { Answer, Question } from "../../src/ports/prompter.ts";
import { until } from "./command.ts";
import type { Lab } from "./lab.ts";
import type { Call, Followed, Report, StreamEnd } from "./ssh-wire.ts";

export interface ScriptEnd {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Answers a question, or leaves it open. */
export type Answerer = (question: Question, answer: (given: Answer) => void) => void;

export const refuse: Answerer = (_, answer) => answer({ kind: "refuse" });
/** Gives these secrets one after the other, then refuses. */
export const secrets = (...given: string[]): Answerer => {
  const left = [...given];
  return (_, answer) => {
    const secret = left.shift();
    answer(secret === undefined ? { kind: "refuse" } : { kind: "secret", secret });
  };
};

/**
 * The SSH adapter in a process in the lab's network: hosts of the lab can be reached from there only, and a process
 * cannot move. Its connections share what the program's connections share.
 */
export class SshProcess {
  readonly #child: ChildProcess;
  readonly #nodes = new Map<number, SshConnection>();
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly ends = new Map<number, StreamEnd>();
  #next = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (report: Report) => this.#heard(report));
  }

  /** `environment` is added to the test's own, without its SSH agent. */
  static async start(lab: Lab, environment: Readonly<Record<string, string>> = {}): Promise<SshProcess> {
    const [execPath = "", ...words] = lab.inSwitch([]);
    const { SSH_AUTH_SOCK: _, ...own } = process.env;
    const child = fork(path.join(import.meta.dirname, "ssh-in-switch.ts"), [], {
      execPath,
      execArgv: [...words, process.execPath, "--import", "tsx"],
      serialization: "advanced",
      env: { ...own, ...environment },
    });
    const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (typeof first !== "object") throw new Error(`the process in the lab's network ended with ${first}`);
    return new SshProcess(child);
  }

  connect(node: NodeSpec, answerer: Answerer = refuse): SshConnection {
    const number = this.#next++;
    const connection = new SshConnection(this, number, answerer);
    this.#nodes.set(number, connection);
    void this.call({ kind: "connect", number, node });
    return connection;
  }

  /** A number that nothing else has. */
  number(): number {
    return this.#next++;
  }

  call(call: Call): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#child.send({ id, call });
    });
  }

  /** Closes every link, then the process; one that has ended is closed. */
  async close(): Promise<void> {
    if (!this.#child.connected) return;
    await Promise.all([...this.#nodes.values()].map((one) => one.close()));
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }

  #heard(report: Report): void {
    switch (report.kind) {
      case "state":
        this.#nodes.get(report.node)?.heard(report.state);
        return;
      case "question":
        this.#nodes.get(report.node)?.asks(report.number, report.question);
        return;
      case "withdrawn":
        this.#nodes.get(report.node)?.withdrawn.push(report.question);
        return;
      case "ended":
        if (!this.ends.has(report.stream)) this.ends.set(report.stream, report.end);
        return;
      case "done":
        this.#calls.get(report.id)?.resolve(report.value);
        return;
      case "failed": {
        const error = new Error(report.message);
        const call = this.#calls.get(report.id);
        if (call === undefined) throw error;
        call.reject(error);
        return;
      }
    }
  }
}

/** One node's link and transport, as a test uses them. */
export class SshConnection {
  readonly states: LinkState[] = [];
  readonly asked: Question[] = [];
  readonly withdrawn: number[] = [];
  answerer: Answerer;
  readonly #process: SshProcess;
  readonly #number: number;
  /** Where in `states` the state is that was waited for last. */
  #looked = 0;

  constructor(process: SshProcess, number: number, answerer: Answerer) {
    this.#process = process;
    this.#number = number;
    this.answerer = answerer;
  }

  get state(): LinkState | undefined {
    return this.states.at(-1);
  }

  heard(state: LinkState): void {
    this.states.push(state);
  }

  asks(number: number, question: Question): void {
    this.asked.push(question);
    this.answerer(question, (answer) => void this.#process.call({ kind: "answer", question: number, answer }));
  }

  /**
   * Waits for a state, from the one on that was waited for last: a link that was lost may be up again before anybody looks.
   */
  async is(state: LinkState["state"] | "up", seconds = 120): Promise<LinkState> {
    const wanted = (one: LinkState) => (state === "up" ? isUp(one) : one.state === state);
    const found = () => this.states.findIndex((one, index) => index >= this.#looked && wanted(one));
    await until(`the link ${state}`, seconds, () => found() >= 0, 20).catch((error) => {
      throw new Error(`${error.message}; there was ${JSON.stringify(this.states.slice(this.#looked))}`);
    });
    this.#looked = found();
    return this.states[this.#looked] ?? missing(state);
  }

  /** Waits for an end of the attempts, and tells why. */
  async trouble(state: "refused" | "lost" = "refused", seconds = 120): Promise<Trouble> {
    const reached = await this.is(state, seconds);
    if (!("trouble" in reached)) throw new Error(`no trouble in ${JSON.stringify(reached)}`);
    return reached.trouble as Trouble;
  }

  retryNow(): Promise<unknown> {
    return this.#process.call({ kind: "retry", number: this.#number });
  }

  close(): Promise<unknown> {
    return this.#process.call({ kind: "close", number: this.#number });
  }

  async script(
    script: string,
    args: readonly string[] = [],
    options: { root?: boolean; limit?: number; ms?: number } = {},
  ): Promise<Outcome<ScriptEnd>> {
    return this.running(script, args, options).outcome;
  }

  /** A script under way, and how to call it off. */
  running(
    script: string,
    args: readonly string[] = [],
    { ms = 20_000, ...options }: { root?: boolean; limit?: number; ms?: number } = {},
  ): { outcome: Promise<Outcome<ScriptEnd>>; cancel: () => Promise<unknown> } {
    const call = this.#process.number();
    const outcome = this.#process.call({ kind: "script", number: this.#number, call, script, args, ms, options });
    return {
      outcome: outcome as Promise<Outcome<ScriptEnd>>,
      cancel: () => this.#process.call({ kind: "cancel", call }),
    };
  }

  /** What the engine answers to GET. */
  docker(path = "/_ping", ms = 40_000): Promise<Outcome<{ status: number; body: string }>> {
    const answer = this.#process.call({ kind: "docker", number: this.#number, path, ms });
    return answer as Promise<Outcome<{ status: number; body: string }>>;
  }

  /** Opens the engine's events and every container's use. */
  async follow(): Promise<{ seen: () => Promise<Followed> }> {
    const number = this.#number;
    await this.#process.call({ kind: "follow", number });
    return { seen: async () => (await this.#process.call({ kind: "followed", number })) as Followed };
  }

  /** Opens a stream to the Docker socket, or to `to` as seen from the node. */
  async stream(to?: { host: string; port: number }): Promise<{
    opened: Outcome<"open">;
    end: () => StreamEnd | undefined;
    close: () => Promise<unknown>;
  }> {
    const stream = this.#process.number();
    const number = this.#number;
    const call: Call =
      to === undefined
        ? { kind: "stream", number, stream, ms: 20_000 }
        : { kind: "tcp", number, stream, ms: 20_000, ...to };
    return {
      opened: (await this.#process.call(call)) as Outcome<"open">,
      end: () => this.#process.ends.get(stream),
      close: () => this.#process.call({ kind: "end", stream }),
    };
  }
}

function missing(state: string): never {
  throw new Error(`there is no state ${state}`);
}
