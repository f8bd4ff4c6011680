import type { SafeText } from "../domain/text.ts";
import { bad, type Trouble } from "../domain/trouble.ts";

/** An engine's refusal, in its own words, with the status that its API gives it. */
export const refused = (status: number, detail: SafeText): { ok: false; trouble: Trouble } =>
  bad({ kind: "engine-refused", status, detail });
