import type { Usage } from "../../domain/engine.ts";
import type { ContainerId } from "../../domain/ids.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Trouble } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Subscription } from "../../ports/engine.ts";
import type { EngineClient } from "./client.ts";
import { type Cpu, readUsage } from "./usage.ts";

const roundEveryMs = 2_500;
/** The second sample gives the first CPU figure. */
const secondAfterMs = 1_000;
/** Engines answer at the next tick of their own second, and other requests want connections too. */
const atOnce = 2;
/** Before API 1.41 the engine takes two samples, a second apart, for one answer. */
const sampleMs = 10_000;

interface Followed {
  id: ContainerId;
  listener: { usage(usage: Usage): void; ended(trouble: Trouble): void };
  before: Cpu;
  taken: number;
}

/**
 * The use of containers asked for over and over, a few at a time, where a stream for each would take more
 * sessions than sshd allows.
 */
export class UsageSamples {
  readonly #client: EngineClient;
  readonly #clock: Clock;
  readonly #whence: (path: string) => SafeText;
  readonly #followed = new Set<Followed>();
  #cancelRound: (() => void) | undefined;
  #running = false;

  constructor(client: EngineClient, clock: Clock, whence: (path: string) => SafeText) {
    this.#client = client;
    this.#clock = clock;
    this.#whence = whence;
  }

  follow(id: ContainerId, listener: Followed["listener"]): Subscription {
    const one: Followed = { id, listener, before: undefined, taken: 0 };
    this.#followed.add(one);
    // All that are opened together share one round, which begins after the call has returned.
    if (!this.#running) this.#next(0);
    return { close: () => this.#leave(one) };
  }

  close(): void {
    for (const one of [...this.#followed]) this.#leave(one);
  }

  #leave(one: Followed): void {
    this.#followed.delete(one);
    if (this.#followed.size === 0) this.#cancelRound?.();
  }

  #next(ms: number): void {
    this.#cancelRound?.();
    this.#cancelRound = this.#clock.after(ms, () => void this.#round());
  }

  async #round(): Promise<void> {
    this.#running = true;
    const waiting = [...this.#followed];
    const worker = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await this.#sample(one);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    this.#running = false;
    if (this.#followed.size === 0) return;
    const isNew = [...this.#followed].some((one) => one.taken < 2);
    this.#next(isNew ? secondAfterMs : roundEveryMs);
  }

  async #sample(one: Followed): Promise<void> {
    if (!this.#followed.has(one)) return;
    const path = `/containers/${one.id}/stats`;
    const answer = await this.#client.get(path, { stream: false, "one-shot": true }, { ms: sampleMs });
    if (!this.#followed.has(one)) return;
    const read = answer.ok ? readUsage(answer.value, this.#whence(path), this.#clock.now(), one.before) : answer;
    if (read.ok) {
      one.before = read.value.cpu;
      one.taken++;
      one.listener.usage(read.value.usage);
    } else {
      this.#leave(one);
      one.listener.ended(read.trouble);
    }
  }
}
