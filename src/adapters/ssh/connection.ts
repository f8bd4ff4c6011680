import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { Finished } from "../transport.ts";
import { DockerDial, opening } from "./docker-dial.ts";
import { Limit } from "./limit.ts";
import { runAsRoot, runScript, type ScriptContext } from "./script.ts";
import type { SshShared } from "./shared.ts";
import type { Target } from "./ssh-config.ts";
import { tcpTrouble } from "./trouble.ts";

/** sshd's MaxSessions is 10; more than four commands at once lose some, because slots come free late. */
const commandsAtOnce = 4;

/** One login that stands, and everything that runs over it. */
export class Connection {
  readonly client: Client;
  readonly #context: ScriptContext;
  readonly #docker: DockerDial;
  readonly #commands = new Limit(commandsAtOnce);
  readonly #sockets = new Set<Duplex>();

  constructor(client: Client, options: { node: NodeName; target: Target; prompter: Prompter; shared: SshShared }) {
    this.client = client;
    const { node, target, prompter, shared } = options;
    this.#context = { client, node, user: target.user, host: target.host, prompter, shared, sudo: { way: undefined } };
    const track = (socket: Duplex) => this.#track(socket);
    this.#docker = new DockerDial(this.#context, track);
    // A lost connection ends channels as if all were well; whoever reads one must not take that for an end of data.
    client.once("close", () => {
      const lost = Object.assign(new Error("the SSH connection was lost"), { code: "ECONNRESET" });
      for (const socket of this.#sockets) socket.destroy(lost);
    });
    client.on("error", () => undefined); // "close" follows and is what counts
  }

  async script(
    script: string,
    args: readonly string[],
    signal: AbortSignal,
    options: { root?: boolean; limit?: number },
  ): Promise<Outcome<Finished>> {
    const leave = await this.#commands.enter(signal);
    if (leave === undefined) return { ok: false, trouble: { kind: "cancelled" } };
    try {
      const run = options.root === true ? runAsRoot : runScript;
      return await run(this.#context, script, args, signal, options.limit);
    } finally {
      leave();
    }
  }

  dialDocker(signal: AbortSignal, use: "request" | "stream"): Promise<Outcome<Duplex>> {
    return this.#docker.dial(signal, use);
  }

  dialTcp(host: string, port: number): Promise<Outcome<Duplex>> {
    return opening(
      this.client,
      (socket) => this.#track(socket),
      (client, done) => client.forwardOut("127.0.0.1", 0, host, port, done),
      (error) => tcpTrouble(error, host, port),
    );
  }

  /** One round trip to sshd itself, ms: it answers every request to end a forwarding that was never there with "no" (RFC 4254, 7.1). */
  roundTrip(now: () => number): Promise<number> {
    const began = now();
    return new Promise((resolve, reject) => {
      try {
        this.client.unforwardIn("127.0.0.1", 1, () => resolve(now() - began));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}
