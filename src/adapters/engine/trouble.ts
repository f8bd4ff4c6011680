import { z } from "zod";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import { parseJson } from "../answer.ts";
import { TroubleError } from "../dialed-agent.ts";

/** What Node's http, the socket and docker-modem throw, as far as it is read here. */
const thrown = z.object({ code: z.string().optional(), message: z.string().optional() });
/** The body of every refusal (Docker Engine API, ErrorResponse); engines before 1.13 wrote bare text. */
const refused = z.object({ message: z.string() });

/** Where the engine is asked, for messages. */
export interface Asked {
  /** "node103: GET /containers/json" */
  from: SafeText;
  user: SafeText;
}

const socketPath = text`/var/run/docker.sock`;

/** What an error of the Docker libraries means; the last place where they are understood. */
export function troubleOf(error: unknown, asked: Asked): Trouble {
  if (error instanceof TroubleError) return error.trouble;
  const parsed = thrown.safeParse(error);
  if (!parsed.success) return { kind: "connection-lost", detail: clean(String(error)) };
  const { code, message = "" } = parsed.data;
  switch (code) {
    case "ECONNREFUSED":
      return { kind: "docker-stopped", detail: text`nothing listens on ${socketPath}` };
    case "EACCES":
    case "EPERM":
      return { kind: "docker-permission", user: asked.user, path: socketPath };
    case "ENOENT":
      return { kind: "docker-socket-missing", path: socketPath };
    case "ECONNRESET":
    case "EPIPE":
      return { kind: "connection-lost", detail: text`the connection was closed before the answer was complete` };
    case "ABORT_ERR":
      return { kind: "cancelled" };
  }
  // HPE_*: the parser of node:http met something that is not HTTP.
  if (code?.startsWith("HPE_")) return { kind: "bad-answer", from: asked.from, detail: clean(message) };
  return { kind: "connection-lost", detail: clean(message === "" ? (code ?? "no reason given") : message) };
}

/** The engine's refusal in its own words. */
export function refusal(status: number, body: string): Trouble {
  const json = parseJson(body, text`the engine`);
  const known = refused.safeParse(json.ok ? json.value : undefined);
  const said = (known.success ? known.data.message : body).trim();
  return { kind: "engine-refused", status, detail: said === "" ? text`no reason given` : clean(said) };
}
