import { Agent, type AgentOptions, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import type { Outcome, Trouble } from "../domain/trouble.ts";

/** Carries a trouble through libraries that only know `Error`. */
export class TroubleError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.kind);
    this.name = "TroubleError";
    this.trouble = trouble;
  }
}

type Connected = (error: Error | null, socket: Duplex) => void;

/**
 * An `http.Agent` whose sockets come from `dial`, so that HTTP clients work over SSH channels.
 * A failed dial reaches the request as `TroubleError`. `destroy` ends every socket and every dial under way.
 */
export class DialedAgent extends Agent {
  readonly #dial: (signal: AbortSignal) => Promise<Outcome<Duplex>>;
  readonly #dialing = new Set<AbortController>();
  /** Also those in use: the ones that `Agent` lets go of (upgraded, detached) must not outlive it either. */
  readonly #open = new Set<Duplex>();
  #destroyed = false;

  constructor(dial: (signal: AbortSignal) => Promise<Outcome<Duplex>>, options: AgentOptions) {
    super(options);
    this.#dial = dial;
  }

  override createConnection(options: ClientRequestArgs, connected: Connected): undefined {
    const controller = new AbortController();
    const abort = () => controller.abort();
    this.#dialing.add(controller);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.signal?.aborted || this.#destroyed) abort();
    this.#dial(controller.signal)
      .finally(() => {
        this.#dialing.delete(controller);
        options.signal?.removeEventListener("abort", abort);
      })
      .then(
        (outcome) => {
          if (!outcome.ok) return fail(connected, new TroubleError(outcome.trouble));
          const socket = outcome.value;
          if (controller.signal.aborted) {
            socket.destroy();
            return fail(connected, new TroubleError({ kind: "cancelled" }));
          }
          this.#open.add(socket);
          socket.once("close", () => this.#open.delete(socket));
          connected(null, socket);
        },
        (error: Error) => fail(connected, error),
      );
  }

  override destroy(): void {
    this.#destroyed = true;
    for (const controller of this.#dialing) controller.abort();
    for (const socket of this.#open) socket.destroy();
    super.destroy();
  }

  /** docker-modem inspects its options, this agent and all its sockets included, on every request: 70 times slower without. */
  [inspect.custom](): string {
    return "[DialedAgent]";
  }
}

/** Node's own callback takes no socket with an error; its type demands one. */
function fail(connected: Connected, error: Error): void {
  (connected as (error: Error) => void)(error);
}
