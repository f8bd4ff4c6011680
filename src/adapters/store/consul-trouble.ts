import { z } from "zod";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import { TroubleError } from "../dialed-agent.ts";

/** What the Consul client throws (papi's errors.js), as far as it is read here. */
const thrown = z.object({
  message: z.string().optional(),
  isTimeout: z.boolean().optional(),
  isValidation: z.boolean().optional(),
  response: z.object({ statusCode: z.number(), body: z.unknown() }).optional(),
});

/** What an error of the Consul client means to the operator. */
export function consulTrouble(error: unknown, endpoint: SafeText, afterMs: number): Trouble {
  if (error instanceof TroubleError) return error.trouble;
  const from = text`Consul at ${endpoint}`;
  const parsed = thrown.safeParse(error);
  if (!parsed.success) return { kind: "connection-lost", detail: clean(String(error)) };
  const { message = "no reason given", isTimeout, isValidation, response } = parsed.data;
  if (isTimeout) return { kind: "timed-out", what: from, afterMs };
  if (response !== undefined && response.statusCode >= 300) {
    return { kind: "store-refused", from, detail: refusal(response.statusCode, response.body) };
  }
  if (isValidation) return { kind: "bad-answer", from, detail: clean(message) };
  return { kind: "connection-lost", detail: clean(message) };
}

function refusal(status: number, body: unknown): SafeText {
  const said = clean(
    Buffer.isBuffer(body) ? body.toString("utf8").trim() : typeof body === "string" ? body.trim() : "",
  );
  const what = said === "" ? text`HTTP status ${status}` : said;
  // What the other servers say between a leader's end and the next election (hashicorp/consul agent/pool/pool.go).
  if (said.startsWith("rpc error getting client:")) return text`its leader cannot be reached: ${said}`;
  // The program carries no token: https://developer.hashicorp.com/consul/docs/secure/acl
  return status === 403 ? text`${what} (it asks for an ACL token, and none is sent)` : what;
}
