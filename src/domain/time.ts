import { type SafeText, text } from "./text.ts";

/** Milliseconds since 1970-01-01 UTC, by the operator's clock. */
export type Instant = number;

/** `milliseconds` as one short unit: "3s", "4m", "2h", "12d". Negative counts as none. */
export function age(milliseconds: number): SafeText {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return text`${seconds}s`;
  if (seconds < 3600) return text`${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return text`${Math.floor(seconds / 3600)}h`;
  return text`${Math.floor(seconds / 86_400)}d`;
}
