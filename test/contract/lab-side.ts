import type { Side } from "./arena.ts";

/** Real hosts, through the real adapters. */
export const labSide: Side = {
  name: "lab",
  unavailable: "the lab is not part of this version yet",
  open: async () => {
    throw new Error("the lab is not part of this version yet");
  },
};
