/** Work that can be done a piece at a time; what is done in between may be anything else. */
export type Pieces<T> = Generator<void, T, void>;

/** All of it at once. */
export function whole<T>(work: Pieces<T>): T {
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}
