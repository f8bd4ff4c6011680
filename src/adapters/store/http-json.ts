import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { clean, type SafeText } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import { parseJson } from "../answer.ts";
import { withDeadline } from "../deadline.ts";
import { DialedAgent, TroubleError } from "../dialed-agent.ts";
import { readBody } from "../http-body.ts";

/** An answer whatever its status; `body` is undefined when it is not JSON. */
export interface JsonAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  body: unknown;
  latencyMs: number;
}

/** Asks one HTTP server for JSON, over connections that `dial` makes. */
export class HttpJson {
  readonly #agent: DialedAgent;
  readonly #clock: Clock;
  readonly #from: SafeText;

  /** `from` names the server in messages: "etcd at node103:2379". */
  constructor(dial: (signal: AbortSignal) => Promise<Outcome<Duplex>>, clock: Clock, from: SafeText) {
    this.#agent = new DialedAgent(dial, { keepAlive: true, maxFreeSockets: 2 });
    this.#clock = clock;
    this.#from = from;
  }

  get(path: string, within: Deadline): Promise<Outcome<JsonAnswer>> {
    return withDeadline(this.#clock, within, this.#from, async (signal) => {
      const start = performance.now();
      const answer = await this.#ask(path, signal);
      if (!answer.ok) return answer;
      const body = await readBody(answer.value, this.#from, troubleOf);
      if (!body.ok) return body;
      const json = parseJson(body.value, this.#from);
      return good({
        status: answer.value.statusCode ?? 0,
        headers: answer.value.headers,
        body: json.ok ? json.value : undefined,
        latencyMs: performance.now() - start,
      });
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(path: string, signal: AbortSignal): Promise<Outcome<IncomingMessage>> {
    return new Promise((resolve) => {
      // host and port only fill the Host header.
      request({ agent: this.#agent, host: "localhost", path, signal })
        .once("response", (answer) => resolve(good(answer)))
        .on("error", (error) => resolve(bad(troubleOf(error))))
        .end();
    });
  }
}

function troubleOf(error: Error): Trouble {
  if (error instanceof TroubleError) return error.trouble;
  return { kind: "connection-lost", detail: clean(error.message) };
}
