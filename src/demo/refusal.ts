import type { SafeText } from "../domain/text.ts";
import { bad, type Outcome, type Trouble } from "../domain/trouble.ts";

/** An engine's refusal, in its own words, with the status that its API gives it. */
export const refused = (status: number, detail: SafeText): { ok: false; trouble: Trouble } =>
  bad({ kind: "engine-refused", status, detail });

/** Whether it was refused because there is no such thing. */
export const isNotFound = (outcome: Outcome<unknown>): boolean =>
  !outcome.ok && outcome.trouble.kind === "engine-refused" && outcome.trouble.status === 404;
