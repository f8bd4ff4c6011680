/** The wait before attempt `n` (from 0), ms: doubling from `first` to `most`, with a jitter of a quarter. `random` in [0, 1). */
export function backoff(n: number, first: number, most: number, random: number): number {
  const full = Math.min(most, first * 2 ** Math.min(n, 30));
  return full * (0.75 + random / 4);
}
