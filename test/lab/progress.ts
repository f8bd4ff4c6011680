import { statfsSync } from "node:fs";

/** Tells on stderr what is being done, how long it takes and what it adds to the disk; one line that moves on a terminal. */
export async function step<T>(what: string, place: string, work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const before = usedBytes(place);
  const words = () => {
    const megabytes = Math.max(0, Math.round((usedBytes(place) - before) / 1e6));
    return `${what}: ${((Date.now() - began) / 1000).toFixed(1)} s${megabytes > 1 ? `, ${megabytes} MB` : ""}`;
  };
  const moving = process.stderr.isTTY;
  if (!moving) process.stderr.write(`${what} …\n`);
  const timer = moving ? setInterval(() => process.stderr.write(`\r\x1b[K${words()}`), 250) : undefined;
  try {
    const result = await work();
    process.stderr.write(`${moving ? "\r\x1b[K" : ""}${words()}\n`);
    return result;
  } catch (error) {
    if (moving) process.stderr.write("\n");
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function usedBytes(place: string): number {
  const { bsize, blocks, bfree } = statfsSync(place);
  return bsize * (blocks - bfree);
}
