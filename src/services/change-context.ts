import type { NodeName } from "../domain/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { NodeAccess } from "../ports/world.ts";
import type { Audit } from "./audit.ts";
import type { ReadOnly } from "./read-only.ts";

/** What a change that an operator makes by a key needs of the rest of the program. */
export interface ChangeContext {
  access: ReadonlyMap<NodeName, NodeAccess>;
  readOnly: Pick<ReadOnly, "state">;
  audit: Audit;
  clock: Clock;
}
