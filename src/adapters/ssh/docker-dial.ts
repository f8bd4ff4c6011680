import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { ChannelSocket } from "./channel-socket.ts";
import { Limit } from "./limit.ts";
import { runAsRoot, runScript, type ScriptContext } from "./script.ts";
import type { SshError } from "./trouble.ts";

const rootful = "/var/run/docker.sock";

/** How the Docker socket of a node is reached, once that is known. */
type Way =
  | { by: "streamlocal"; path: string }
  /** `docker system dial-stdio`: where sshd forwards no sockets, or only root may open this one. */
  | { by: "stdio"; root: boolean };

/**
 * What the socket looks like to the user who logged in, and how the engine is: one line a fact. The last test really
 * connects, so it is made only where a socket is there and no service manager says that the engine was stopped.
 */
const diagnosis = `
command -v docker >/dev/null 2>&1 && echo client
command -v dockerd >/dev/null 2>&1 && echo daemon
state=$(systemctl is-active docker 2>/dev/null) && : ; echo "unit $state"
for s in /var/run/docker.sock "\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock"; do
  [ -S "$s" ] || continue
  echo "socket $s"
  [ -r "$s" ] && [ -w "$s" ] && echo "open $s"
done
:
`;
const tryStdio = `docker system dial-stdio </dev/null >/dev/null 2>"\${TMPDIR:-/tmp}/.ovl-$$" ; code=$?; head -c 300 "\${TMPDIR:-/tmp}/.ovl-$$" >&2; rm -f "\${TMPDIR:-/tmp}/.ovl-$$"; exit $code`;

/** Opens byte streams to a node's Docker socket over its SSH connection. */
export class DockerDial {
  readonly #context: ScriptContext;
  readonly #track: (socket: Duplex) => void;
  /** sshd allows ten sessions (MaxSessions); scripts have four of them. Streams must not starve requests. */
  readonly #requests = new Limit(3);
  readonly #streams = new Limit(3);
  #way: Way = { by: "streamlocal", path: rootful };
  #looking: Promise<Outcome<Way>> | undefined;

  constructor(context: ScriptContext, track: (socket: Duplex) => void) {
    this.#context = context;
    this.#track = track;
  }

  async dial(signal: AbortSignal, use: "request" | "stream"): Promise<Outcome<Duplex>> {
    const first = await this.#open(this.#way, signal, use);
    if (first.ok || signal.aborted || first.trouble.kind === "connection-lost" || this.#way.by === "stdio")
      return first;
    this.#looking ??= this.#look(signal).finally(() => {
      this.#looking = undefined;
    });
    const way = await this.#looking;
    if (!way.ok) return way;
    this.#way = way.value;
    return this.#open(way.value, signal, use);
  }

  async #open(way: Way, signal: AbortSignal, use: "request" | "stream"): Promise<Outcome<Duplex>> {
    if (way.by === "streamlocal") return this.#streamlocal(way.path);
    const leave = await (use === "stream" ? this.#streams : this.#requests).enter(signal);
    if (leave === undefined) return bad({ kind: "cancelled" });
    const opened = await this.#stdio(way.root);
    if (opened.ok) opened.value.once("close", leave);
    else leave();
    return opened;
  }

  #streamlocal(path: string): Promise<Outcome<Duplex>> {
    return opening(this.#context.client, this.#track, (client, done) =>
      client.openssh_forwardOutStreamLocal(path, done),
    );
  }

  async #stdio(root: boolean): Promise<Outcome<Duplex>> {
    const command = `exec ${root ? "sudo -n -- " : ""}docker system dial-stdio`;
    return opening(this.#context.client, this.#track, (client, done) => client.exec(command, done));
  }

  /** Why the socket did not open, and what would. */
  async #look(signal: AbortSignal): Promise<Outcome<Way>> {
    const seen = await runScript(this.#context, diagnosis, [], signal);
    if (!seen.ok) return seen;
    const lines = seen.value.stdout.toString().split("\n");
    const fact = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
    const socket = fact("socket");
    const open = fact("open");
    const unit = clean(fact("unit") ?? "");
    if (socket === undefined) {
      if (!lines.includes("client") && !lines.includes("daemon") && unit !== "active")
        return bad({ kind: "docker-missing" });
      return bad(
        unit === "" || unit === "active"
          ? { kind: "docker-socket-missing", path: clean(rootful) }
          : { kind: "docker-stopped", detail: unit },
      );
    }
    if (unit === "inactive" || unit === "failed") return bad({ kind: "docker-stopped", detail: unit });
    if (open !== undefined && open !== rootful) return good({ by: "streamlocal", path: open });
    if (open !== undefined) return this.#asUser(signal, unit);
    return this.#asRoot(signal, socket);
  }

  async #asUser(signal: AbortSignal, unit: string): Promise<Outcome<Way>> {
    const tried = await runScript(this.#context, tryStdio, [], signal);
    if (!tried.ok) return tried;
    if (tried.value.code === 0) return good({ by: "stdio", root: false });
    const said = clean(tried.value.stderr.toString().trim().split("\n")[0] ?? "");
    return bad({ kind: "docker-stopped", detail: said === "" ? clean(unit) : said });
  }

  async #asRoot(signal: AbortSignal, socket: string): Promise<Outcome<Way>> {
    const denied: Trouble = { kind: "docker-permission", user: clean(this.#context.user), path: clean(socket) };
    const tried = await runAsRoot(this.#context, tryStdio, [], signal);
    if (!tried.ok) return tried.trouble.kind === "sudo-refused" ? bad(denied) : tried;
    if (tried.value.code !== 0) {
      return bad({ kind: "docker-stopped", detail: clean(tried.value.stderr.toString().trim().split("\n")[0] ?? "") });
    }
    return good({ by: "stdio", root: true });
  }
}

type Opener = (
  client: Client,
  done: (error: SshError | undefined, channel: ConstructorParameters<typeof ChannelSocket>[0]) => void,
) => void;

/** Opens a channel as a socket; a connection that is gone makes ssh2 throw at once. */
export function opening(
  client: Client,
  track: (socket: Duplex) => void,
  open: Opener,
  refusal?: (error: SshError) => Trouble,
): Promise<Outcome<Duplex>> {
  return new Promise((resolve) => {
    const failed = (error: SshError) => {
      const detail = clean(error.message);
      const trouble: Trouble =
        error.reason === undefined
          ? { kind: "connection-lost", detail }
          : (refusal?.(error) ?? { kind: "bad-answer", from: text`sshd`, detail });
      resolve(bad(trouble));
    };
    try {
      open(client, (error, channel) => {
        if (error) return failed(error);
        const socket = new ChannelSocket(channel);
        track(socket);
        resolve(good(socket));
      });
    } catch (error) {
      failed(error as SshError);
    }
  });
}
