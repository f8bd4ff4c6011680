import type { TestContext } from "vitest";
import type { NodeControl } from "../../src/ports/node-control.ts";
import type { NodeAccess } from "../../src/ports/world.ts";

/** What changes the node; a test of a side whose nodes cannot be changed is skipped, and says so. */
export function controlOf(access: NodeAccess, context: TestContext): NodeControl {
  const { control } = access;
  const why = `nodes of this side cannot be changed`;
  if (control !== undefined) return control;
  Object.assign(context.task.meta, { why });
  return context.skip(why);
}
