import { readdirSync, readFileSync } from "node:fs";

/** Between two looks, ms: what is asked for must run for longer. */
const everyMs = 250;

/**
 * Arguments and environments of every process of this machine while it looks, those in the lab's hosts and in their
 * containers included: they share its kernel.
 */
export class ProcessSamples {
  readonly #seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#look();
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Ends it; each text that was seen, once. */
  stop(): string[] {
    this.#look();
    clearInterval(this.#timer);
    return [...this.#seen];
  }

  #look(): void {
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      for (const file of ["cmdline", "environ"]) {
        try {
          this.#seen.add(readFileSync(`/proc/${pid}/${file}`, "latin1"));
        } catch {
          // It ended, or is the kernel's own.
        }
      }
    }
  }
}
