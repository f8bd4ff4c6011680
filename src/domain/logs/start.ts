import type { Instant } from "../time.ts";

/** Seconds in the units that people write: 90s, 10m, 2h, 1d. */
const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Most lines that can be asked for at once. */
export const longestTail = 50_000;

/** Where a log is to begin: "500" lines back, or "10m", "2h", "1d" ago. Undefined when it says neither. */
export function parseStart(raw: string, now: Instant): { tail: number } | { since: string } | undefined {
  const [, count = "", unit] = /^\s*(\d{1,6})\s*([smhd]?)\s*$/.exec(raw) ?? [];
  if (count === "") return undefined;
  if (unit === "" || unit === undefined) return { tail: Math.min(longestTail, Number(count)) };
  const seconds = Number(count) * units[unit as keyof typeof units];
  const at = new Date(Math.max(0, now - seconds * 1000)).toISOString();
  return { since: `${at.slice(0, 23)}000000Z` };
}
