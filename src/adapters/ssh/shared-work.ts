interface Running {
  result: Promise<unknown>;
  waiting: number;
  controller: AbortController;
}

/**
 * Work that is done once however many connections wait for it: a passphrase is asked for one time for ten nodes that
 * use the same key. It is given up (its signal aborts) when nobody waits any more.
 */
export class SharedWork {
  readonly #running = new Map<string, Running>();

  /** Joins the work of that name or begins it; undefined when `signal` ended the wait. */
  async join<T>(name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    const running = this.#running.get(name) ?? this.#begin(name, work);
    running.waiting++;
    try {
      return (await unlessAborted(running.result, signal)) as T | undefined;
    } finally {
      if (--running.waiting === 0) {
        running.controller.abort();
        if (this.#running.get(name) === running) this.#running.delete(name);
      }
    }
  }

  /** Resolves when no work of these names is under way, or `signal` aborts. */
  async quiet(names: readonly string[], signal: AbortSignal): Promise<void> {
    const results = names.flatMap((name) => this.#running.get(name)?.result ?? []);
    await unlessAborted(Promise.allSettled(results), signal);
  }

  #begin(name: string, work: (signal: AbortSignal) => Promise<unknown>): Running {
    const controller = new AbortController();
    const running: Running = { result: work(controller.signal), waiting: 0, controller };
    this.#running.set(name, running);
    const over = () => {
      if (this.#running.get(name) === running) this.#running.delete(name);
    };
    running.result.then(over, over);
    return running;
  }
}

/** What `promise` becomes, or undefined as soon as `signal` aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const left = () => resolve(undefined);
    signal.addEventListener("abort", left, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", left));
  });
}
