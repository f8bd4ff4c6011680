import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { TroubleError } from "../dialed-agent.ts";
import type { Finished } from "../transport.ts";
import { ChannelSocket, type EmptyEnd } from "./channel-socket.ts";
import { type DockerSocket, diagnosis, dialStdio, dockerSocket, rootful } from "./docker-sockets.ts";
import { openExec, type Passing, passSudo } from "./exec.ts";
import { Limit } from "./limit.ts";
import { openSocket } from "./open-channel.ts";
import { runAsRoot, runScript, type ScriptPlace } from "./script.ts";
import { unlessAborted } from "./shared-work.ts";
import { rootCommand } from "./sudo.ts";

/** Looking for the way may have to start Docker's socket unit. */
const lookMs = 30_000;

/** How the Docker socket of a node is reached. */
export type DockerWay =
  | { by: "streamlocal"; path: string }
  /** `docker system dial-stdio`: where sshd forwards no sockets, or only root may open this one. */
  | { by: "stdio"; engine: DockerSocket["engine"]; root: boolean };

/** Opens byte streams to a node's Docker socket over its SSH connection. */
export class DockerDial {
  readonly #place: ScriptPlace;
  readonly #ways: Map<string, DockerWay>;
  readonly #account: string;
  /** sshd allows ten sessions (MaxSessions); scripts have four of them. Streams must not starve requests. */
  readonly #requests = new Limit(3);
  readonly #streams = new Limit(3);
  #looking: Promise<Outcome<DockerWay>> | undefined;

  /** `ways` remembers, by account, what worked on the connection before. */
  constructor(place: ScriptPlace, ways: Map<string, DockerWay>, account: string) {
    this.#place = place;
    this.#ways = ways;
    this.#account = account;
  }

  /** Whether streams take sessions; false as long as no way is known. */
  get fewStreams(): boolean {
    return this.#ways.get(this.#account)?.by === "stdio";
  }

  async dial(signal: AbortSignal, use: "request" | "stream"): Promise<Outcome<Duplex>> {
    const before = this.#ways.get(this.#account) ?? { by: "streamlocal", path: rootful };
    const first = await this.#open(before, signal, use);
    if (first.ok || signal.aborted || first.trouble.kind === "connection-lost") return first;
    this.#looking ??= this.#look(AbortSignal.timeout(lookMs)).finally(() => {
      this.#looking = undefined;
    });
    const way = await unlessAborted(this.#looking, signal);
    if (way === undefined) return bad({ kind: "cancelled" });
    if (!way.ok) return way;
    this.#ways.set(this.#account, way.value);
    return this.#open(way.value, signal, use);
  }

  /** The next dial begins with the usual way: rights and sshd's configuration may have changed. */
  again(): void {
    this.#ways.delete(this.#account);
  }

  async #open(way: DockerWay, signal: AbortSignal, use: "request" | "stream"): Promise<Outcome<Duplex>> {
    if (way.by === "streamlocal") return this.#streamlocal(way.path, signal);
    const leave = await (use === "stream" ? this.#streams : this.#requests).enter(signal);
    if (leave === undefined) return bad({ kind: "cancelled" });
    const opened = await this.#stdio(way, signal);
    if (opened.ok) opened.value.once("close", leave);
    else leave();
    return opened;
  }

  #streamlocal(path: string, signal: AbortSignal): Promise<Outcome<ChannelSocket>> {
    return openSocket(this.#place.client, (client, done) => client.openssh_forwardOutStreamLocal(path, done), signal);
  }

  async #stdio(
    { engine, root }: Extract<DockerWay, { by: "stdio" }>,
    signal: AbortSignal,
  ): Promise<Outcome<ChannelSocket>> {
    const way = root ? await this.#place.sudo.way(signal) : undefined;
    if (way?.ok === false) return way;
    const command = dialStdio[engine];
    const { line, passing } = way === undefined ? { line: `exec ${command}` } : rootCommand(way.value, command);
    const channel = await openExec(this.#place.client, line, signal);
    if (!channel.ok) return channel;
    const emptyEnd = this.#failureOf(channel.value);
    const isThere = passing === undefined || (await this.#passed(channel.value, passing, signal));
    if (isThere) return good(new ChannelSocket(channel.value, emptyEnd));
    if (signal.aborted) return bad({ kind: "cancelled" });
    this.#place.sudo.forget();
    return bad(this.#denied(rootful));
  }

  async #passed(channel: ClientChannel, passing: Passing, signal: AbortSignal): Promise<boolean> {
    // Nothing comes before root is there, and an end that nobody reads is none.
    channel.resume();
    const through = (await unlessAborted(passSudo(channel, passing), signal)) === true;
    if (through) channel.pause();
    else channel.close();
    return through;
  }

  /** A command that fails says why on stderr and by its exit code, where a socket would not have opened. */
  #failureOf(channel: ClientChannel): EmptyEnd {
    let said = "";
    channel.stderr.on("data", (chunk: Buffer) => {
      if (said.length < 2000) said += chunk.toString("utf8");
    });
    return (code) =>
      typeof code === "number" && code !== 0 ? new TroubleError(this.#stdioTrouble(code, said)) : undefined;
  }

  /** Why the socket did not open, and what would. */
  async #look(signal: AbortSignal): Promise<Outcome<DockerWay>> {
    const options = { ms: lookMs, signal };
    const seen = await runScript(this.#place, diagnosis, [], options);
    if (!seen.ok) return seen;
    const found = dockerSocket(seen.value.stdout.toString());
    if (!found.ok) return found;
    const { engine, path, isOpen, unit } = found.value;
    if (isOpen && engine === "rootless") {
      const opened = await this.#streamlocal(path, signal);
      if (opened.ok) opened.value.destroy();
      if (opened.ok) return good({ by: "streamlocal", path });
    }
    if (isOpen || engine === "rootless") {
      const ran = await runScript(this.#place, dialStdio[engine], [], options);
      return this.#tried(ran, { by: "stdio", engine, root: false }, unit);
    }
    // A password may take the operator as long as it does; those who dial do not wait longer than they want.
    const way = await this.#place.sudo.way(new AbortController().signal);
    const asRoot = way.ok
      ? await runAsRoot(this.#place, dialStdio.rootful, [], { ms: lookMs, signal: AbortSignal.timeout(lookMs) })
      : way;
    if (!asRoot.ok && asRoot.trouble.kind === "sudo-refused") return bad(this.#denied(path));
    return this.#tried(asRoot, { by: "stdio", engine, root: true }, unit);
  }

  /** dial-stdio without input connects, finds its end, and closes: its exit code tells whether there is an engine. */
  #tried(ran: Outcome<Finished>, way: DockerWay, unit: SafeText): Outcome<DockerWay> {
    if (!ran.ok) return ran;
    const { code, stderr } = ran.value;
    if (code === 0) return good(way);
    const trouble = this.#stdioTrouble(code ?? 1, stderr.toString("utf8"));
    const told = trouble.kind === "docker-stopped" && unit !== "" && unit !== "active";
    return bad(told ? { kind: "docker-stopped", detail: unit } : trouble);
  }

  #stdioTrouble(code: number, said: string): Trouble {
    const line = clean(said.trim().split("\n").at(-1) ?? "");
    // 127: command not found (POSIX sh, 2.8.2).
    if (code === 127) {
      return {
        kind: "tool-missing",
        tool: text`docker`,
        remedy: text`its sshd forwards no sockets, so the docker command is needed there: install it (docker-cli), or set AllowStreamLocalForwarding to local in sshd_config`,
      };
    }
    if (/permission denied/i.test(line)) return this.#denied(rootful);
    return { kind: "docker-stopped", detail: line };
  }

  #denied(path: string): Trouble {
    return { kind: "docker-permission", user: clean(this.#place.user), path: clean(path) };
  }
}
