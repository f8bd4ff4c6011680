const firstMs = 1_000;
const longestMs = 60_000;
/** Nobody is helped by trying at once what failed just now. */
const shortestMs = 250;

/**
 * How long to wait after `failures` earlier ones in a row, ms. Full jitter, `chance` in [0, 1): nodes that were lost
 * together must not come back together (Brooker, "Exponential Backoff And Jitter").
 */
export function retryWaitMs(failures: number, chance: number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 16));
  return Math.max(shortestMs, Math.round(chance * ceiling));
}
