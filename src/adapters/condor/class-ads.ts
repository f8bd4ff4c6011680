import { z } from "zod";
import type { SafeText } from "../../domain/text.ts";
import { clean } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { parseAnswer, parseJson } from "../answer.ts";

/*
 * Attributes of an ad as `-json` prints them (HTCondor manual, condor_status). An expression that could not be worked out
 * comes as a string "/Expr(…)/", and what an ad lacks is not there: both are undefined here.
 */
export const figure = z.number().optional().catch(undefined);
export const words = z
  .string()
  .optional()
  .catch(undefined)
  .transform((value) => (value === undefined || value === "" ? undefined : clean(value)));
export const yes = z.boolean().optional().catch(undefined);

/** `printed` is what came behind `-json`: with no ad at all some versions print nothing. */
export function parseAds<Ad extends z.ZodType>(ad: Ad, printed: string, from: SafeText): Outcome<z.output<Ad>[]> {
  if (printed.trim() === "") return good([]);
  const json = parseJson(printed, from);
  return json.ok ? parseAnswer(z.array(ad), json.value, from) : json;
}

/** Milliseconds from one time of an ad to another, both in seconds since 1970; never negative. */
export const since = (then: number | undefined, now: number): number | undefined =>
  then === undefined || then === 0 ? undefined : Math.max(0, now - then) * 1000;
