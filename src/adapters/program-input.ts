import type { Duplex } from "node:stream";

/** Sends bytes to a program: resolves once they may be followed by more, or nobody reads them any more. */
export function feed(program: Duplex, input: Uint8Array): Promise<void> {
  if (!program.writable) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      program.off("close", done);
      resolve();
    };
    program.once("close", done);
    program.write(input, done);
  });
}
