import { Holder, type State } from "./state.ts";

/** Whether changes are refused. Asked by every service that changes something, never by the screen alone. */
export class ReadOnly {
  readonly #on: Holder<boolean>;
  readonly #locked: boolean;
  readonly state: State<boolean>;

  /** `locked`: by --read-only or `readOnly: true`, and then no key turns it off. */
  constructor(locked: boolean) {
    this.#locked = locked;
    this.#on = new Holder(locked);
    this.state = this.#on;
  }

  /** Turns it on or off; "locked" when it was demanded for the whole run. */
  toggle(): "on" | "off" | "locked" {
    if (this.#locked) return "locked";
    this.#on.set(!this.#on.get());
    return this.#on.get() ? "on" : "off";
  }
}
