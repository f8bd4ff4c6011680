import type { EngineEvent } from "../domain/engine.ts";
import type { Clock } from "../ports/clock.ts";

/** How many events an engine remembers for those who ask with `since` (moby daemon/events/events.go, eventsLimit). */
export const eventsKept = 256;

/** `cut`: the stream broke. */
export interface EventListener {
  event(event: EngineEvent): void;
  cut(): void;
}

/** What one engine said happened: the last 256 events, and whoever listens. */
export class EventLog {
  readonly #clock: Clock;
  readonly #clockDifferenceMs: number;
  readonly #listeners = new Set<EventListener>();
  #toDrop = 0;
  #kept: { nano: bigint; event: EngineEvent }[] = [];
  #last = 0n;

  constructor(clock: Clock, clockDifferenceMs: number) {
    this.#clock = clock;
    this.#clockDifferenceMs = clockDifferenceMs;
  }

  /** Stamps the event with the engine's clock, later than every one before, and tells the listeners. */
  say(what: Omit<EngineEvent, "timeNano">): void {
    const now = BigInt(Math.floor(this.#clock.now() + this.#clockDifferenceMs)) * 1_000_000n;
    const nano = now > this.#last ? now : this.#last + 1n;
    this.#last = nano;
    const event = { ...what, timeNano: nano.toString() };
    this.#kept.push({ nano, event });
    if (this.#kept.length > eventsKept) this.#kept.shift();
    // An engine skips a listener that does not keep up, and says nothing of it (moby daemon/events/events.go).
    if (this.#toDrop > 0) {
      this.#toDrop--;
      return;
    }
    for (const listener of [...this.#listeners]) listener.event(event);
  }

  /** The next `count` events reach no listener; whoever asks with `since` still gets them. */
  drop(count: number): void {
    this.#toDrop = count;
  }

  /** Ends every listener's stream in the middle. */
  cut(): void {
    for (const listener of [...this.#listeners]) listener.cut();
  }

  /** The events remembered from `nano` on, that one included; none when undefined. */
  since(nano: string | undefined): EngineEvent[] {
    if (nano === undefined) return [];
    const from = BigInt(nano);
    return this.#kept.filter((one) => one.nano >= from).map((one) => one.event);
  }

  /** Every event from now on; the result ends it. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A new engine process remembers nothing of the old one. */
  forget(): void {
    this.#kept = [];
  }
}
