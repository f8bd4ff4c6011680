import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import type { z } from "zod";
import type { NodeName } from "../../domain/ids.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { parseAnswer, parseJson } from "../answer.ts";
import { withDeadline } from "../deadline.ts";
import { DialedAgent } from "../dialed-agent.ts";
import { readBody } from "../http-body.ts";
import type { Transport } from "../transport.ts";
import { type Asked, refusal, troubleOf } from "./trouble.ts";

export interface Call {
  method: "GET" | "POST" | "DELETE";
  /** Without version and query. Ids and names in it are encoded already. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, at the engine's pace (`POST /images/load`). */
  upload?: AsyncIterable<Uint8Array>;
  /** Statuses that are good besides 2xx: 304 "it was so already", 404 of what was to go. */
  alsoGood?: readonly number[];
}

/**
 * Calls that change an engine. Written on node:http and not on docker-modem: that one holds a whole upload in memory,
 * follows redirects of changing requests and retries nothing that we could see. No call is sent a second time.
 */
export class EngineCalls {
  readonly node: NodeName;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #agent: DialedAgent;
  /** Those that are given over to us last: they must not take the place of requests. */
  readonly #hijacked: DialedAgent;
  readonly #version: () => Promise<Outcome<SafeText>>;

  /** `version`: the API version spoken with this engine. `use`: what its connections are for. */
  constructor(
    transport: Transport,
    node: NodeName,
    clock: Clock,
    version: () => Promise<Outcome<SafeText>>,
    use: "request" | "stream" = "request",
  ) {
    this.node = node;
    this.#transport = transport;
    this.#clock = clock;
    this.#version = version;
    // A kept socket may be dead, and only the next request would find out: whether that was carried out, nobody could say.
    this.#agent = new DialedAgent((signal) => transport.dialDocker(signal, use), { keepAlive: false });
    this.#hijacked = new DialedAgent((signal) => transport.dialDocker(signal, "stream"), { keepAlive: false });
  }

  /** The answer's body as text. */
  text(call: Call, within: Deadline): Promise<Outcome<string>> {
    return this.answer(call, within, async (answer, asked) =>
      readBody(answer, asked.from, (error) => troubleOf(error, asked)),
    );
  }

  /** The answer's body, which is JSON, as `schema` wants it; an empty one is undefined. */
  async json<Schema extends z.ZodType>(
    schema: Schema,
    call: Call,
    within: Deadline,
  ): Promise<Outcome<z.output<Schema>>> {
    const body = await this.text(call, within);
    if (!body.ok) return body;
    const { from } = this.asked(call);
    const raw = body.value.trim() === "" ? good(undefined) : parseJson(body.value, from);
    return raw.ok ? parseAnswer(schema, raw.value, from) : raw;
  }

  /** A call of which only the success matters. */
  async done(call: Call, within: Deadline): Promise<Outcome<void>> {
    const body = await this.text(call, within);
    return body.ok ? good(undefined) : body;
  }

  /** What `read` makes of a good answer; refusals are read here. The whole of it has `within`. */
  answer<T>(
    call: Call,
    within: Deadline,
    read: (answer: IncomingMessage, asked: Asked, signal: AbortSignal) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const asked = this.asked(call);
    return withDeadline(this.#clock, within, asked.from, async (signal) => {
      const opened = await this.open(call, signal);
      return opened.ok ? read(opened.value, asked, signal) : opened;
    });
  }

  /** The answer, once its status is good; its body is the caller's to read, and lives as long as `signal` lets it. */
  async open(call: Call, signal: AbortSignal): Promise<Outcome<IncomingMessage>> {
    const asked = this.asked(call);
    const sent = await this.#sent(call, signal);
    if (!sent.ok) return sent;
    const { statusCode: status = 0 } = sent.value;
    if ((status >= 200 && status < 300) || call.alsoGood?.includes(status)) return sent;
    const body = await readBody(sent.value, asked.from, (error) => troubleOf(error, asked));
    return bad(body.ok ? refusal(status, body.value) : body.trouble);
  }

  /** A connection that the engine gave over to us (`POST /exec/ID/start`): what it sent first is in front of it. */
  async hijack(call: Call, signal: AbortSignal): Promise<Outcome<Duplex>> {
    const sent = await this.#sent(call, signal, { Connection: "Upgrade", Upgrade: "tcp" }, this.#hijacked);
    if (!sent.ok) return sent;
    const asked = this.asked(call);
    if ("hijacked" in sent.value) return good(sent.value.hijacked as Duplex);
    const body = await readBody(sent.value, asked.from, (error) => troubleOf(error, asked));
    return bad(body.ok ? refusal(sent.value.statusCode ?? 0, body.value) : body.trouble);
  }

  asked({ method, path }: Pick<Call, "method" | "path">): Asked {
    return { from: text`${this.node}: ${clean(method)} ${clean(path)}`, user: this.#transport.user };
  }

  close(): void {
    this.#agent.destroy();
    this.#hijacked.destroy();
  }

  async #sent(
    call: Call,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
    agent: DialedAgent = this.#agent,
  ): Promise<Outcome<IncomingMessage>> {
    const version = await this.#version();
    if (!version.ok) return version;
    if (signal.aborted) return bad({ kind: "cancelled" });
    const query = new URLSearchParams(
      Object.entries(call.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const path = `/v${version.value}${call.path}${query.size === 0 ? "" : `?${query}`}`;
    const asked = this.asked(call);
    return new Promise((resolve) => {
      const { method, body, upload } = call;
      const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const sending = request({
        agent,
        host: "localhost",
        method,
        path,
        signal,
        headers: {
          ...(content === undefined ? {} : { "Content-Type": "application/json", "Content-Length": content.length }),
          ...(upload === undefined ? {} : { "Content-Type": "application/x-tar" }),
          ...headers,
        },
      });
      sending.once("response", (answer) => resolve(good(answer)));
      sending.once("upgrade", (answer, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve(good(Object.assign(answer, { hijacked: socket })));
      });
      sending.once("error", (error) => resolve(bad(troubleOf(error, asked))));
      if (upload === undefined) sending.end(content);
      else {
        uploaded(sending, upload).catch((error: Error) => {
          sending.destroy();
          resolve(bad(troubleOf(error, asked)));
        });
      }
    });
  }
}

/** Sends `content` no faster than the other side takes it. An answer that comes early (a refusal) ends the sending. */
async function uploaded(sending: ClientRequest, content: AsyncIterable<Uint8Array>): Promise<void> {
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    sending.once("close", end);
    sending.once("response", end);
    sending.once("error", end);
  });
  for await (const chunk of content) {
    if (over) return;
    if (!sending.write(chunk)) {
      await Promise.race([ended, new Promise<void>((resolve) => sending.once("drain", resolve))]);
    }
  }
  sending.end();
}
