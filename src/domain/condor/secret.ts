/**
 * The pool's secret as it stands in a member's file, base64. It travels to members and to nowhere else: printing, logging
 * or turning it to JSON shows nothing of it.
 */
export class PoolSecret {
  readonly #base64: string;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** For the one who writes it into a member. */
  reveal(): string {
    return this.#base64;
  }

  toString(): string {
    return "(the pool's secret)";
  }
}

/** Where every member has it; a file of our own beside HTCondor's, so that no key of anybody else is touched. */
export const secretFile = "/etc/condor/passwords.d/ovl-tui";
