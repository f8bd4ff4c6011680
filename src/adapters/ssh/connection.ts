import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import { bad, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { Output, Session } from "../../ports/shells.ts";
import type { TerminalAsked } from "../terminals.ts";
import type { Finished } from "../transport.ts";
import type { Bastion } from "./bastion.ts";
import { DockerDial } from "./docker-dial.ts";
import { Limit } from "./limit.ts";
import { accountOf } from "./login.ts";
import { openSocket } from "./open-channel.ts";
import { runAsRoot, runScript, type ScriptOptions, type ScriptPlace } from "./script.ts";
import type { SshShared } from "./shared.ts";
import type { Target } from "./ssh-config.ts";
import type { Held } from "./ssh-link.ts";
import { Sudo } from "./sudo.ts";
import { openTerminal } from "./terminal.ts";
import { connectionTrouble, type SshError, tcpTrouble } from "./trouble.ts";

/** sshd's MaxSessions is 10; more than four commands at once lose some, because places come free late. */
const commandsAtOnce = 4;
/** An orderly end is awaited no longer than this. */
const endMs = 500;

/** One login that stands, and everything that runs over it. */
export class Connection implements Held {
  readonly gone: Promise<Trouble>;
  readonly #client: Client;
  readonly #place: ScriptPlace;
  readonly #docker: DockerDial;
  readonly #commands = new Limit(commandsAtOnce);
  readonly #sockets = new Set<Duplex>();

  constructor(
    client: Client,
    options: { node: NodeName; target: Target; prompter: Prompter; shared: SshShared; bastion: Bastion | undefined },
  ) {
    this.#client = client;
    const { node, target, prompter, shared, bastion } = options;
    const lifetime = new AbortController();
    const account = accountOf(target);
    const sudo = new Sudo({ client, node, user: target.user, account, prompter, shared, lifetime: lifetime.signal });
    this.#place = { client, node, user: target.user, sudo };
    this.#docker = new DockerDial(this.#place, shared.dockerWays, account);
    let failure: SshError | undefined;
    client.on("error", (error: SshError) => {
      failure ??= error;
    });
    this.gone = new Promise((resolve) => {
      client.once("close", () => {
        lifetime.abort();
        // ssh2 ends the channels of a lost connection as if all were well; whoever reads one must not take that for an
        // end of data.
        const lost = Object.assign(new Error("the SSH connection was lost"), { code: "ECONNRESET" });
        for (const socket of this.#sockets) socket.destroy(lost);
        resolve(bastion?.trouble ?? connectionTrouble(failure, target));
      });
    });
  }

  async script(
    script: string,
    args: readonly string[],
    { root, ...options }: ScriptOptions & { root: boolean },
  ): Promise<Outcome<Finished>> {
    const { signal } = options;
    // Before it takes a place: the operator may have to type a password.
    const way = root ? await this.#place.sudo.way(signal) : undefined;
    if (way?.ok === false) return way;
    const leave = await this.#commands.enter(signal);
    if (leave === undefined) return bad({ kind: "cancelled" });
    try {
      return await (root ? runAsRoot : runScript)(this.#place, script, args, options);
    } finally {
      leave();
    }
  }

  async dialDocker(signal: AbortSignal, use: "request" | "stream"): Promise<Outcome<Duplex>> {
    return this.#tracked(await this.#docker.dial(signal, use));
  }

  get fewStreams(): boolean {
    return this.#docker.fewStreams;
  }

  async dialTcp(host: string, port: number, signal: AbortSignal): Promise<Outcome<Duplex>> {
    return this.#tracked(
      await openSocket(
        this.#client,
        (client, done) => client.forwardOut("127.0.0.1", 0, host, port, done),
        signal,
        (error) => tcpTrouble(error, host, port),
      ),
    );
  }

  terminal(asked: TerminalAsked, output: Output, signal: AbortSignal): Promise<Outcome<Session>> {
    return openTerminal(this.#place, asked, output, signal);
  }

  /** sshd answers every request to end a forwarding that was never there with "no" (RFC 4254, 7.1). */
  roundTrip(): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        this.#client.unforwardIn("127.0.0.1", 1, () => resolve());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  again(): void {
    this.#place.sudo.again();
    this.#docker.again();
  }

  async end(): Promise<void> {
    const timer = setTimeout(() => this.destroy(), endMs);
    this.#client.end();
    await this.gone;
    clearTimeout(timer);
  }

  destroy(): void {
    this.#client.destroy();
  }

  #tracked(dialed: Outcome<Duplex>): Outcome<Duplex> {
    if (dialed.ok) {
      const socket = dialed.value;
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    }
    return dialed;
  }
}
