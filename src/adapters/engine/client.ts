import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { Subscription } from "../../ports/engine.ts";
import { parseJson } from "../answer.ts";
import { withDeadline } from "../deadline.ts";
import { DialedAgent } from "../dialed-agent.ts";
import { readBody } from "../http-body.ts";
import type { Transport } from "../transport.ts";
import { negotiate } from "./api-version.ts";
import { JsonLines } from "./json-lines.ts";
import { type Asked, refusal, troubleOf } from "./trouble.ts";

/** Query of a request; objects travel as JSON (filters). */
export type Query = Readonly<Record<string, string | boolean | Readonly<Record<string, readonly string[]>>>>;

/** A stream's listener. `ended` comes once, and nothing after it. */
export interface LineListener {
  opened(): void;
  line(line: string): void;
  ended(trouble: Trouble): void;
}

const negotiationMs = 10_000;
/** For the first byte of a stream's answer; what comes after may take as long as it likes. */
const openingMs = 15_000;

/** docker-modem's way to make a request, which dockerode hands out untyped. With `isStream` the answer itself comes back. */
interface Modem {
  dial(
    request: {
      method: "GET";
      /** With a "?" at its end, to which `options` are added. */
      path: string;
      options: Query;
      isStream: true;
      statusCodes: Readonly<Record<string, true>>;
      abortSignal: AbortSignal;
    },
    done: (error: unknown, answer: IncomingMessage | null) => void,
  ): void;
}

/** Every status is "good" to docker-modem: refusals are read here too, with the same care for length and for cut answers. */
const statusCodes = Object.fromEntries(Array.from({ length: 500 }, (_, code) => [100 + code, true as const]));

/**
 * The Docker API of one node, as far as reading goes. Bodies are read here and not by docker-modem, whose promises
 * never settle when an answer is cut after its headers.
 */
export class EngineClient {
  readonly node: NodeName;
  readonly #transport: Transport;
  readonly #clock: Clock;
  /** Streams have an agent of their own, so that they cannot starve requests. */
  readonly #requests: DialedAgent;
  readonly #streams: DialedAgent;
  #modems: Promise<{ requests: Modem; streams: Modem }> | undefined;
  #version: Promise<Outcome<SafeText>> | undefined;

  constructor(transport: Transport, node: NodeName, clock: Clock) {
    this.node = node;
    this.#transport = transport;
    this.#clock = clock;
    const dial =
      (use: "request" | "stream") =>
      (signal: AbortSignal): Promise<Outcome<Duplex>> =>
        transport.dialDocker(signal, use);
    this.#requests = new DialedAgent(dial("request"), { keepAlive: true, maxSockets: 8, maxFreeSockets: 2 });
    this.#streams = new DialedAgent(dial("stream"), { keepAlive: false });
  }

  /** The API version spoken with this engine; `anew` asks even when it is known. Not a version: `api-too-old`, `bad-answer`. */
  version(anew: boolean): Promise<Outcome<SafeText>> {
    if (this.#version !== undefined && !anew) return this.#version;
    const asked = this.#asked("/_ping");
    // Shared by all callers, so it has a deadline of its own and obeys none of theirs.
    const version = withDeadline(this.#clock, { ms: negotiationMs }, asked.from, async (signal) => {
      const answer = await this.#open("requests", "/_ping", {}, asked, signal);
      if (!answer.ok) return answer;
      const body = await bodyOf(answer.value, asked);
      if (!body.ok) return body;
      const header = answer.value.headers["api-version"];
      return negotiate(Array.isArray(header) ? header[0] : header, asked.from);
    });
    this.#version = version;
    version.then((outcome) => {
      if (!outcome.ok && this.#version === version) this.#version = undefined;
    });
    return version;
  }

  /** `GET /_ping`; the round trip in ms. */
  ping(within: Deadline): Promise<Outcome<number>> {
    const asked = this.#asked("/_ping");
    return withDeadline(this.#clock, within, asked.from, async (signal) => {
      const start = performance.now();
      const answer = await this.#open("requests", "/_ping", {}, asked, signal);
      if (!answer.ok) return answer;
      const body = await bodyOf(answer.value, asked);
      return body.ok ? good(performance.now() - start) : body;
    });
  }

  /** `GET path` of the negotiated version, its body parsed as JSON. `path` has no version and no query. */
  get(path: string, query: Query, within: Deadline): Promise<Outcome<unknown>> {
    const asked = this.#asked(path);
    return withDeadline(this.#clock, within, asked.from, async (signal) => {
      const version = await this.version(false);
      if (!version.ok) return version;
      const answer = await this.#open("requests", `/v${version.value}${path}`, query, asked, signal);
      if (!answer.ok) return answer;
      const body = await bodyOf(answer.value, asked);
      return body.ok ? parseJson(body.value, asked.from) : body;
    });
  }

  /** `GET path`, an answer that goes on: one JSON document a line. Never paused: an unread channel holds megabytes. */
  lines(path: string, query: Query, listener: LineListener): Subscription {
    const asked = this.#asked(path);
    const controller = new AbortController();
    let over = false;
    const close = () => {
      over = true;
      controller.abort();
    };
    const end = (trouble: Trouble) => {
      if (over) return;
      close();
      listener.ended(trouble);
    };
    const opening = withDeadline(
      this.#clock,
      { ms: openingMs, signal: controller.signal },
      asked.from,
      async (signal) => {
        signal.addEventListener("abort", () => controller.abort(), { once: true });
        const version = await this.version(false);
        if (!version.ok) return version;
        return this.#open("streams", `/v${version.value}${path}`, query, asked, controller.signal);
      },
    );
    opening.then((answer) => {
      if (!answer.ok) return end(answer.trouble);
      if (over) return answer.value.destroy();
      readLines(answer.value, asked, { ...listener, ended: end }, () => over);
    });
    return { close };
  }

  /** Ends every socket; calls and streams under way fail. */
  close(): void {
    this.#requests.destroy();
    this.#streams.destroy();
  }

  /** The answer, once its status is 200; its body is the caller's to read. */
  async #open(
    use: "requests" | "streams",
    path: string,
    query: Query,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Outcome<IncomingMessage>> {
    this.#modems ??= this.#load();
    const modem = (await this.#modems)[use];
    if (signal.aborted) return bad({ kind: "cancelled" });
    const once = () =>
      new Promise<Outcome<IncomingMessage>>((resolve) => {
        modem.dial(
          { method: "GET", path: `${path}?`, options: query, isStream: true, statusCodes, abortSignal: signal },
          (error, answer) => resolve(answer === null ? bad(troubleOf(error, asked)) : good(answer)),
        );
      });
    const first = await once();
    // A kept channel may turn out to be closed (the engine was restarted) only when it is used; nothing was changed by then.
    const again = !first.ok && first.trouble.kind === "connection-lost" && use === "requests" && !signal.aborted;
    const answer = again ? await once() : first;
    if (!answer.ok || answer.value.statusCode === 200) return answer;
    const body = await bodyOf(answer.value, asked);
    return bad(body.ok ? refusal(answer.value.statusCode ?? 0, body.value) : body.trouble);
  }

  async #load(): Promise<{ requests: Modem; streams: Modem }> {
    // 100 ms of loading (gRPC comes with it): not before the first engine is there to be asked.
    const { default: Client } = await import("dockerode");
    return { requests: modemOf(Client, this.#requests), streams: modemOf(Client, this.#streams) };
  }

  #asked(path: string): Asked {
    // Paths are ours but for ids, which are hex digits.
    return { from: text`${this.node}: GET ${path as SafeText}`, user: this.#transport.user };
  }
}

/**
 * A client that speaks through `agent` and through nothing else. docker-modem mixes DOCKER_HOST, DOCKER_CERT_PATH and
 * their kin into whatever it is given, and throws on some; the operator's shell often has them set for another
 * purpose. So they are hidden while the client is made (which is synchronous) and stand again afterwards.
 */
function modemOf(Client: typeof Docker, agent: DialedAgent): Modem {
  const hidden = Object.entries(process.env).filter(([name]) => name.startsWith("DOCKER_"));
  for (const [name] of hidden) delete process.env[name];
  try {
    // host and port only fill the Host header. The types do not know of `agent`, docker-modem does.
    const options: Docker.DockerOptions & { agent: DialedAgent } = {
      protocol: "http",
      host: "localhost",
      port: 80,
      agent,
    };
    return new Client(options).modem as Modem;
  } finally {
    for (const [name, value] of hidden) process.env[name] = value;
  }
}

const bodyOf = (answer: IncomingMessage, asked: Asked): Promise<Outcome<string>> =>
  readBody(answer, asked.from, (error) => troubleOf(error, asked));

function readLines(answer: IncomingMessage, asked: Asked, listener: LineListener, over: () => boolean): void {
  const lines = new JsonLines(asked.from);
  listener.opened();
  answer.on("data", (chunk: Buffer) => {
    if (over()) return;
    const read = lines.read(chunk);
    if (!read.ok) return listener.ended(read.trouble);
    for (const line of read.value) {
      if (over()) return;
      listener.line(line);
    }
  });
  answer.once("end", () => {
    const detail = lines.rest === "" ? text`the engine ended the stream` : text`the stream was cut inside a line`;
    listener.ended({ kind: "connection-lost", detail });
  });
  answer.once("error", (error) => listener.ended(troubleOf(error, asked)));
  answer.once("close", () => listener.ended({ kind: "connection-lost", detail: text`the stream was cut short` }));
}
