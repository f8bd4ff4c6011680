import { describe, test } from "vitest";
import { labObstacle } from "./requirements.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why a test was skipped, for the closing lines of `npm test`. */
    why?: string;
  }
}

/**
 * A `describe` for tests that boot a lab. On a machine that cannot, one skipped test says why; with OVL_LAB_REQUIRED=1,
 * as in CI, it fails.
 */
export function onRealHosts(title: string, body: () => void): void {
  const obstacle = labObstacle();
  if (obstacle === undefined) {
    describe(title, body);
    return;
  }
  test(title, ({ task, skip }) => {
    if (process.env.OVL_LAB_REQUIRED === "1") throw new Error(obstacle);
    task.meta.why = obstacle;
    skip(obstacle);
  });
}
