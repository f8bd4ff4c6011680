import type { EngineEvent } from "../../domain/engine.ts";

/** dockerd replays at most 256 events (moby daemon/events/events.go eventsLimit); twice that is enough memory to know them again. */
const remembered = 512;

/**
 * Lets every event through once. `since` is inclusive and a reconnect replays, so the same event comes again;
 * the engine's own time, type, action and id together name it.
 */
export class EventFilter {
  readonly #seen = new Set<string>();
  #last: string | undefined;

  /** True the first time. */
  isNew(event: EngineEvent): boolean {
    const key = `${event.timeNano} ${event.type} ${event.action} ${event.id}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > remembered) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
    if (this.#last === undefined || later(event.timeNano, this.#last)) this.#last = event.timeNano;
    return true;
  }

  /** Where to resume: the newest event's time by the engine's clock; undefined before the first. */
  get since(): string | undefined {
    return this.#last;
  }
}

/** Decimal texts compare as numbers when the longer one is larger. */
const later = (a: string, b: string): boolean => (a.length === b.length ? a > b : a.length > b.length);
