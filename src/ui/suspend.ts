import { once } from "node:events";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import type { SuspendTerminal } from "ink";

/** A stop takes effect within this, or not at all, ms. */
const stopMs = 200;

/**
 * Gives the terminal back to the shell and stops, as ctrl-z does elsewhere; after `fg` the screen is drawn anew.
 * Under a parent that knows no job control the kernel discards the stop (POSIX, orphaned process groups): then the
 * screen comes back by itself.
 */
export function toShell(suspend: SuspendTerminal): Promise<void> {
  return suspend(async () => {
    await releaseStdin();
    const continued = once(process, "SIGCONT");
    // The whole job, as the terminal itself would: npm and its kind in front of us stop with us.
    process.kill(0, "SIGTSTP");
    await Promise.race([continued, wait(stopMs)]);
  });
}

/** Draws everything anew, for a terminal that something else wrote on. */
export const redraw = (suspend: SuspendTerminal): Promise<void> => suspend(() => undefined);

/**
 * Ends the read that Node has under way: pause() does nothing while a "readable" listener is there, and Node forgets
 * that one a turn after it was removed. Else the first key after this goes to us and not to the shell.
 */
async function releaseStdin(): Promise<void> {
  await turn();
  process.stdin.pause();
  await turn();
}
