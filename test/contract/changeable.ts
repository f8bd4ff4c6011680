import type { NodeControl } from "../../src/ports/node-control.ts";
import type { NodeAccess } from "../../src/ports/world.ts";

/** What changes the node. @throws Error where the side has nothing that can be changed */
export function controlOf({ control }: NodeAccess): NodeControl {
  if (control === undefined) throw new Error("nodes of this side cannot be changed");
  return control;
}
