/** A moment by the node's clock, ms, and how much later it may really have been: a `date` without %N counts in seconds. */
export interface NodeTime {
  ms: number;
  coarseMs: number;
}

/** What `date +%s%N` printed: seconds with nine digits of nanoseconds, or seconds alone (busybox without %N prints none, or "N"). */
export function nodeTime(printed: string): NodeTime {
  const digits = /^\d+/.exec(printed)?.[0] ?? "";
  if (digits.length > 15) return { ms: Number(digits.slice(0, -6)), coarseMs: 1 };
  return { ms: Number(digits) * 1000, coarseMs: 1000 };
}

/**
 * The node's clock minus ours, from two of our moments around two of the node's, and half of the time that was spent on
 * the way as its uncertainty: the true difference lies within. As NTP reckons it (RFC 5905, section 8).
 */
export function clockDifference(seen: { sent: number; began: NodeTime; ended: NodeTime; received: number }): {
  ms: number;
  uncertaintyMs: number;
} {
  const { sent, began, ended, received } = seen;
  const coarse = Math.max(began.coarseMs, ended.coarseMs);
  // The true difference is at least ended - received and at most began - sent, each shifted by what `date` left out.
  const least = ended.ms - received;
  const most = began.ms + coarse - sent;
  return { ms: Math.round((least + most) / 2), uncertaintyMs: Math.max(1, Math.ceil((most - least) / 2)) };
}
