import type { LockHolder } from "../src/domain/lock.ts";
import { text } from "../src/domain/text.ts";

/** A run of that name, as it says who it is when it takes a node's lock. */
export const run = (name: string): LockHolder => ({
  run: name,
  operator: text`operator@workstation`,
  machine: "0123",
  pid: 42,
  doing: text`apply`,
});
